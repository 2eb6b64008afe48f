"""What is wrong with packs that load: rules that say nothing, too much or two things, and facts that end.

The findings are words and names; what reads them to people puts them into sentences.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from policies.compiling import compile_law
from policies.destinations import Destinations
from policies.facts import ADULT_YEARS
from policies.grid import possible_rulings
from policies.law import Law, all_laws, find_law
from policies.leaves import LeafTables
from policies.pack import Pack, PackSet
from policies.rule import Conditions, Rule
from policies.ruling import Effect, Ruling
from policies.verdicts import LETS_THROUGH, Grounded
from policies.vocabulary import Purpose

PLATFORM = "platform"
SOON = timedelta(days=90)
_NO_CONDITIONS = Conditions()


class Flaw(StrEnum):
    """What can be wrong."""

    NEVER_FIRES = "never-fires"
    """No facts meet all its conditions."""
    ALWAYS_FIRES = "always-fires"
    """It refuses everybody, whatever they do: it has no condition."""
    CONTRADICTS = "contradicts"
    """One lets through what the other refuses, on the same conditions."""
    NO_EFFECT = "no-effect"
    """Wherever it applies, a stronger rule does too."""
    UNCOVERED_PURPOSE = "uncovered-purpose"
    UNCOVERED_PLACE = "uncovered-place"
    EXPIRED = "expired"
    EXPIRES_SOON = "expires-soon"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_SEVERITIES = {
    Flaw.NO_EFFECT: Severity.WARNING,
    Flaw.EXPIRED: Severity.WARNING,
    Flaw.EXPIRES_SOON: Severity.INFO,
    Flaw.UNCOVERED_PLACE: Severity.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One flaw.

    Attributes:
        source: The jurisdiction whose pack has it, or `PLATFORM`; empty for a place without a pack.
        subject: A rule's id, a purpose, or an ISO 3166 code of a country or subdivision.
        other: The rule that it contradicts.
        day: When it ended or will end.
    """

    flaw: Flaw
    source: str
    subject: str
    other: str = ""
    day: date | None = None

    @property
    def severity(self) -> Severity:
        return _SEVERITIES.get(self.flaw, Severity.ERROR)


def lint(packs: PackSet, on: date, places: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Return what is wrong with *packs* on a day, in a stable order.

    *places* are ISO 3166 codes: of all countries, and of subdivisions where law differs inside a country.
    Takes a second or two, as it compiles all laws.
    """
    findings = [
        *_on_rules(packs),
        *(flaw for source, rules in _rules(packs) for flaw in _contradictions(source, rules)),
        *(flaw for source, rules in _rules(packs) for rule in rules for flaw in _of_one(source, rule, on)),
        *(flaw for pack in packs.by_jurisdiction.values() for flaw in _of_pack(packs, pack, on)),
        *_uncovered(packs, places),
    ]
    return tuple(sorted(findings, key=lambda one: (one.flaw, one.source, one.subject, one.other)))


def _rules(packs: PackSet) -> list[tuple[str, tuple[Rule, ...]]]:
    """Return the rules of the platform and of each pack, its overlays' among them."""
    of_packs = [
        (pack.jurisdiction, (*pack.rules, *(rule for own in pack.overlays.values() for rule in own.rules)))
        for pack in packs.by_jurisdiction.values()
    ]
    return [(PLATFORM, packs.platform), *of_packs]


def _on_rules(packs: PackSet) -> Iterator[Finding]:
    """Find rules that never fire, and those that never decide, in any of the laws that they are part of."""
    laws = list(_laws(packs))
    deciding = {name for law in laws for ruling in _possible(law) for name in ruling.rules}
    for source, rules in _rules(packs):
        for rule in rules:
            if rule.id in deciding:
                continue
            if not any(_can_fire(law, rule) for law in laws if rule in law.rules):
                yield Finding(flaw=Flaw.NEVER_FIRES, source=source, subject=rule.id)
            elif not _binds(rule):
                yield Finding(flaw=Flaw.NO_EFFECT, source=source, subject=rule.id)


def _laws(packs: PackSet) -> Iterator[Law]:
    for jurisdiction, overlay in all_laws(packs):
        law = find_law(packs, jurisdiction, overlay)
        if law is not None:
            yield law


def _possible(law: Law) -> set[Ruling]:
    return possible_rulings(compile_law(law, LeafTables(law.authority)))


def _binds(rule: Rule) -> bool:
    """Whether *rule* has an effect beside one that decides: its obligations come with what is let through."""
    return rule.effect in LETS_THROUGH and bool(rule.obligations)


def _can_fire(law: Law, rule: Rule) -> bool:
    takes_some = law.transfer is not None and law.transfer.instruments
    if rule.when.instrument and not takes_some:
        return False
    destinations = Destinations(law)
    days = {rule.source.effective or date.min, *law.days(rule)}
    return any(
        any(there for there, _ in destinations.divide([Grounded(rule, (), 0)], day))
        for day in days
        if rule.in_force(day) and _some_age(law, rule.when, day)
    )


def _some_age(law: Law, when: Conditions, day: date) -> bool:
    low = 0 if when.from_age is None else law.figure(when.from_age, day)
    high = ADULT_YEARS + 1 if when.under_age is None else law.figure(when.under_age, day)
    return low < high


def _contradictions(source: str, rules: Iterable[Rule]) -> Iterator[Finding]:
    for one, other in combinations(rules, 2):
        effects = {one.effect, other.effect}
        if effects == {Effect.ALLOW, Effect.DENY} and one.when == other.when and _overlap(one, other):
            yield Finding(flaw=Flaw.CONTRADICTS, source=source, subject=one.id, other=other.id)


def _overlap(one: Rule, other: Rule) -> bool:
    starts = max(one.source.effective or date.min, other.source.effective or date.min)
    ends = min(one.until or date.max, other.until or date.max)
    return bool(one.purposes & other.purposes and one.categories & other.categories) and starts < ends


def _of_one(source: str, rule: Rule, on: date) -> Iterator[Finding]:
    if rule.effect not in LETS_THROUGH and rule.when == _NO_CONDITIONS:
        yield Finding(flaw=Flaw.ALWAYS_FIRES, source=source, subject=rule.id)
    yield from _ending(source, rule.id, rule.until, on)


def _of_pack(packs: PackSet, pack: Pack, on: date) -> Iterator[Finding]:
    covered = {purpose for rule in (*packs.platform, *pack.rules) for purpose in rule.purposes}
    for purpose in Purpose:
        if purpose not in covered:
            yield Finding(flaw=Flaw.UNCOVERED_PURPOSE, source=pack.jurisdiction, subject=purpose)
    for country, finding in (pack.transfer.adequate if pack.transfer else {}).items():
        yield from _ending(pack.jurisdiction, country, finding.until, on)


def _ending(source: str, subject: str, until: date | None, on: date) -> Iterator[Finding]:
    if until is not None and until <= on + SOON:
        flaw = Flaw.EXPIRED if until <= on else Flaw.EXPIRES_SOON
        yield Finding(flaw=flaw, source=source, subject=subject, day=until)


def _uncovered(packs: PackSet, places: Iterable[str]) -> Iterator[Finding]:
    for place in places:
        known: Mapping[str, Pack] = packs.by_subdivision if "-" in place else packs.by_country
        if place not in known and place not in packs.divided_countries:
            yield Finding(flaw=Flaw.UNCOVERED_PLACE, source="", subject=place)
