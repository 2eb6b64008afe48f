"""Compiles the law of a place to tables, so that the cost of a ruling does not grow with the rules.

What a question has in a few values becomes a key: purpose and category; then the day, the age and the
destination, cut where a rule begins or ends to hold. What is left of a person, yes or no, becomes a bit. The
innermost table has a ruling for every combination of the bits that its rules ask about.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from policies.facts import ADULT_YEARS, HOME, InstrumentKind
from policies.law import Law
from policies.leaves import Leaf, LeafTables
from policies.rule import Conditions, Rule
from policies.ruling import Ruling
from policies.verdicts import rule_on
from policies.vocabulary import DataCategory, Purpose

ELSEWHERE = "elsewhere"
"""Stands for a country that no rule singles out; no country has such a code."""

NO_LIMIT = ADULT_YEARS + 1

Destinations = dict[str, Leaf]
Group = tuple[bool, list[str]]
Question = tuple[Purpose, DataCategory]


class Era(NamedTuple):
    """Of one span of days: the destinations by age; a new one begins with each of `ages`.

    Destinations are those that a rule singles out, and `ELSEWHERE`.
    """

    ages: tuple[int, ...]
    destinations: tuple[Destinations, ...]


class Cell(NamedTuple):
    """Of one purpose and category; a new era begins with each of `days`."""

    days: tuple[date, ...]
    eras: tuple[Era, ...]


class Tables(NamedTuple):
    """The compiled law of a place."""

    cells: dict[Question, Cell]
    no_rule: Ruling
    rules: dict[str, Rule]
    instruments: frozenset[InstrumentKind]


def compile_law(law: Law) -> Tables:
    answers: dict[Question, list[Rule]] = defaultdict(list)
    for rule in law.rules:
        for purpose in rule.purposes:
            for category in rule.categories:
                answers[purpose, category].append(rule)
    builder = _Builder(law, LeafTables(law.authority))
    return Tables(
        cells={question: builder.cell(tuple(rules)) for question, rules in answers.items()},
        no_rule=rule_on(law.authority, ()),
        rules={rule.id: rule for rule in law.rules},
        instruments=law.transfer.instruments if law.transfer else frozenset(),
    )


@dataclass(slots=True)
class _Builder:
    """Cuts days, ages and destinations; questions that the same rules answer share their cell."""

    law: Law
    leaves: LeafTables
    cells: dict[tuple[str, ...], Cell] = field(default_factory=dict)

    def cell(self, rules: tuple[Rule, ...]) -> Cell:
        ids = tuple(rule.id for rule in rules)
        if ids not in self.cells:
            days = self._days(rules)
            self.cells[ids] = Cell(days, tuple(self._era(rules, day) for day in (date.min, *days)))
        return self.cells[ids]

    def _days(self, rules: Iterable[Rule]) -> tuple[date, ...]:
        days: set[date | None] = set()
        for rule in rules:
            days |= {rule.source.effective, rule.until}
            days |= self._days_of(rule.when)
        return tuple(sorted(day for day in days if day))

    def _days_of(self, when: Conditions) -> set[date | None]:
        days: set[date | None] = set()
        for bound in (when.from_age, when.under_age):
            days |= self.law.days_of(bound) if bound is not None else frozenset()
        if when.adequate is not None and self.law.transfer:
            days |= self.law.transfer.days()
        return days

    def _era(self, rules: Iterable[Rule], day: date) -> Era:
        spans = [(rule, *self._span(rule.when, day)) for rule in rules if rule.in_force(day)]
        ages = sorted({years for _, *span in spans for years in span if 0 < years <= ADULT_YEARS})
        groups = self._groups([rule for rule, *_ in spans], day)
        fitting = [[rule for rule, low, high in spans if low <= age < high] for age in (0, *ages)]
        return Era(tuple(ages), tuple(self._destinations(some, groups) for some in fitting))

    def _span(self, when: Conditions, day: date) -> tuple[int, int]:
        """Return the ages in years for which *when* holds, the last one not among them."""
        low = 0 if when.from_age is None else self.law.figure(when.from_age, day)
        return low, NO_LIMIT if when.under_age is None else self.law.figure(when.under_age, day)

    def _groups(self, rules: Sequence[Rule], day: date) -> list[Group]:
        """Return countries that the same rules tell apart from others, and whether they are adequate."""
        named = {country for rule in rules for country in rule.when.countries}
        if self.law.transfer and any(rule.when.adequate is not None for rule in rules):
            named |= self.law.transfer.adequate.keys()
        groups = {(False, (HOME,)): [HOME], (False, ()): [ELSEWHERE]}
        for country in sorted(named):
            naming = tuple(rule.id for rule in rules if country in rule.when.countries)
            groups.setdefault((self.law.is_adequate(country, day), naming), []).append(country)
        return [(adequate, countries) for (adequate, _), countries in groups.items()]

    def _destinations(self, rules: Iterable[Rule], groups: Iterable[Group]) -> Destinations:
        destinations: Destinations = {}
        for adequate, countries in groups:
            fitting = tuple(rule for rule in rules if _fits(rule.when, countries[0], adequate=adequate))
            destinations |= dict.fromkeys(countries, self.leaves.leaf(fitting))
        return destinations


def _fits(when: Conditions, country: str, *, adequate: bool) -> bool:
    return (
        when.at_home in {None, country == HOME}
        and when.adequate in {None, adequate}
        and (not when.countries or country in when.countries)
    )
