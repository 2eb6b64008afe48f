"""The options that describe a question of law, and the facts that they come to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pycountry
import typer

import cli
from cli.exit_codes import ExitCode
from cli.output import stderr
from cli.policy_views import ruling_document
from cli.settings_option import settings_or_exit
from policies.corpus import parse_consent
from policies.documents import FaultyDocuments
from policies.facts import ADULT_YEARS, Consent, Facts, InstrumentKind, Signal
from policies.pack import PackSet
from policies.places import Place, UnknownPlace, find_place
from policies.ruling import Reason
from policies.verdicts import Authority, refuse
from policies.vocabulary import DataCategory, Jurisdiction, Purpose, Region
from region_node.regions import Regions, read_regions

REGIONS_FILE = Path("config") / "regions.toml"
_PLACE = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{1,3})?")

SubjectOption = Annotated[
    str, typer.Option(help="Where the person lives: an ISO 3166 country or subdivision, such as fr or us-ca.")
]
AgeOption = Annotated[
    int | None, typer.Option(min=0, max=ADULT_YEARS, help="Completed years; an adult is meant without it.")
]
PurposeOption = Annotated[Purpose, typer.Option(help="What the data is wanted for.")]
CategoryOption = Annotated[DataCategory, typer.Option(help="Which kind of data.")]
FromOption = Annotated[
    str, typer.Option("--from", help="Region that has the data (default: one that is the person's home).")
]
ToOption = Annotated[str, typer.Option("--to", help="Region that would get it (default: the same).")]
ConsentOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PURPOSE[:CATEGORY]", help="A valid consent; repeatable."),
]
GuardianOption = Annotated[bool, typer.Option("--guardian-consent", help="A guardian has agreed.")]
RegionsOption = Annotated[
    Path | None, typer.Option(help="Regions file (default: the node's, else config/regions.toml).")
]
InstrumentOption = Annotated[
    list[InstrumentKind] | None,
    typer.Option(help="A transfer instrument beside those of the regions file; repeatable."),
]
ObjectionOption = Annotated[
    list[Purpose] | None, typer.Option(help="The person has objected to it; repeatable.")
]
SignalOption = Annotated[list[Signal] | None, typer.Option(help="What the person's browser says.")]
RestrictedOption = Annotated[bool, typer.Option("--restricted", help="Processing is restricted.")]
RightsOption = Annotated[
    bool, typer.Option("--rights", help="The person asks, to use a right: access, export, erasure.")
]
AtOption = Annotated[
    str, typer.Option(metavar="DATE", help="Day of the ruling, or an instant in UTC (default: now).")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Of the options, those about the person and not about the data."""

    age: int | None
    consent: Sequence[str] = ()
    guardian_consent: bool = False
    instrument: Sequence[InstrumentKind] = ()
    objection: Sequence[Purpose] = ()
    signal: Sequence[Signal] = ()
    restricted: bool = False
    rights: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Who is asked about, from where and when; each purpose, category and destination is a question."""

    place: Place
    regions: Regions
    origin: Region
    day: date
    circumstances: Circumstances

    def facts(self, purpose: Purpose, category: DataCategory, destination: Region) -> Facts:
        person = self.circumstances
        named = frozenset(person.instrument)
        return Facts(
            jurisdiction=self.place.jurisdiction,
            overlay=self.place.overlay.country if self.place.overlay else "",
            age_years=ADULT_YEARS if person.age is None else person.age,
            purpose=purpose,
            category=category,
            destination_country=self.regions.place_of(destination, self.place.jurisdiction),
            at=self.day,
            consents=frozenset(map(consent_of, person.consent)),
            guardian_consent=person.guardian_consent,
            instruments=named | self.regions.kinds_between(self.origin, destination, self.day),
            objections=frozenset(person.objection),
            signals=frozenset(person.signal),
            restricted=person.restricted,
            rights=person.rights,
        )

    def is_home(self, region: Region) -> bool:
        """Whether *region* may hold the person's data."""
        return self.place.jurisdiction in self.regions.group_of(region).jurisdictions


def fail(text: str, status: ExitCode = ExitCode.USAGE) -> typer.Exit:
    """Say *text* on stderr; return what to raise."""
    stderr.print(text, markup=False, soft_wrap=True)
    return typer.Exit(status)


class NotServed(typer.Exit):
    """No pack has all the law of the place; `jurisdiction` is the one that has some of it, or empty."""

    def __init__(self, text: str, jurisdiction: str = "", pack_version: str = "") -> None:
        super().__init__(fail(text, ExitCode.NOT_FOUND).exit_code)
        self.jurisdiction = Jurisdiction(jurisdiction)
        self.pack_version = pack_version

    def document(self, at: date) -> dict[str, Any]:
        """The refusal as programs read it."""
        law = Authority(self.jurisdiction, "", self.pack_version)
        return ruling_document(refuse(law, Reason.NO_PACK), at)


