"""Answers whether data may be used: pure, in process, and at a cost that does not grow with the rules.

A question that no rule answers is denied, and so is one whose answer failed. Rulings are made when a law is
compiled and shared by all that ask; they hold nothing of a person.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from threading import Lock

from policies.compiling import QUESTIONS, Tables, compile_law
from policies.destinations import ELSEWHERE
from policies.facts import Facts, InstrumentKind, Signal
from policies.law import all_laws, find_law
from policies.leaves import (
    CATEGORY_CONSENT,
    CONSENT,
    GUARDIAN,
    INSTRUMENT,
    OBJECTED,
    RESTRICTED,
    RIGHTS,
    SIGNAL,
    LeafTables,
)
from policies.pack import Pack, PackSet
from policies.rule import Rule
from policies.ruling import Reason, Ruling
from policies.verdicts import Authority, refuse
from policies.vocabulary import DataCategory, Jurisdiction

SAMPLES = DataCategory.WORKOUT_SAMPLES
GPC = Signal.GLOBAL_PRIVACY_CONTROL
"""A member that is looked up in its enumeration costs a tenth of a ruling."""

ANY_CONSENT = CONSENT | CATEGORY_CONSENT
KINDS = {category: category.kind_of for category in DataCategory if category.kind_of is not category}


class Engine:
    """Compiles each law when it is first asked about; `warm` does it beforehand.

    Where an answer fails, *on_fault* is told the type and place of the failure, without any of the facts.
    A pack that one of the engines *known* has as well is compiled once for both.
    """

    def __init__(
        self,
        packs: PackSet,
        on_fault: Callable[[str], None] | None = None,
        known: Iterable["Engine"] = (),
    ) -> None:
        self.packs = packs
        self._on_fault = on_fault
        self._laws: dict[tuple[Jurisdiction, str], Tables] = {}
        shared = [compiled for engine in known for compiled in engine.compiled.values()]
        self.compiled: dict[Jurisdiction, CompiledPack] = {
            name: next((one for one in shared if one.holds(packs, pack)), CompiledPack(packs.platform, pack))
            for name, pack in packs.by_jurisdiction.items()
        }

    def warm(self, jurisdictions: Iterable[Jurisdiction] | None = None) -> None:
        """Compile the laws of *jurisdictions* with all overlays, by default of all, before requests come."""
        wanted = set(self.packs.by_jurisdiction if jurisdictions is None else jurisdictions)
        for jurisdiction, overlay in all_laws(self.packs):
            if jurisdiction in wanted:
                self._tables(jurisdiction, overlay)

    def decide(self, facts: Facts) -> Ruling:
        """Rule on *facts*. Never raises for anything in them: what fails is denied."""
        try:
            law = (facts.jurisdiction, facts.overlay)
            tables = self._laws.get(law) or self._tables(*law)
            if tables is None:
                return refuse(Authority(*law, ""), Reason.NO_RULE)
            if facts.category is SAMPLES:
                parts = {_look_up(tables, facts, category) for category in {SAMPLES, *facts.channels}}
                return tables.combine(parts)
            return tables.rulings[_look_up(tables, facts, facts.category)]
        except Exception as error:  # noqa: BLE001 - an error denies
            return self._deny(facts, error)

    def _tables(self, jurisdiction: Jurisdiction, overlay: str) -> Tables | None:
        """Return the compiled law, made at the first call; None where the packs have no such law."""
        place = (jurisdiction, overlay)
        if place not in self._laws:
            compiled = self.compiled.get(jurisdiction)
            tables = compiled.tables(self.packs, overlay) if compiled else None
            if tables is None:  # not kept: there is no end of names that do not exist
                return None
            self._laws[place] = tables
        return self._laws[place]

    def _deny(self, facts: Facts, error: Exception) -> Ruling:
        if self._on_fault is not None:
            self._on_fault(f"{type(error).__name__} at {_place(error)}")
        return refuse(Authority(facts.jurisdiction, facts.overlay, ""), Reason.FAULT)


@dataclass(slots=True)
class CompiledPack:
    """The tables of a pack, made when they are first asked for; engines in several threads may share them."""

    platform: tuple[Rule, ...]
    pack: Pack
    _laws: dict[str, Tables] = field(default_factory=dict)
    _leaves: LeafTables | None = None
    _lock: Lock = field(default_factory=Lock)

    def holds(self, packs: PackSet, pack: Pack) -> bool:
        """Whether the tables are those of *pack* among *packs*."""
        return pack == self.pack and packs.platform == self.platform

    def tables(self, packs: PackSet, overlay: str) -> Tables | None:
        """Return the tables with *overlay*, None where the pack has none; *packs* are some that it holds."""
        with self._lock:
            if overlay not in self._laws:
                law = find_law(packs, self.pack.jurisdiction, overlay)
                if law is None:
                    return None
                self._leaves = self._leaves or LeafTables(law.authority)
                self._laws[overlay] = compile_law(law, self._leaves)
            return self._laws[overlay]


def _look_up(tables: Tables, facts: Facts, category: DataCategory) -> int:
    """Return the number of the ruling on *category*, among those of the law."""
    days, eras = tables.cells[QUESTIONS[facts.purpose][category]]
    ages, bands = eras[bisect_right(days, facts.at)]
    band = bands[bisect_right(ages, facts.age_years)]
    asked, numbers = band[tables.destinations.get(facts.destination_country, ELSEWHERE)]
    return numbers[asked and asked & _bits(facts, category, tables.instruments)]


def _bits(facts: Facts, category: DataCategory, accepted: AbstractSet[InstrumentKind]) -> int:
    purpose = facts.purpose
    consents = facts.consents
    bits = 0
    if consents:
        if (purpose, category) in consents or (category in KINDS and (purpose, KINDS[category]) in consents):
            bits = ANY_CONSENT
        elif (purpose, None) in consents:
            bits = CONSENT
    if facts.guardian_consent:
        bits |= GUARDIAN
    if purpose in facts.objections:
        bits |= OBJECTED
    if GPC in facts.signals:
        bits |= SIGNAL
    if facts.restricted:
        bits |= RESTRICTED
    if facts.rights:
        bits |= RIGHTS
    if not accepted.isdisjoint(facts.instruments):
        bits |= INSTRUMENT
    return bits


def _place(error: Exception) -> str:
    """Return the module and line that raised *error*; its text could quote a fact."""
    step = error.__traceback__
    while step and step.tb_next:
        step = step.tb_next
    return f"{step.tb_frame.f_globals['__name__']}:{step.tb_lineno}" if step else "nowhere"
