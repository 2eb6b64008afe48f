"""From a standing to the facts of a ruling: what of a person counts at a moment, and until when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from policies.ages import age_in_years
from policies.consent import Circumstances, is_joint, is_of_age, valid
from policies.facts import ADULT_YEARS, HOME, SAMPLE_CHANNELS, Consent, Facts, InstrumentKind, Signal
from policies.pack import PackSet
from policies.places import Place, find_place
from policies.vocabulary import DataCategory, Jurisdiction, Purpose
from region_node.rulings.standing import GivenConsent, Standing

UNKNOWN = "unknown"
WEST_OF_ALL = timedelta(hours=-12)
"""Days and ages count on the date of the westernmost place: never a day too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted; `recipient` is who would get it, where consents name recipients."""

    purpose: Purpose
    category: DataCategory
    destination: str = HOME
    channels: frozenset[DataCategory] = SAMPLE_CHANNELS
    instruments: frozenset[InstrumentKind] = frozenset()
    recipient: str | None = None
    rights: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person on one date; `until` is the first moment at which something of it may be different."""

    jurisdiction: Jurisdiction
    overlay: str
    age_years: int
    at: date
    until: datetime
    consents: tuple[GivenConsent, ...] = ()
    objections: frozenset[Purpose] = frozenset()
    signals: frozenset[Signal] = frozenset()
    restricted: bool = False

    def facts(self, question: Question) -> Facts:
        counted = [given for given in self.consents if given.recipient in {None, question.recipient}]
        return Facts(
            jurisdiction=self.jurisdiction,
            overlay=self.overlay,
            age_years=self.age_years,
            purpose=question.purpose,
            category=question.category,
            destination_country=question.destination,
            at=self.at,
            consents=frozenset(_consent(given) for given in counted),
            guardian_consent=any(g.by_guardian and g.purpose is question.purpose for g in counted),
            instruments=question.instruments,
            objections=self.objections,
            signals=self.signals,
            channels=question.channels,
            restricted=self.restricted,
            rights=question.rights,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Almanac:
    """What everybody's facts rest on; `floors` gives the oldest version of each notice that still counts."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    floors: Callable[[], Mapping[str, int]] = field(default=dict)

    def person(self, standing: Standing, packs: PackSet) -> Person:
        now = self.clock()
        today = (now + WEST_OF_ALL).date()
        place = find_place(packs, standing.country, standing.subdivision)
        if isinstance(place, Place):
            jurisdiction, overlay = place.jurisdiction, place.overlay.country if place.overlay else ""
            of_age = is_of_age(place, standing.birth_date, today)
        else:  # nothing is allowed under a law that nobody knows
            jurisdiction, overlay, of_age = Jurisdiction(UNKNOWN), UNKNOWN, False
        joint = isinstance(place, Place) and is_joint(place)
        circumstances = Circumstances(at=now, of_age=of_age, floors=self.floors(), joint=joint)
        ends = [given.expires_at for given in standing.consents if given.expires_at]
        return Person(
            jurisdiction=jurisdiction,
            overlay=overlay,
            age_years=age_in_years(standing.birth_date, today),
            at=today,
            until=min([_tomorrow(today), *(end for end in ends if end > now)]),
            consents=tuple(valid(standing.consents, circumstances)),
            objections=frozenset(standing.objections),
            signals=frozenset(Signal(signal) for signal in standing.signals),
            restricted=standing.restricted,
        )

    def anybody(self, jurisdiction: str) -> Person:
        """Somebody of whom nothing is known: rulings on a person's own rights depend on no more."""
        today = (self.clock() + WEST_OF_ALL).date()
        law = Jurisdiction(jurisdiction)
        return Person(jurisdiction=law, overlay="", age_years=ADULT_YEARS, at=today, until=_tomorrow(today))


def _consent(given: GivenConsent) -> Consent:
    return (given.purpose, given.category)


def _tomorrow(today: date) -> datetime:
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
    return midnight - WEST_OF_ALL
