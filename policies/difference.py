"""Whose rulings change between two versions of the packs: found in the compiled tables, cell by cell.

Samples stand for themselves here: what their channels hold is compared as the categories of its own.

Compared is what a ruling means: effect, deciding rules, articles, obligations and fields. That a pack has
another version number changes no ruling.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, combinations, pairwise, product
from typing import NamedTuple

from policies.compiling import NO_LIMIT, QUESTIONS, Cell, Tables, compile_law
from policies.facts import HOME, InstrumentKind
from policies.grid import combinations_of, leaf_at
from policies.law import Law, all_laws, find_law
from policies.leaves import INSTRUMENT, Leaf, LeafTables
from policies.pack import PackSet
from policies.ruling import Effect, Ruling
from policies.verdicts import Authority
from policies.vocabulary import DataCategory, Jurisdiction, Purpose

ELSEWHERE = "elsewhere"
"""Stands for every country that neither version names."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a change concerns, and in what.

    Attributes:
        from_age: Completed years, at least.
        under_age: Completed years, below; None without an upper end.
    """

    jurisdiction: Jurisdiction
    overlay: str
    purpose: Purpose
    category: DataCategory
    from_age: int
    under_age: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Rulings that change in the same way.

    Attributes:
        rules_before: Ids of the rules that decide until now, in some of the cells.
        destinations: Where: `HOME`, ISO 3166 countries, `ELSEWHERE`.
        since: The first day, from that of the comparison on, on which a ruling differs.
    """

    scope: Scope
    before: Effect
    after: Effect
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]
    destinations: tuple[str, ...]
    since: date

    @property
    def only_in_reasons(self) -> bool:
        """Whether the effect stays, and other rules, articles, obligations or fields come with it."""
        return self.before is self.after

    @property
    def people(self) -> tuple[Jurisdiction, str, int, int | None]:
        """Whose rulings change: of which law and overlay, from and under which age in years."""
        return self.scope.jurisdiction, self.scope.overlay, self.scope.from_age, self.scope.under_age


def difference(before: PackSet, after: PackSet, on: date) -> tuple[Change, ...]:
    """Return what changes on any day from *on*; where only one has a law, the other refuses everything.

    Takes a second or two if all laws change, else as long as those that do.
    """
    found: dict[_Key, list[_Changed]] = defaultdict(list)
    for place in sorted({*all_laws(before), *all_laws(after)}):
        old, new = _law(before, *place), _law(after, *place)
        if (old.rules, old.ages, old.transfer) == (new.rules, new.ages, new.transfer):
            continue
        comparison = _Comparison(_compiled(old), _compiled(new), on)
        for purpose, category in product(Purpose, DataCategory):
            for changed in comparison.changed(QUESTIONS[purpose][category]):
                scope = Scope(*place, purpose, category, *changed.ages)
                found[scope, changed.before.effect, changed.after.effect].append(changed)
    in_order = sorted(found.items(), key=lambda item: _order(*item[0]))
    return tuple(_change(*key, cells) for key, cells in in_order)


def _law(packs: PackSet, jurisdiction: Jurisdiction, overlay: str) -> Law:
    """Return the law of a place; one without rules where *packs* have none."""
    known = find_law(packs, jurisdiction, overlay)
    return known or Law(authority=Authority(jurisdiction, overlay, ""), rules=(), ages=(), transfer=None)


def _compiled(law: Law) -> Tables:
    return compile_law(law, LeafTables(law.authority))


class _Changed(NamedTuple):
    """One cell that is ruled on differently."""

    ages: tuple[int, int | None]
    day: date
    destinations: tuple[str, ...]
    before: Ruling
    after: Ruling


_Key = tuple[Scope, Effect, Effect]


def _order(scope: Scope, before: Effect, after: Effect) -> tuple[object, ...]:
    ages = scope.from_age, scope.under_age or NO_LIMIT
    return scope.jurisdiction, scope.overlay, scope.purpose, scope.category, *ages, before, after


