"""The innermost tables: a ruling for every combination of what can be true of a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from policies.rule import Conditions, Rule
from policies.ruling import Ruling
from policies.verdicts import LETS_THROUGH, Authority, rule_on

CONSENT = 1
CATEGORY_CONSENT = 2
GUARDIAN = 4
OBJECTED = 8
SIGNAL = 16
RESTRICTED = 32
RIGHTS = 64
INSTRUMENT = 128


class Leaf(NamedTuple):
    """`rulings` by the bits of a person, of which only those in `asked` count."""

    asked: int
    rulings: dict[int, Ruling]


@dataclass(slots=True)
class LeafTables:
    """Makes leaves of one law; the same rules have the same leaf, and rulings are shared by all."""

    law: Authority
    made: dict[tuple[str, ...], Leaf] = field(default_factory=dict)
    rulings: dict[tuple[str, ...], Ruling] = field(default_factory=dict)

    def leaf(self, rules: Sequence[Rule]) -> Leaf:
        """Return the leaf of *rules*, whose conditions on day, age and destination all hold."""
        ids = tuple(rule.id for rule in rules)
        if ids not in self.made:
            self.made[ids] = self._make(_that_can_decide(rules))
        return self.made[ids]

    def _make(self, rules: Sequence[Rule]) -> Leaf:
        wanted = [(rule, *_bits(rule.when)) for rule in rules]
        asked = 0
        for _, cares, _ in wanted:
            asked |= cares
        return Leaf(
            asked,
            {
                bits: self._ruling([rule for rule, cares, value in wanted if bits & cares == value])
                for bits in _subsets(asked)
            },
        )

    def _ruling(self, applicable: Sequence[Rule]) -> Ruling:
        ids = tuple(rule.id for rule in applicable)
        if ids not in self.rulings:
            self.rulings[ids] = rule_on(self.law, applicable)
        return self.rulings[ids]


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


def _that_can_decide(rules: Sequence[Rule]) -> Sequence[Rule]:
    """Leave out rules that can never win, as a stronger one applies whatever is true of a person.

    Beside an allow or a redact nothing is left out: the obligations of all come with it.
    """
    certain = [rule.effect for rule in rules if not _bits(rule.when)[0] and rule.effect not in LETS_THROUGH]
    floor = max((effect.rank for effect in certain), default=0)
    return [rule for rule in rules if rule.effect.rank >= floor]


def _subsets(bits: int) -> list[int]:
    """Return every combination of some of *bits*, none and all of them among these."""
    subsets, subset = [0], bits
    while subset:
        subsets.append(subset)
        subset = (subset - 1) & bits
    return subsets
