"""The innermost tables: which ruling, for every combination of what can be true of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from policies.rule import Conditions, Rule
from policies.ruling import Effect, Ruling
from policies.source import Source
from policies.verdicts import LETS_THROUGH, Authority, Grounded, rule_on

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
    _by_rules: dict[tuple[int, ...], int] = field(default_factory=dict)
    _leaves: dict[tuple[int, ...], Leaf] = field(default_factory=dict)
    _bits: dict[str, tuple[int, int]] = field(default_factory=dict)
    _grounded: dict[tuple[str, tuple[Source, ...]], Grounded] = field(default_factory=dict)

    def grounded(self, rule: Rule, facts: tuple[Source, ...]) -> Grounded:
        """Return *rule* with the facts that its conditions name."""
        key = (rule.id, facts)
        if key not in self._grounded:
            self._grounded[key] = Grounded(rule, facts, len(self._grounded))
        return self._grounded[key]

    def leaf(self, rules: Sequence[Grounded]) -> Leaf:
        """Return the leaf of *rules*, whose conditions on day, age and destination all hold."""
        numbers = tuple([one.number for one in rules])
        if numbers not in self._leaves:
            self._leaves[numbers] = self._make(rules)
        return self._leaves[numbers]

    def _make(self, rules: Sequence[Grounded]) -> Leaf:
        wanted = [(one, *self._bits_of(one.rule)) for one in rules]
        groups = [[one for one in wanted if one[0].rule.effect in effects] for effects in _STRENGTHS]
        asked = 0
        for group in groups:
            for _, cares, _ in group:
                asked |= cares
            if any(not cares for _, cares, _ in group) and group is not groups[-1]:
                break  # what is weaker than a rule that always applies never decides
        numbers = {bits: self._number(_decisive(groups, bits)) for bits in subsets(asked)}
        return Leaf(asked, tuple([numbers[bits & asked] for bits in range(asked + 1)]))

    def _number(self, applicable: Sequence[Grounded]) -> int:
        """Return where among `rulings` that of *applicable* stands."""
        numbers = tuple([one.number for one in applicable])
        if numbers not in self._by_rules:
            ruling = rule_on(self.law, applicable)
            self._by_rules[numbers] = self._numbers.setdefault(ruling, len(self.rulings))
            if self._by_rules[numbers] == len(self.rulings):
                self.rulings.append(ruling)
        return self._by_rules[numbers]

    def _bits_of(self, rule: Rule) -> tuple[int, int]:
        if rule.id not in self._bits:
            self._bits[rule.id] = _bits(rule.when)
        return self._bits[rule.id]


def _decisive(groups: Iterable[_Group], bits: int) -> list[Grounded]:
    """Return the rules of the first of *groups* in which some apply to *bits*."""
    for group in groups:
        applicable = [one for one, cares, value in group if bits & cares == value]
        if applicable:
            return applicable
    return []


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
