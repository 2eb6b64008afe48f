"""Compiles the law of a place to tables, so that the cost of a ruling does not grow with the rules.

What a question has in a few values becomes a key or an index: purpose and category; then the day, the age and
the destination, cut where a rule begins or ends to hold. What is left of a person, yes or no, becomes a bit.
The innermost table has a ruling for every combination of the bits that its rules ask about.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from policies.destinations import AT_HOME, Destinations
from policies.facts import ADULT_YEARS, MAJORITY_YEARS, InstrumentKind
from policies.law import Law
from policies.leaves import Leaf, LeafTables
from policies.rule import Adequacy, Rule
from policies.ruling import Ruling
from policies.source import Source
from policies.verdicts import LETS_THROUGH_RANK, Grounded, combine
from policies.vocabulary import DataCategory, Purpose

NO_LIMIT = sys.maxsize

Question = tuple[Purpose, DataCategory]

QUESTIONS = {
    purpose: {category: number * len(DataCategory) + place for place, category in enumerate(DataCategory)}
    for number, purpose in enumerate(Purpose)
}
"""Where the cell of a purpose and category stands among the `cells` of a law."""


class Era(NamedTuple):
    """Of one span of days. A new band begins with each of `ages`; it has a leaf for each destination."""

    ages: tuple[int, ...]
    bands: tuple[tuple[Leaf, ...], ...]


class Cell(NamedTuple):
    """Of one purpose and category. A new era begins with each of `days`."""

    days: tuple[date, ...]
    eras: tuple[Era, ...]


class Tables(NamedTuple):
    """The compiled law of a place."""

    cells: tuple[Cell, ...]
    destinations: dict[str, int]
    """Which leaf of a band is a country's; what no rule singles out is `ELSEWHERE`."""

    rulings: tuple[Ruling, ...]
    ranks: tuple[int, ...]
    """How strong the effect of each of `rulings` is."""

    instruments: frozenset[InstrumentKind]
    rules: dict[str, Rule]

    def combine(self, parts: AbstractSet[int]) -> Ruling:
        """Return the ruling on what holds several categories, of which *parts* has the rulings' numbers.

        The strongest effect wins. What lets the whole through is what lets each part through, what stops it
        the parts that do.
        """
        if len(parts) == 1:
            return self.rulings[min(parts)]
        strongest = max([self.ranks[part] for part in parts])
        if strongest <= LETS_THROUGH_RANK:
            return combine([self.rulings[part] for part in parts], self.rules)
        stopping = [self.rulings[part] for part in parts if self.ranks[part] == strongest]
        return combine(stopping, self.rules) if len(stopping) > 1 else stopping[0]


def compile_law(law: Law, leaves: LeafTables) -> Tables:
    """Compile *law*; *leaves* are shared by the laws of one pack, with and without its overlays."""
    about: dict[Question, list[Rule]] = defaultdict(list)
    for rule in law.rules:
        for purpose in rule.purposes:
            for category in rule.categories:
                about[purpose, category].append(rule)
    builder = _Builder(law, leaves, Destinations(law))
    cells = tuple(
        builder.cell(about.get((purpose, category), ())) for purpose in Purpose for category in DataCategory
    )
    return Tables(
        cells=cells,
        destinations=builder.destinations.by_country,
        rulings=tuple(_in_place(leaves.rulings, law.authority.overlay, _given(cells))),
        ranks=tuple(ruling.effect.rank for ruling in leaves.rulings),
        instruments=law.transfer.instruments if law.transfer else frozenset(),
        rules={rule.id: rule for rule in law.rules},
    )


def _given(cells: Iterable[Cell]) -> set[int]:
    """Return the numbers of the rulings that *cells* hold."""
    eras = {id(era): era for cell in cells for era in cell.eras}.values()
    leaves = {id(leaf): leaf for era in eras for band in era.bands for leaf in band}.values()
    return {number for leaf in leaves for number in leaf.numbers}


def _in_place(rulings: Iterable[Ruling], overlay: str, given: AbstractSet[int]) -> Iterator[Ruling]:
    """Yield *rulings* as those of a place; those that its law never gives stay as another place has them."""
    for number, ruling in enumerate(rulings):
        yield replace(ruling, overlay=overlay) if number in given and ruling.overlay != overlay else ruling


