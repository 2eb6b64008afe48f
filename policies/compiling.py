"""Compiles the law of a place to tables, so that the cost of a ruling does not grow with the rules.

What a question has in a few values becomes a key or an index: purpose and category; then the day, the age and
the destination, cut where a rule begins or ends to hold. What is left of a person, yes or no, becomes a bit.
The innermost table has a ruling for every combination of the bits that its rules ask about.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from policies.destinations import Destinations
from policies.facts import ADULT_YEARS, InstrumentKind
from policies.law import Law
from policies.leaves import Leaf, LeafTables
from policies.rule import Conditions, Rule
from policies.ruling import Effect, Ruling
from policies.source import Source
from policies.verdicts import Grounded, combine
from policies.vocabulary import DataCategory, Purpose

NO_LIMIT = sys.maxsize
LETS_THROUGH_RANK = Effect.REDACT.rank

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

        The strongest effect wins. What lets the whole through comes with the obligations of all parts, what
        stops it with those of the parts that do.
        """
        if len(parts) == 1:
            return self.rulings[min(parts)]
        strongest = max([self.ranks[part] for part in parts])
        stopping = [self.rulings[part] for part in parts if self.ranks[part] == strongest]
        if strongest <= LETS_THROUGH_RANK:
            return combine(stopping, [self.rulings[part] for part in parts], self.rules)
        return combine(stopping, stopping, self.rules) if len(stopping) > 1 else stopping[0]


def compile_law(law: Law, leaves: LeafTables) -> Tables:
    """Compile *law*; *leaves* are shared by the laws of one pack, with and without its overlays."""
    about: dict[Question, list[Rule]] = defaultdict(list)
    for rule in law.rules:
        for purpose in rule.purposes:
            for category in rule.categories:
                about[purpose, category].append(rule)
    builder = _Builder(law, leaves, Destinations(law))
    return Tables(
        cells=tuple(
            builder.cell(about.get((purpose, category), ()))
            for purpose in Purpose
            for category in DataCategory
        ),
        destinations=builder.destinations.by_country,
        rulings=tuple(replace(ruling, overlay=law.authority.overlay) for ruling in leaves.rulings),
        ranks=tuple(ruling.effect.rank for ruling in leaves.rulings),
        instruments=law.transfer.instruments if law.transfer else frozenset(),
        rules={rule.id: rule for rule in law.rules},
    )


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
        spans = [
            (self.leaves.grounded(rule, self.law.age_facts(rule.when, day)), *self._span(rule.when, day))
            for rule in rules
            if rule.in_force(day)
        ]
        ages = sorted({years for _, *span in spans for years in span if 0 < years <= ADULT_YEARS})
        bands = [[rule for rule, low, high in spans if low <= age < high] for age in (0, *ages)]
        return Era(tuple(ages), tuple(self._band(some, day) for some in bands))

    def _span(self, when: Conditions, day: date) -> tuple[int, int]:
        """Return the ages in years for which *when* holds, the last one not among them."""
        low = 0 if when.from_age is None else self.law.figure(when.from_age, day)
        return low, NO_LIMIT if when.under_age is None else self.law.figure(when.under_age, day)

    def _band(self, rules: Sequence[Grounded], day: date) -> tuple[Leaf, ...]:
        return tuple(self._leaf(*there) for there in self.destinations.divide(rules, day))

    def _leaf(self, rules: Sequence[Grounded], finding: tuple[Source, ...]) -> Leaf:
        """Return the leaf of a destination; what asks for its adequacy rests on the *finding* of it."""
        grounded = self.leaves.grounded
        return self.leaves.leaf(
            [grounded(one.rule, one.facts + finding) if one.rule.when.adequate else one for one in rules]
        )