def served(packs: PackSet, subject: str, regions: Regions) -> Place:
    """As `place_of`, for a question about a person: they must live where people are invited.

    Raises:
        typer.Exit: 2 for what is no code.
        NotServed: a place without a pack, or a state with law that no pack has and nobody answered for.
    """
    place = place_of(packs, subject)
    if not place.pack.needs_enabling:
        return place
    section = f"[enabled_subdivisions.{place.subdivision or f'{place.country}-XX'}] in the regions file"
    if place.subdivision is None:
        stderr.print(
            f"{place.name}: federal law alone; a state is served once somebody answers for it by {section}",
            markup=False,
            soft_wrap=True,
        )
    elif place.subdivision not in regions.enabled_subdivisions:
        raise NotServed(
            f"no pack has the state law of {place.subdivision}: nobody there is served. Give it a pack of "
            f"its own, or have somebody answer for it by {section} (signed_by, signed_on, reference)",
            place.jurisdiction,
            place.pack.version,
        )
    return place


@cache
def _subdivisions() -> frozenset[str]:
    return frozenset(one.code for one in pycountry.subdivisions)


def place_of(packs: PackSet, subject: str) -> Place:
    """Return the law of an ISO code or, where that leaves it open, of the jurisdiction that has it as id.

    Raises:
        typer.Exit: 2 for what is no code.
        NotServed: a place without a pack.
    """
    country, _, rest = subject.upper().partition("-")
    if not _PLACE.fullmatch(subject):
        raise fail(f"--subject: {subject!r} is no ISO 3166 country or subdivision, such as fr or us-ca")
    place = find_place(packs, country, subject.upper() if rest else None)
    if isinstance(place, Place):
        if place.subdivision and place.subdivision not in _subdivisions():
            raise fail(f"--subject: {country} has no subdivision {place.subdivision} in ISO 3166-2")
        return place
    pack = next((pack for name, pack in packs.by_jurisdiction.items() if name == subject.lower()), None)
    if pack is not None:
        return Place(country=country, subdivision=None, pack=pack, overlay=None)
    raise _no_pack(packs, subject, place)


def _no_pack(packs: PackSet, subject: str, place: UnknownPlace) -> NotServed:
    known = ", ".join(sorted(packs.by_jurisdiction))
    return NotServed(
        f"no pack covers {subject.upper()} ({place.why}): nobody there is served. Packs: {known}"
    )


def instant_of(at: str, now: datetime) -> tuple[date, datetime]:
    """Return the day of a ruling and the instant whose packs it is made from.

    A day alone stands for its last moment, today for now.
    """
    if not at:
        return now.date(), now
    try:
        if len(at) > len("2026-01-01"):
            instant = datetime.fromisoformat(at)
            instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
            return instant.astimezone(UTC).date(), instant
        day = date.fromisoformat(at)
    except ValueError:
        raise fail(f"--at: {at!r} is no date such as 2027-01-01") from None
    end = datetime.combine(day, time.max, UTC)
    return day, now if day == now.date() else end


def regions_of(path: Path | None, config: Path | None, packs: PackSet) -> Regions:
    """Read the regions file that was named, else the node's, else the example."""
    if path is None and config is not None:
        path = settings_or_exit(config).node.regions_file
    candidates = [path] if path else [REGIONS_FILE, Path(cli.__file__).parents[1] / REGIONS_FILE]
    found = next((one for one in candidates if one.is_file()), None)
    if found is None:
        raise fail(f"--regions: {candidates[0]} is not there; name the regions file of the deployment")
    try:
        return read_regions(found, packs)
    except FaultyDocuments as faulty:
        raise fail(str(faulty)) from None


def origin_of(regions: Regions, place: Place, origin: str) -> Region:
    """Return the region of that name or, without one, a region that may hold the person's data."""
    if origin:
        return region_of(regions, origin, "--from")
    home = regions.group_holding(place.jurisdiction)
    if home is None:
        law, known = place.jurisdiction, ", ".join(sorted(regions.regions))
        raise fail(
            f"--from: no region of the regions file may hold data of {law}. Name with --regions a file in "
            f'which one may: [groups.NAME] with jurisdictions = ["{law}"], and [regions.NAME] with group, '
            f'country = "{place.country}" and datacenter; or name with --from the region that has it, though '
            f"it is not home: one of {known}"
        )
    return regions.regions_of(home.name)[0].name


def region_of(regions: Regions, name: str, option: str) -> Region:
    found = next((known for known in regions.regions if known == name), None)
    if found is None:
        raise fail(f"{option}: there is no region {name!r}; known are {', '.join(sorted(regions.regions))}")
    return found


def consent_of(text: str) -> Consent:
    try:
        return parse_consent(text)
    except ValueError as error:
        purposes, categories = ", ".join(Purpose), ", ".join(DataCategory)
        raise fail(f"--consent: {error}; purposes are {purposes}; categories are {categories}") from None