@dataclass(slots=True)
class _Builder:
    """Cuts days, ages and destinations; questions that the same rules answer share their cell."""

    law: Law
    leaves: LeafTables
    destinations: Destinations
    cells: dict[tuple[str, ...], Cell] = field(default_factory=dict)
    days: dict[date, date] = field(default_factory=dict)

    def cell(self, rules: Sequence[Rule]) -> Cell:
        ids = tuple(rule.id for rule in rules)
        if ids not in self.cells:
            days = self._days(rules)
            self.cells[ids] = Cell(days, tuple(self._era(rules, day) for day in (date.min, *days)))
        return self.cells[ids]

    def _days(self, rules: Iterable[Rule]) -> tuple[date, ...]:
        """Return the days on which something changes; equal days are one object, which is found faster."""
        days = sorted({day for rule in rules for day in self.law.days(rule)})
        return tuple(self.days.setdefault(day, day) for day in days)

    def _era(self, rules: Iterable[Rule], day: date) -> Era:
        spans = [_Span.of(self.law, rule, day) for rule in rules if rule.in_force(day)]
        ages = sorted({years for span in spans for years in span.cuts() if 0 < years <= ADULT_YEARS})
        bands = [[span.at(age) for span in spans] for age in (0, *ages)]
        return Era(tuple(ages), tuple(self._band([one for one in band if one], day) for band in bands))

    def _band(self, standings: Iterable["_Standing"], day: date) -> tuple[Leaf, ...]:
        rules = [self.leaves.grounded(one.rule, one.facts, applies=one.applies) for one in standings]
        there = [self._with_findings(*some) for some in self.destinations.divide(rules, day)]
        home = there[AT_HOME]
        return tuple(
            self.leaves.leaf(home) if some is home else self.leaves.leaf(some, home) for some in there
        )

    def _with_findings(self, rules: Iterable[Grounded], finding: Adequacy | None) -> list[Grounded]:
        """Return *rules* with what the law says of the destination and of its instruments."""
        transfer = self.law.transfer
        if transfer is None:
            return list(rules)
        adequacy: tuple[Source, ...] = (finding.source or transfer.source,) if finding else ()
        found = []
        for one in rules:
            when = one.rule.when
            facts = adequacy if when.adequate else ()
            if when.adequate is False or when.instrument is not None:
                facts += (transfer.source,)
            further = facts and one.applies
            found.append(self.leaves.grounded(one.rule, one.facts + facts) if further else one)
        return found


class _Standing(NamedTuple):
    """How a rule stands for one age, before the destination is known; as `policies.verdicts.Grounded`."""

    rule: Rule
    facts: tuple[Source, ...]
    applies: bool


class _Span(NamedTuple):
    """From which age on and below which one a rule applies on one day, with where each of these stands."""

    rule: Rule
    low: int
    high: int
    low_source: Source | None
    high_source: Source | None

    @classmethod
    def of(cls, law: Law, rule: Rule, day: date) -> "_Span":
        low, high = rule.when.from_age, rule.when.under_age
        return cls(
            rule,
            0 if low is None else law.figure(low, day),
            NO_LIMIT if high is None else law.figure(high, day),
            law.age_source(rule, low, day),
            law.age_source(rule, high, day),
        )

    def cuts(self) -> set[int]:
        """Return the ages at which something of the rule changes."""
        return {self.low, self.high, MAJORITY_YEARS} if self.low_source or self.high_source else set()

    def at(self, age: int) -> _Standing | None:
        """Return how the rule stands for *age*; None where nothing rests on it.

        To be below an age counts. To have reached it counts for minors: where the rule then holds, and where
        it holds no more.
        """
        minor, low, high = age < MAJORITY_YEARS, self.low_source, self.high_source
        if self.low <= age < self.high:
            facts = [source for source in (low if minor else None, high) if source]
            return _Standing(self.rule, tuple(dict.fromkeys(facts)), applies=True)
        return _Standing(self.rule, (high,), applies=False) if high and minor and age >= self.low else None
