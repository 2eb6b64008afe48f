"""Why a ruling is as it is: each rule that was looked at, and what would have to change for it to allow.

Both come from the plain evaluator. Changes are found by trying them, from the fewest at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from itertools import chain, combinations

from policies.facts import HOME, Facts
from policies.pack import Pack, PackSet
from policies.reference_engine import ReferenceEngine, parts_of, sources_of, unmet
from policies.rule import Rule
from policies.ruling import Explanation, RuleReport
from policies.vocabulary import Basis, Certainty

Alter = Callable[[Facts], Facts]

MOST_CHANGES = 4
OLDEST_ASKED = 25
"""No law sets a higher age (the loader sees to it)."""


class Change(StrEnum):
    """A fact that could be otherwise."""

    CONSENT = "consent"
    CATEGORY_CONSENT = "category-consent"
    GUARDIAN = "guardian"
    INSTRUMENT = "instrument"
    AGE = "age"
    """Stands before the years to be, as in ``age:16``."""
    OBJECTION = "objection"
    """Taken back by the person."""
    SIGNAL = "signal"
    RESTRICTION = "restriction"
    """Lifted."""
    DESTINATION = "destination"
    """Home, in the residency group."""


def explain(packs: PackSet, facts: Facts) -> Explanation:
    """Explain the ruling on *facts*; takes some milliseconds."""
    engine = ReferenceEngine(packs)
    ruling = engine.decide(facts)
    pack = packs.by_jurisdiction.get(facts.jurisdiction)
    if pack is None or (facts.overlay and facts.overlay not in pack.overlays):
        return Explanation(ruling=ruling, reports=(), changes=())
    changes = () if ruling.allowed else tuple(_changes(engine, facts, pack))
    return Explanation(ruling=ruling, reports=_reports(engine, facts, pack), changes=changes)


def _reports(engine: ReferenceEngine, facts: Facts, pack: Pack) -> tuple[RuleReport, ...]:
    reports: dict[str, RuleReport] = {}
    for part in chain.from_iterable(parts_of(facts)):
        for rule in engine.looked_at(part, pack):
            report = _report(rule, part, pack)
            known = reports.get(rule.id)
            if known is None or len(report.unmet) < len(known.unmet):
                reports[rule.id] = report
    return tuple(reports[name] for name in sorted(reports))


def _report(rule: Rule, facts: Facts, pack: Pack) -> RuleReport:
    missing = tuple(unmet(rule, facts, pack))
    sources = sources_of(rule, facts, pack)
    certainties = [source.certainty for source in sources]
    return RuleReport(
        rule=rule.id,
        effect=rule.effect,
        applied=not missing,
        unmet=missing,
        ref=rule.source.ref,
        certainty=max(certainties, key=list(Certainty).index),
        recalled=any(source.basis is Basis.RECALL for source in sources),
        note=rule.source.note,
        effective=rule.source.effective,
    )


def _changes(engine: ReferenceEngine, facts: Facts, pack: Pack) -> Iterable[tuple[str, ...]]:
    """Yield sets of changes that allow, none of which holds another, from the smallest."""
    possible = _possible(facts, pack)
    found: list[set[Change]] = []
    for size in range(1, MOST_CHANGES + 1):
        for chosen in combinations(possible, size):
            if any(less <= {*chosen, *_implied(chosen)} for less in found):
                continue
            changed = _first_allowed(engine, facts, [possible[change] for change in chosen])
            if changed is not None:
                found.append(set(chosen))
                yield tuple(_named(change, changed) for change in chosen)


def _implied(chosen: Iterable[Change]) -> set[Change]:
    """Return what is less than one of *chosen*: consent to a category, where any consent would do."""
    return {Change.CONSENT} if Change.CATEGORY_CONSENT in chosen else set()


def _possible(facts: Facts, pack: Pack) -> Mapping[Change, Sequence[Alter]]:
    """Return what can be changed of *facts*, with the ways to do so in the order to try them."""
    purpose = facts.purpose
    by_category = {(purpose, part.category) for part in chain.from_iterable(parts_of(facts))}
    accepted = pack.transfer.instruments if pack.transfer else frozenset()
    older = range(facts.age_years + 1, OLDEST_ASKED + 1)
    changes: dict[Change, list[Alter]] = {
        Change.CONSENT: [lambda facts: replace(facts, consents=facts.consents | {(purpose, None)})],
        Change.CATEGORY_CONSENT: [lambda facts: replace(facts, consents=facts.consents | by_category)],
        Change.GUARDIAN: [lambda facts: replace(facts, guardian_consent=True)],
        Change.INSTRUMENT: [lambda facts: replace(facts, instruments=facts.instruments | accepted)],
        Change.OBJECTION: [lambda facts: replace(facts, objections=facts.objections - {purpose})],
        Change.SIGNAL: [lambda facts: replace(facts, signals=frozenset())],
        Change.RESTRICTION: [lambda facts: replace(facts, restricted=False)],
        Change.DESTINATION: [lambda facts: replace(facts, destination_country=HOME)],
        Change.AGE: [partial(_aged, years=years) for years in older],
    }
    return {change: ways for change, ways in changes.items() if any(way(facts) != facts for way in ways)}


def _aged(facts: Facts, *, years: int) -> Facts:
    return replace(facts, age_years=years)


def _first_allowed(engine: ReferenceEngine, facts: Facts, changes: Sequence[Sequence[Alter]]) -> Facts | None:
    """Return *facts* as changed in the first way that allows; only an age, the last, has several."""
    *others, last = changes
    for ways in others:
        facts = ways[0](facts)
    altered = (way(facts) for way in last)
    return next((changed for changed in altered if engine.decide(changed).allowed), None)


def _named(change: Change, changed: Facts) -> str:
    return f"{change}:{changed.age_years}" if change is Change.AGE else change
