"""Which regions there are and whose data each may hold, from ``config/regions.toml``.

Policies get this as a fact. Every mistake of the file is reported at once, with its path in the file.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from policies.documents import Reading, Table
from policies.facts import HOME, InstrumentKind
from policies.pack import PackSet
from policies.signup import SignOff
from policies.vocabulary import (
    Jurisdiction,
    Region,
    ResidencyClass,
    ResidencyGroup,
    parse_region,
    parse_residency_group,
)

Name = TypeVar("Name", Region, ResidencyGroup)

_COUNTRY = re.compile(r"[A-Z]{2}")
_DATACENTER = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A residency group: one Cassandra cluster, a datacenter for each of its regions."""

    name: ResidencyGroup
    jurisdictions: frozenset[Jurisdiction]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFacts:
    name: Region
    group: ResidencyGroup
    country: str
    """ISO 3166 code of the country that the region stands in."""

    datacenter: str
    """Its name in Cassandra, in exact case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What was signed or filed so that data may leave one region for another."""

    origin: Region
    destination: Region
    kind: InstrumentKind
    reference: str
    """Where the paper is found."""

    valid_until: date
    """Its last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regions:
    """All regions and groups of a deployment."""

    regions: Mapping[Region, RegionFacts]
    groups: Mapping[ResidencyGroup, Group]
    enabled_subdivisions: Mapping[str, SignOff]
    instruments: tuple[Instrument, ...] = ()
    active: Mapping[Jurisdiction, Region] = field(default_factory=dict)
    """The region that takes the writes of each jurisdiction that is held."""

    @property
    def held_jurisdictions(self) -> frozenset[Jurisdiction]:
        """Those that some group of this deployment may hold."""
        return frozenset().union(*(group.jurisdictions for group in self.groups.values()))

    def group_of(self, region: Region) -> Group:
        """Raises KeyError for a region that the file does not name."""
        return self.groups[self.regions[region].group]

    def regions_of(self, group: ResidencyGroup) -> tuple[RegionFacts, ...]:
        return tuple(facts for facts in self.regions.values() if facts.group == group)

    def group_holding(self, jurisdiction: Jurisdiction) -> Group | None:
        return next((group for group in self.groups.values() if jurisdiction in group.jurisdictions), None)

    def place_of(self, destination: Region, jurisdiction: Jurisdiction) -> str:
        """Return the country that *destination* stands on, or `HOME` where its group may hold *jurisdiction*.

        Raises KeyError for a region that the file does not name.
        """
        at_home = jurisdiction in self.group_of(destination).jurisdictions
        return HOME if at_home else self.regions[destination].country

    def kinds_between(self, origin: Region, destination: Region, at: date) -> frozenset[InstrumentKind]:
        """Return the kinds of the instruments that are in force on *at*, their last day included."""
        return frozenset(
            instrument.kind
            for instrument in self.instruments
            if (instrument.origin, instrument.destination) == (origin, destination)
            and at <= instrument.valid_until
        )


def read_regions(path: Path, packs: PackSet) -> Regions:
    """Read the file that the settings name.

    Raises:
        FaultyDocuments: Names every mistake.
        OSError: The file cannot be read.
    """
    return load_regions(path.name, path.read_text("utf-8"), packs)


def load_regions(file: str, text: str, packs: PackSet) -> Regions:
    """Check *text*; *file* is its name in messages. Raises FaultyDocuments."""
    reading = Reading()
    table = reading.document(file, text)
    groups = dict(_group(name, entry, packs) for name, entry in table.named_tables("groups"))
    regions = dict(_region(name, entry, groups) for name, entry in table.named_tables("regions"))
    enabled = {
        code: _sign_off(code, entry, packs) for code, entry in table.named_tables("enabled_subdivisions")
    }
    instruments = tuple(_instrument(entry, regions) for entry in table.tables("instruments"))
    _check_together(table, groups, regions)
    _check_strict(table, groups, regions, packs)
    active = dict(_active(table, groups, regions))
    table.close()
    reading.finish()
    return Regions(
        regions=MappingProxyType(regions),
        groups=MappingProxyType(groups),
        enabled_subdivisions=MappingProxyType(enabled),
        instruments=instruments,
        active=MappingProxyType(active),
    )


def _group(name: str, entry: Table, packs: PackSet) -> tuple[ResidencyGroup, Group]:
    jurisdictions = entry.texts("jurisdictions")
    if entry.has("jurisdictions") and not jurisdictions:
        entry.fault("jurisdictions", "is empty")
    for code in jurisdictions:
        if code not in packs.by_jurisdiction:
            entry.fault("jurisdictions", f"names {code!r}, for which there is no pack")
    entry.close()
    group = _named(parse_residency_group, name, entry)
    held = frozenset(code for code in packs.by_jurisdiction if code in jurisdictions)
    return group, Group(name=group, jurisdictions=held)


def _region(name: str, entry: Table, groups: Mapping[ResidencyGroup, Group]) -> tuple[Region, RegionFacts]:
    group = entry.text("group")
    if group and group not in groups:
        entry.fault("group", f"is {group!r}, which is not among the groups")
    country = entry.text("country")
    if country and not _COUNTRY.fullmatch(country):
        entry.fault("country", f"is {country!r}, not an ISO 3166 code in capitals")
    datacenter = entry.text("datacenter")
    if datacenter and not _DATACENTER.fullmatch(datacenter):
        entry.fault("datacenter", "is not a name of letters, digits, - and _")
    entry.close()
    region = _named(parse_region, name, entry)
    known = next((found for found in groups if found == group), ResidencyGroup("unknown"))
    return region, RegionFacts(name=region, group=known, country=country, datacenter=datacenter)


def _sign_off(code: str, entry: Table, packs: PackSet) -> SignOff:
    pack = packs.by_subdivision.get(code)
    if pack is None or not pack.needs_enabling:
        entry.fault("", "is no subdivision that needs to be enabled")
    signed_on = entry.day("signed_on")
    if not entry.has("signed_on"):
        entry.fault("signed_on", "is missing")
    sign_off = SignOff(
        signed_by=entry.text("signed_by"), signed_on=signed_on or date.min, reference=entry.text("reference")
    )
    entry.close()
    return sign_off


def _instrument(entry: Table, regions: Mapping[Region, RegionFacts]) -> Instrument:
    origin, destination = entry.text("origin"), entry.text("destination")
    for key, name in (("origin", origin), ("destination", destination)):
        if name and name not in regions:
            entry.fault(key, f"is {name!r}, which is not among the regions")
    ends = [facts for facts in regions.values() if facts.name in {origin, destination}]
    if len({facts.group for facts in ends}) == 1 and {origin, destination} <= regions.keys():
        entry.fault("destination", f"is {destination!r}, in the same group: nothing leaves there")
    if not entry.has("valid_until"):
        entry.fault("valid_until", "is missing")
    instrument = Instrument(
        origin=Region(origin),
        destination=Region(destination),
        kind=entry.choice("kind", InstrumentKind),
        reference=entry.text("reference"),
        valid_until=entry.day("valid_until") or date.min,
    )
    entry.close()
    return instrument


def _active(
    table: Table, groups: Mapping[ResidencyGroup, Group], regions: Mapping[Region, RegionFacts]
) -> Iterator[tuple[Jurisdiction, Region]]:
    """Yield who takes the writes of each jurisdiction: who is named, else the only region of its group."""
    named = table.table("active", optional=True)
    for group in groups.values():
        own = [facts.name for facts in regions.values() if facts.group == group.name]
        for code in sorted(group.jurisdictions):
            if named.has(code):
                region = Region(named.text(code))
                if region not in own:
                    named.fault(code, f"is {region!r}, which is no region of {group.name}")
                yield code, region
            elif len(own) == 1:
                yield code, own[0]
            elif own:
                table.fault(f"active.{code}", f"is missing: {group.name} has {len(own)} regions")
    named.close()


def _named(parse: Callable[[str], Name], name: str, entry: Table) -> Name:
    try:
        return parse(name)
    except ValueError:
        entry.fault("", "is not a name of lower-case letters, digits and single hyphens")
        return parse("unknown")


def _check_together(
    table: Table, groups: Mapping[ResidencyGroup, Group], regions: Mapping[Region, RegionFacts]
) -> None:
    """A jurisdiction is held by one group, a datacenter is one region's, and no group is without a region."""
    if not regions:
        table.fault("regions", "names no region")
    holder: dict[Jurisdiction, ResidencyGroup] = {}
    for group in groups.values():
        for code in sorted(group.jurisdictions):
            if code in holder:
                table.fault(f"groups.{group.name}", f"holds {code!r}, as {holder[code]} does")
            holder[code] = group.name
        if not any(facts.group == group.name for facts in regions.values()):
            table.fault(f"groups.{group.name}", "has no region")
    seen: dict[tuple[str, str], Region] = {}
    for facts in regions.values():
        other = seen.setdefault((facts.group, facts.datacenter), facts.name)
        if other != facts.name:
            table.fault(f"regions.{facts.name}.datacenter", f"is that of {other}")


def _check_strict(
    table: Table,
    groups: Mapping[ResidencyGroup, Group],
    regions: Mapping[Region, RegionFacts],
    packs: PackSet,
) -> None:
    """A jurisdiction that binds data to its own soil is held by no group that stands elsewhere too."""
    for facts in regions.values():
        held = groups[facts.group].jurisdictions if facts.group in groups else frozenset()
        for code in sorted(held):
            pack = packs.by_jurisdiction[code]
            if (
                pack.residency.residency_class is ResidencyClass.STRICT
                and facts.country not in pack.countries
            ):
                table.fault(
                    f"regions.{facts.name}.country",
                    f"is {facts.country}, but its group holds {code!r}, whose data must stay in the country"
                    f" ({pack.residency.source.ref})",
                )
