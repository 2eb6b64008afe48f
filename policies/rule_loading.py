"""Reads the `[[rules]]` of a pack, an overlay or the platform; names every mistake at once."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import chain
from typing import TypeVar

from policies.documents import Table
from policies.facts import ADULT_YEARS, Signal
from policies.rule import OWN_CONSENT, OWN_CONSENT_RULES, AgeBound, Conditions, Rule
from policies.ruling import Effect, Obligation, ObligationKind, Reason
from policies.source import read_source
from policies.vocabulary import AgeRule, DataCategory, Purpose, kinds_of

ALL = "*"
LONGEST_DAYS = 36_525
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COUNTRY = re.compile(r"[A-Z]{2}")
_FLAGS = (
    "at_home",
    "adequate",
    "instrument",
    "consent",
    "category_consent",
    "guardian",
    "objected",
    "restricted",
    "rights",
)

Word = TypeVar("Word", bound=StrEnum)


def age_names(*ages: Iterable[AgeRule]) -> frozenset[str]:
    """Return what a rule may name as an age where these have figures."""
    known = frozenset[str](chain.from_iterable(ages))
    return known | {OWN_CONSENT} if known & set(OWN_CONSENT_RULES) else known


def read_rules(table: Table, prefix: str, ages: Collection[str]) -> tuple[Rule, ...]:
    """Read the rules of *table* in order of their ids, which begin with *prefix* (``eu``, ``eu/fr``).

    *ages* are the names from `age_names` of the place; a rule may name no other.
    """
    rules: dict[str, Rule] = {}
    for entry in table.tables("rules"):
        rule = _rule(entry, prefix, ages)
        if rule.id in rules:
            entry.fault("id", f"is {rule.id!r}, which another rule has")
        rules[rule.id] = rule
        entry.close()
    return tuple(rules[name] for name in sorted(rules))


def _rule(entry: Table, prefix: str, ages: Collection[str]) -> Rule:
    name = entry.text("id")
    if name and not _NAME.fullmatch(name):
        entry.fault("id", f"is {name!r}, not words in lower case with hyphens")
    rule = Rule(
        id=f"{prefix}.{name}",
        effect=entry.choice("effect", Effect),
        reason=entry.choice("reason", Reason),
        purposes=read_purposes(entry),
        categories=read_categories(entry),
        when=_conditions(entry.table("when", optional=True), ages),
        source=read_source(entry),
        until=entry.day("until"),
        obligations=tuple(_obligation(inner) for inner in entry.tables("obligations")),
        fields=tuple(sorted(entry.texts("fields", default=()))),
    )
    _check(entry, rule)
    return rule


def _check(entry: Table, rule: Rule) -> None:
    if (rule.effect is Effect.REDACT) != bool(rule.fields):
        entry.fault("fields", "has to name what is left out where, and only where, the effect is redact")
    if rule.until and rule.source.effective and rule.until <= rule.source.effective:
        entry.fault("until", "is not after the day on which the rule takes effect")


def read_purposes(entry: Table) -> frozenset[Purpose]:
    return frozenset(read_words(entry, "purposes", Purpose, list(Purpose)))


def read_categories(entry: Table) -> frozenset[DataCategory]:
    personal = [category for category in DataCategory if category.is_personal]
    named = read_words(entry, "categories", DataCategory, personal)
    return frozenset(kind for category in named for kind in kinds_of(category))


def read_words(entry: Table, key: str, names: type[Word], everything: list[Word]) -> list[Word]:
    """Return the words under *key*, with all of *everything* where ``*`` is one of them."""
    texts = entry.texts(key)
    if entry.has(key) and not texts:
        entry.fault(key, "names nothing")
    for text in texts:
        if text not in {ALL, *names}:
            entry.fault(key, f"names {text!r}, which is not one of {', '.join(names)}")
    named = [names(text) for text in texts if text in set(names)]
    return [*named, *everything] if ALL in texts else named


def _conditions(entry: Table, ages: Collection[str]) -> Conditions:
    flags = {key: entry.flag(key) if entry.has(key) else None for key in _FLAGS}
    when = Conditions(
        **flags,
        countries=_countries(entry),
        signal=entry.choice("signal", Signal) if entry.has("signal") else None,
        from_age=_age(entry, "from_age", ages),
        under_age=_age(entry, "under_age", ages),
    )
    _check_conditions(entry, when)
    entry.close()
    return when


def _check_conditions(entry: Table, when: Conditions) -> None:
    if when.at_home and (when.countries or when.adequate is not None or when.instrument is not None):
        entry.fault("at_home", "is true, but other conditions speak of a transfer")
    if when.category_consent and when.consent is False:
        entry.fault("category_consent", "is true, but consent is false")
    if isinstance(when.from_age, int) and isinstance(when.under_age, int) and when.from_age >= when.under_age:
        entry.fault("under_age", "is not above from_age")


def _countries(entry: Table) -> frozenset[str]:
    codes = entry.texts("countries", default=())
    if entry.has("countries") and not codes:
        entry.fault("countries", "names nothing")
    for code in codes:
        if not _COUNTRY.fullmatch(code):
            entry.fault("countries", f"names {code!r}, which is no ISO 3166 code")
    return frozenset(codes)


def _age(entry: Table, key: str, ages: Collection[str]) -> AgeBound | None:
    if not entry.has(key):
        return None
    if not isinstance(entry.values[key], str):
        return entry.whole(key, 1, ADULT_YEARS)
    name = entry.text(key)
    if name not in ages:
        entry.fault(key, f"is {name!r}, for which the place sets no figure")
        return None
    return name if name == OWN_CONSENT else AgeRule(name)


def _obligation(entry: Table) -> Obligation:
    obligation = Obligation(
        kind=entry.choice("kind", ObligationKind),
        ref=entry.text("ref"),
        days=entry.whole("days", 1, LONGEST_DAYS) if entry.has("days") else 0,
        note=entry.text("note", default=""),
    )
    entry.close()
    return obligation
