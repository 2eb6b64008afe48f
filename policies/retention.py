"""When data is due to go: after the shortest time allowed, but never before the longest that is demanded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from policies.pack import PackSet
from policies.sections import CountedFrom, RecordKind, RetentionRule
from policies.vocabulary import DataCategory, Jurisdiction, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that is kept, with the days that are known of it.

    Attributes:
        days: Of its collection, last use, withdrawal and closing, as far as they have been.
        legal_hold: Nothing of the person may go.
    """

    record: RecordKind
    purpose: Purpose
    category: DataCategory
    days: Mapping[CountedFrom, date] = field(default_factory=dict)
    legal_hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The first day on which it has to be gone, and the rule that set it."""

    on: date
    rule: RetentionRule


def retention_rules(packs: PackSet, jurisdiction: Jurisdiction, at: date) -> tuple[RetentionRule, ...]:
    """Return those in force on *at*: of the law first, then the platform's own.

    Raises KeyError for a jurisdiction without a pack.
    """
    of_law = packs.by_jurisdiction[jurisdiction].sections.retention
    return tuple(rule for rule in (*of_law, *packs.retention) if rule.source.in_force(at))


def due_of(kept: Kept, rules: Iterable[RetentionRule]) -> Due | None:
    """Return None where nothing sets a time yet, and under a legal hold: then it stays."""
    if kept.legal_hold:
        return None
    dues = [
        Due(on=kept.days[rule.counted_from] + timedelta(days=rule.days), rule=rule)
        for rule in rules
        if rule.counted_from in kept.days and _covers(rule, kept)
    ]
    ends = [due for due in dues if not due.rule.at_least]
    if not ends:
        return None
    floors = [due for due in dues if due.rule.at_least]
    return max([min(ends, key=_day), *floors], key=_day)


def _covers(rule: RetentionRule, kept: Kept) -> bool:
    return kept.record in rule.records and kept.purpose in rule.purposes and kept.category in rule.categories


def _day(due: Due) -> date:
    return due.on