def _change(scope: Scope, before: Effect, after: Effect, cells: Sequence[_Changed]) -> Change:
    return Change(
        scope=scope,
        before=before,
        after=after,
        rules_before=tuple(sorted({name for cell in cells for name in cell.before.rules})),
        rules_after=tuple(sorted({name for cell in cells for name in cell.after.rules})),
        destinations=tuple(sorted({country for cell in cells for country in cell.destinations})),
        since=min(cell.day for cell in cells),
    )


class _Comparison:
    """Compares two laws of one place; cells and leaves that meet again are not compared again."""

    def __init__(self, old: Tables, new: Tables, on: date) -> None:
        self._old, self._new, self._on = old, new, on
        self._destinations = _grouped(old, new)
        self._instruments = _instrument_bits(old, new)
        # by identity: the tables keep them alive, and to hash them takes as long as to compare
        self._by_cells: dict[tuple[int, int], list[_Changed]] = {}
        self._by_leaves: dict[tuple[int, int], list[tuple[Ruling, Ruling]]] = {}

    def changed(self, question: int) -> list[_Changed]:
        old, new = self._old.cells[question], self._new.cells[question]
        key = (id(old), id(new))
        if key not in self._by_cells:
            self._by_cells[key] = list(self._in_cells(question, old, new))
        return self._by_cells[key]

    def _in_cells(self, question: int, old: Cell, new: Cell) -> Iterator[_Changed]:
        later = {day for day in (*old.days, *new.days) if day > self._on}
        for day in sorted({self._on, *later}):
            ages = sorted({0, *_ages(old, day), *_ages(new, day)})
            for span in pairwise([*ages, None]):
                for destinations in self._destinations:
                    where = (question, day, span[0] or 0, destinations[0])
                    for rulings in self._in_leaves(leaf_at(self._old, *where), leaf_at(self._new, *where)):
                        yield _Changed((span[0] or 0, span[1]), day, destinations, *rulings)

    def _in_leaves(self, old: Leaf, new: Leaf) -> list[tuple[Ruling, Ruling]]:
        key = (id(old), id(new))
        if key not in self._by_leaves:
            before, after = self._old.rulings, self._new.rulings
            pairs = {
                (before[old.numbers[was & old.asked]], after[new.numbers[will & new.asked]])
                for was, will in self._people(old.asked | new.asked)
            }
            self._by_leaves[key] = [pair for pair in pairs if _meaning(pair[0]) != _meaning(pair[1])]
        return self._by_leaves[key]

    def _people(self, asked: int) -> Iterator[tuple[int, int]]:
        """Yield what can be true of a person, as bits of the old law and of the new one."""
        for bits in combinations_of(asked & ~INSTRUMENT):
            yield from ((bits | before, bits | after) for before, after in self._instruments)


def _meaning(ruling: Ruling) -> tuple[object, ...]:
    return ruling.effect, ruling.rules, ruling.articles, ruling.obligations, ruling.fields


def _ages(cell: Cell, day: date) -> tuple[int, ...]:
    return cell.eras[bisect_right(cell.days, day)].ages


def _grouped(old: Tables, new: Tables) -> list[tuple[str, ...]]:
    """Return destinations in groups that neither law tells apart."""
    groups: dict[tuple[int | None, int | None], list[str]] = defaultdict(list)
    for country in sorted({HOME, ELSEWHERE, *old.destinations, *new.destinations}):
        groups[old.destinations.get(country), new.destinations.get(country)].append(country)
    return [tuple(countries) for countries in groups.values()]


def _instrument_bits(old: Tables, new: Tables) -> set[tuple[int, int]]:
    """Return how the instruments of one link can count in both laws, which may accept different kinds."""
    links = chain.from_iterable(combinations(InstrumentKind, size) for size in range(3))
    return {(_counts(old, kinds), _counts(new, kinds)) for kinds in links}


def _counts(tables: Tables, kinds: Iterable[InstrumentKind]) -> int:
    return 0 if tables.instruments.isdisjoint(kinds) else INSTRUMENT
