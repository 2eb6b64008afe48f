"""What may leave for a region: rulings on each field, by what the ledger says at the moment of asking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from federation.catalogue import EventType
from federation.egress_ports import Ground
from federation.outgoing import Person, Terms
from policies.facts import HOME, InstrumentKind
from policies.ruling import Reason, Ruling
from policies.vocabulary import DataCategory, Jurisdiction, LegalBasis, Region
from region_node.ids import jurisdiction_of
from region_node.regions import Regions
from region_node.rulings.circumstances import Question
from region_node.rulings.gate import Asked, Gate

_BASES = {
    Reason.CONSENT_GIVEN: LegalBasis.CONSENT,
    Reason.CONTRACT: LegalBasis.CONTRACT,
    Reason.LEGAL_OBLIGATION: LegalBasis.LEGAL_OBLIGATION,
    Reason.LEGITIMATE_INTEREST: LegalBasis.LEGITIMATE_INTEREST,
    Reason.NO_CONSENT_ASKED: LegalBasis.LEGITIMATE_INTEREST,
}
"""In the order in which one is named where several apply: what the person can take back comes first."""

Where = tuple[str, frozenset[InstrumentKind]]
SMALLEST_GROUP = 10
"""Meridian's own figure, until packs have one: figures of fewer people than this can point to one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerGrounds:
    """Fills `federation.outgoing.Grounds`. `today` is the date that instruments are looked at on."""

    gate: Gate
    regions: Regions
    here: Region
    today: Callable[[], date]

    async def of(self, person: Person) -> Ground:
        asked = await self.gate.asked_now(person.tenant, person.person_id)
        law = Jurisdiction(jurisdiction_of(person.person_id))
        day = self.today()
        ways: dict[Region, Where] = {
            region: (
                self.regions.place_of(region, law),
                self.regions.kinds_between(self.here, region, day),
            )
            for region in self.regions.regions
        }
        return LedgerGround(asked, ways)


@dataclass(frozen=True, slots=True)
class LedgerGround:
    """Answers for one person at one moment."""

    asked: Asked | None
    ways: Mapping[Region, Where]
    _known: dict[tuple[str, int, Region], Terms] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return self.asked is not None

    def terms(self, event: EventType, destination: Region) -> Terms:
        key = (event.name, event.version, destination)
        if key not in self._known:
            self._known[key] = self._terms(event, destination)
        return self._known[key]

    def smallest_group(self, destination: Region) -> int:  # noqa: ARG002 - a figure of law may differ by place
        return SMALLEST_GROUP

    def _terms(self, event: EventType, destination: Region) -> Terms:
        if self.asked is None or destination not in self.ways:
            return Terms()
        rulings = {kind: self._rulings(event, kind, destination) for kind in set(event.fields.values())}
        allowed = {kind: home for kind, (home, there) in rulings.items() if home.allowed and there.allowed}
        fields = frozenset(name for name, kind in event.fields.items() if kind in allowed)
        personal = [ruling for kind, ruling in allowed.items() if kind.is_personal]
        basis = _basis(personal)
        return Terms(
            fields=fields,
            basis=basis,
            consent_version=self.asked.consent_version(event.purpose) if _is_consent(basis) else 0,
            pack_version=personal[0].pack_version if personal else "",
        )

    def _rulings(
        self, event: EventType, category: DataCategory, destination: Region
    ) -> tuple[Ruling, Ruling]:
        """On the use at home, which has the ground, and on the way out."""
        if self.asked is None:
            raise RuntimeError("nobody to ask about")
        country, instruments = self.ways[destination]
        home = self.asked.ruling(Question(purpose=event.purpose, category=category))
        if country == HOME:
            return home, home
        question = Question(
            purpose=event.purpose, category=category, destination=country, instruments=instruments
        )
        return home, self.asked.ruling(question)


def _basis(rulings: list[Ruling]) -> LegalBasis | None:
    reasons = {reason for ruling in rulings for reason in ruling.reasons}
    found = next((basis for reason, basis in _BASES.items() if reason in reasons), None)
    return found or (LegalBasis.CONSENT if rulings else None)


def _is_consent(basis: LegalBasis | None) -> bool:
    return basis in {LegalBasis.CONSENT, LegalBasis.EXPLICIT_CONSENT, LegalBasis.GUARDIAN_CONSENT}
