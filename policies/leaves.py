"""The innermost tables: which ruling, for every combination of what can be true of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from policies.rule import Conditions, Rule
from policies.ruling import Effect, Ruling
from policies.source import Source
from policies.verdicts import LETS_THROUGH, LETS_THROUGH_RANK, Authority, Grounded, rule_on, strongest_of

RIGHTS = 1
RESTRICTED = 2
CONSENT = 4
CATEGORY_CONSENT = 8
OBJECTED = 16
GUARDIAN = 32
INSTRUMENT = 64
SIGNAL = 128

_STRENGTHS = (*({effect} for effect in reversed(Effect) if effect not in LETS_THROUGH), LETS_THROUGH)
"""From the strongest; what lets data through is one, as the obligations of all such rules count."""

_Group = list[tuple[Grounded, int, int]]
"""Rules with the bits that they ask about, and those of them that they want to be set."""

_Met = tuple[int, Sequence[Grounded]]
"""Rules that decide together, and how strong their effect is."""

_Numbers = tuple[tuple[int, ...], ...]
"""Of the rules on each part of a question, as `LeafTables.grounded` gives them."""


class Leaf(NamedTuple):
    """`numbers` of rulings by the bits of a person, cut down to those in `asked`."""

    asked: int
    numbers: tuple[int, ...]


@dataclass(slots=True)
class LeafTables:
    """Makes the leaves of a pack, which its overlays share; the same rules have the same leaf.

    Rulings that are equal are one, and stand for a place once `Authority` has been put in.
    """

    law: Authority
    rulings: list[Ruling] = field(default_factory=list)
    _numbers: dict[Ruling, int] = field(default_factory=dict)
    _leaves: dict[_Numbers, Leaf] = field(default_factory=dict)
    _same: dict[Leaf, Leaf] = field(default_factory=dict)
    _parts: dict[tuple[int, ...], Leaf] = field(default_factory=dict)
    _met: list[_Met] = field(default_factory=list)
    _by_rules: dict[tuple[int, ...], int] = field(default_factory=dict)
    _by_met: dict[tuple[int, ...], int] = field(default_factory=dict)
    _bits: dict[str, tuple[int, int]] = field(default_factory=dict)
    _grounded: dict[tuple[str, tuple[Source, ...], bool], Grounded] = field(default_factory=dict)

    def grounded(self, rule: Rule, facts: tuple[Source, ...], *, applies: bool = True) -> Grounded:
        """Return *rule* with the facts on which it rests that it applies, or that it does not."""
        key = (rule.id, facts, applies)
        if key not in self._grounded:
            self._grounded[key] = Grounded(rule, facts, len(self._grounded), applies)
        return self._grounded[key]

    def leaf(self, *parts: Sequence[Grounded]) -> Leaf:
        """Return the leaf of the rules on a question: on going abroad, and on the same at home.

        Their conditions on day and destination all hold, and those on the age for the ones that apply. The
        strictest part is the ruling, the first of equal ones; where all let through, it rests on all.
        """
        numbers = tuple([tuple([one.number for one in part]) for part in parts])
        if numbers not in self._leaves:
            self._leaves[numbers] = self._make(list(zip(numbers, parts, strict=True)))
        return self._leaves[numbers]

    def _make(self, parts: Sequence[tuple[tuple[int, ...], Sequence[Grounded]]]) -> Leaf:
        tables = [self._part(numbers, rules) for numbers, rules in parts]
        if all(self._met[one][0] == Effect.DENY.rank for one in set(tables[0].numbers)):
            tables = tables[:1]  # nothing can be stricter
        asked = 0
        for table in tables:
            asked |= table.asked
        met = [tuple([table.numbers[bits & table.asked] for table in tables]) for bits in range(asked + 1)]
        known = {some: self._number(some) for some in set(met)}
        leaf = Leaf(asked, tuple([known[some] for some in met]))
        return self._same.setdefault(leaf, leaf)

    def _part(self, numbers: tuple[int, ...], rules: Sequence[Grounded]) -> Leaf:
        """Return, as a leaf, the numbers of what decides one part of a question: which of its *rules*."""
        if numbers not in self._parts:
            wanted = [(one, *self._bits_of(one.rule)) for one in rules]
            groups = [[one for one in wanted if one[0].rule.effect in effects] for effects in _STRENGTHS]
            asked = _asked(groups)
            met = {bits: self._met_by(_decisive(groups, bits)) for bits in subsets(asked)}
            self._parts[numbers] = Leaf(asked, tuple([met[bits & asked] for bits in range(asked + 1)]))
        return self._parts[numbers]

    def _met_by(self, rules: Sequence[Grounded]) -> int:
        """Return where among `_met` *rules* stand, with how strong their effect is."""
        numbers = tuple([one.number for one in rules])
        if numbers not in self._by_rules:
            self._by_rules[numbers] = len(self._met)
            self._met.append((strongest_of(rules).rank, rules))
        return self._by_rules[numbers]

    def _number(self, met: tuple[int, ...]) -> int:
        """Return where among `rulings` the one stands on parts that these rules decide, by their numbers."""
        if met not in self._by_met:
            strongest = max([self._met[one][0] for one in met])
            if strongest > LETS_THROUGH_RANK and len(met) > 1:
                strictest = next(one for one in met if self._met[one][0] == strongest)
                self._by_met[met] = self._number((strictest,))
            else:
                ruling = rule_on(self.law, [self._met[one][1] for one in met])
                self._by_met[met] = self._numbers.setdefault(ruling, len(self.rulings))
                if self._by_met[met] == len(self.rulings):
                    self.rulings.append(ruling)
        return self._by_met[met]

    def _bits_of(self, rule: Rule) -> tuple[int, int]:
        if rule.id not in self._bits:
            self._bits[rule.id] = _bits(rule.when)
        return self._bits[rule.id]


def _asked(groups: Sequence[_Group]) -> int:
    """Return the bits on which it can depend which of *groups* decides, and by which of its rules."""
    asked = 0
    for group in groups:
        for _, cares, _ in group:
            asked |= cares
        if any(one.applies and not cares for one, cares, _ in group) and group is not groups[-1]:
            break  # what is weaker than a rule that always applies never decides
    return asked


def _decisive(groups: Iterable[_Group], bits: int) -> list[Grounded]:
    """Return the rules of the first of *groups* in which some apply to *bits*.

    With them, and before them, come those of stronger groups that would apply but for the age.
    """
    met: list[Grounded] = []
    for group in groups:
        met += [one for one, cares, value in group if bits & cares == value]
        if any(one.applies for one in met):
            break
    return met


def _bits(when: Conditions) -> tuple[int, int]:
    """Return the bits that *when* asks about, and those of them that it wants to be set."""
    wanted = (
        (CONSENT, when.consent),
        (CATEGORY_CONSENT, when.category_consent),
        (GUARDIAN, when.guardian),
        (OBJECTED, when.objected),
        (SIGNAL, None if when.signal is None else True),
        (RESTRICTED, when.restricted),
        (RIGHTS, when.rights),
        (INSTRUMENT, when.instrument),
    )
    cares = sum(bit for bit, value in wanted if value is not None)
    return cares, sum(bit for bit, value in wanted if value)


def subsets(bits: int) -> list[int]:
    """Return every combination of some of *bits*, none and all of them among these."""
    subsets, subset = [0], bits
    while subset:
        subsets.append(subset)
        subset = (subset - 1) & bits
    return subsets
