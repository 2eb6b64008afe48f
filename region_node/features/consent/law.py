"""What law says of each thing that a person can be asked for, by the engine that rules on reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from policies.consent import Circumstances, Lapse, is_joint, is_of_age, lapse_of, life_of
from policies.engine import Engine
from policies.facts import Facts, Signal
from policies.law import find_law
from policies.places import Place, UnknownPlace, find_place
from policies.ruling import Effect, Reason, Ruling
from policies.vocabulary import Jurisdiction
from region_node.features.consent.model import Draft, EntryState, Method
from region_node.features.consent.notices import Catalogue, Topic
from region_node.ids import jurisdiction_of
from region_node.rulings.circumstances import WEST_OF_ALL, Almanac, Question
from region_node.rulings.standing import GivenConsent, Standing

PASSES = frozenset({Effect.ALLOW, Effect.REDACT})


class Ground(StrEnum):
    """On what a purpose rests for a person. Values are shown to clients: add, never rename."""

    NO_CONSENT_NEEDED = "no-consent-needed"
    OPT_OUT = "opt-out"
    """Done until the person objects."""

    CONSENT = "consent"
    GUARDIAN = "guardian"
    """The person is too young to consent alone."""

    REFUSED = "refused"
    """The law allows it to nobody in this position, whoever consents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """Attributes:
    present: The ruling as things stand.
    asked: The ruling without any answer of the person, which says what the law wants.
    possible: The ruling if the person, or the guardian where one is needed, consented now.
    """

    ground: Ground
    present: Ruling
    asked: Ruling
    possible: Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """`current` gives the engine of the packs in force, which may change while the node runs."""

    current: Callable[[], Engine]
    notices: Catalogue

    @property
    def engine(self) -> Engine:
        return self.current()

    def place(self, standing: Standing) -> Place | None:
        """None where no pack knows the place any more: then nothing is allowed; saying no still counts."""
        found = find_place(self.engine.packs, standing.country, standing.subdivision)
        return None if isinstance(found, UnknownPlace) else found

    def circumstances(self, standing: Standing, at: datetime) -> Circumstances:
        place, today = self.place(standing), (at + WEST_OF_ALL).date()
        return Circumstances(
            at=at,
            of_age=place is not None and is_of_age(place, standing.birth_date, today),
            floors=self.notices.floors,
            joint=place is not None and is_joint(place),
        )

    def footing(self, standing: Standing, topic: Topic, at: datetime) -> Footing:
        """Return what the law says of *topic* for the person."""
        facts = self._facts(standing, topic, at)
        unasked = replace(
            facts,
            consents=facts.consents - {(topic.purpose, topic.category)},
            guardian_consent=False,
            objections=frozenset(),
            signals=frozenset(),
            restricted=False,
        )
        asked = self.engine.decide(unasked)
        possible = self.engine.decide(
            replace(
                facts,
                consents=facts.consents | {(topic.purpose, topic.category)},
                guardian_consent=asked.effect is Effect.NEEDS_GUARDIAN,
                objections=facts.objections - {topic.purpose},
            )
        )
        ground = _ground(asked, possible)
        return Footing(ground=ground, present=self.engine.decide(facts), asked=asked, possible=possible)

    def honours(self, standing: Standing, signal: Signal) -> bool:
        """Whether a rule there heeds *signal*."""
        place = self.place(standing)
        if place is None:
            return False
        law = find_law(self.engine.packs, place.jurisdiction, place.overlay.country if place.overlay else "")
        return law is not None and any(rule.when.signal is signal for rule in law.rules)

    def expiry(self, standing: Standing, topic: Topic, at: datetime) -> datetime | None:
        """When a consent given at *at* ends; None for one without end."""
        life = life_of(Jurisdiction(jurisdiction_of(standing.person_id)), topic.purpose)
        return at + life.lasts if life.lasts else None

    def due(self, standing: Standing, at: datetime) -> Sequence[Draft]:
        """What ends by itself by *at*, to be recorded before anything else is."""
        now = self.circumstances(standing, at)
        lapsed = [(given, lapse_of(given, now)) for given in standing.consents]
        drafts = [_ending(given, lapse) for given, lapse in lapsed if lapse]
        if standing.guardian_id and now.of_age:
            drafts.append(Draft(state=EntryState.GUARDIAN_ENDED, method=Method.SYSTEM))
        return drafts

    def _facts(self, standing: Standing, topic: Topic, at: datetime) -> Facts:
        """As the gate has them when it rules on a read."""
        almanac = Almanac(clock=lambda: at, floors=lambda: self.notices.floors)
        person = almanac.person(standing, self.engine.packs)
        return person.facts(Question(purpose=topic.purpose, category=topic.category or topic.judged_by))


def _ground(asked: Ruling, possible: Ruling) -> Ground:
    if asked.effect in PASSES:
        return Ground.OPT_OUT if Reason.NO_CONSENT_ASKED in asked.reasons else Ground.NO_CONSENT_NEEDED
    if asked.effect is Effect.NEEDS_GUARDIAN:
        return Ground.GUARDIAN
    return (
        Ground.CONSENT
        if asked.effect is Effect.NEEDS_CONSENT or possible.effect in PASSES
        else Ground.REFUSED
    )


_ENDINGS = {
    Lapse.EXPIRED: EntryState.EXPIRED,
    Lapse.SUPERSEDED: EntryState.SUPERSEDED,
    Lapse.CAME_OF_AGE: EntryState.CAME_OF_AGE,
}


def _ending(given: GivenConsent, lapse: Lapse) -> Draft:
    return Draft(
        state=_ENDINGS[lapse],
        method=Method.SYSTEM,
        purpose=given.purpose,
        category=given.category,
        recipient=given.recipient or "",
        notice=given.notice,
        details={"given_by": Method.GUARDIAN.value if given.by_guardian else "person"},
    )
