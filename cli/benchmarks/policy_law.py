"""A law of as many rules as wanted, each of which decides some fact, and facts that ask after all of them."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, product

from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind, Signal
from policies.pack import Pack, PackSet
from policies.rule import Conditions, Rule
from policies.ruling import Effect, Obligation, ObligationKind, Reason
from policies.source import Source
from policies.vocabulary import Basis, Certainty, DataCategory, Purpose

COUNTRIES = (HOME, "AR", "AU", "BR", "CA", "CH", "CN", "GB", "IN", "JP", "KR", "NZ", "US", "ZA")
AGES = (0, 12, 13, 14, 16, 18, 21, ADULT_YEARS)
FIRST_DAY = date(2026, 1, 1)
DAYS = tuple(FIRST_DAY + timedelta(days=days) for days in range(2_000))
ERAS = 5
SELDOM = 10
COSTLIEST = (Purpose.ANALYSIS, DataCategory.WORKOUT_SAMPLES)
INSTRUMENTS = (frozenset[InstrumentKind](), *(frozenset({kind}) for kind in InstrumentKind))
SIGNALS = (frozenset[Signal](), frozenset(Signal))
"""A node has one set of instruments per link, one of signals for all that send them, one object per day."""

CONDITIONS = (
    (Effect.ALLOW, Conditions(consent=True)),
    (Effect.NEEDS_CONSENT, Conditions(consent=False)),
    (Effect.DENY, Conditions(objected=True)),
    (Effect.REDACT, Conditions(category_consent=True, restricted=False)),
    (Effect.NEEDS_GUARDIAN, Conditions(guardian=False)),
)


def generated_law(pack: Pack, count: int) -> PackSet:
    """Return *pack* with *count* generated rules in the place of its own.

    Each rule has a scope to itself: a purpose and category, then a country and a span of ages. So ten rules
    are about ten questions, one of them on samples, which cost most; thirty thousand are a hundred to each.
    A rule on a country has the effect and conditions of the one at home: both decide on what goes there.
    """
    questions = sorted(product(Purpose, DataCategory), key=lambda one: one != COSTLIEST)
    places = product(COUNTRIES, range(len(AGES) - 1))
    scopes = ((*question, *place) for place in places for question in questions)
    rules = tuple(_rule(number, *scope) for number, scope in enumerate(islice(scopes, count)))
    return PackSet.of((replace(pack, rules=rules, overlays={}),))


def facts_on_rules(dice: random.Random, packs: PackSet, count: int) -> list[Facts]:
    """Return *count* distinct facts in random order, on each rule one that it decides."""
    (pack,) = packs.by_jurisdiction.values()
    aimed = [_decided_by(pack, rule) for rule in pack.rules]

    def near() -> Facts:
        rule = dice.choice(pack.rules)
        return _somebody(dice, pack, min(rule.purposes), min(rule.categories))

    return _distinct(dice, aimed, near, count)


def facts_on_packs(dice: random.Random, packs: PackSet, count: int) -> list[Facts]:
    """Return *count* distinct facts on people under all of the packs and overlays, in random order."""
    places = [(pack, overlay) for pack in packs.by_jurisdiction.values() for overlay in ("", *pack.overlays)]

    def anybody() -> Facts:
        pack, overlay = dice.choice(places)
        facts = _somebody(dice, pack, dice.choice(list(Purpose)), dice.choice(list(DataCategory)))
        return replace(facts, overlay=overlay)

    return _distinct(dice, [], anybody, count)


def _rule(number: int, purpose: Purpose, category: DataCategory, country: str, span: int) -> Rule:
    at_home = number % (len(Purpose) * len(DataCategory) * (len(AGES) - 1))
    effect, when = CONDITIONS[at_home % len(CONDITIONS)]
    effective = FIRST_DAY + timedelta(days=30 * (number % ERAS))
    return Rule(
        id=f"generated.{number:05}",
        effect=effect,
        reason=Reason.CONTRACT,
        purposes=frozenset({purpose}),
        categories=frozenset({category}),
        when=replace(
            when,
            at_home=country == HOME,
            countries=frozenset({country} - {HOME}),
            from_age=AGES[span] or None,
            under_age=AGES[span + 1],
        ),
        source=Source(
            ref=f"Act {number}", certainty=Certainty.HIGH, basis=Basis.SEEN, effective=effective, note=""
        ),
        obligations=(Obligation(kind=ObligationKind.RECORD, ref=f"Act {number}"),),
        fields=("day",) if effect is Effect.REDACT else (),
    )


def _decided_by(pack: Pack, rule: Rule) -> Facts:
    (purpose,), (category,) = rule.purposes, rule.categories
    consented = rule.when.consent or rule.when.category_consent
    return Facts(
        jurisdiction=pack.jurisdiction,
        overlay="",
        age_years=int(rule.when.from_age or 0),
        purpose=purpose,
        category=category,
        destination_country=next(iter(rule.when.countries), HOME),
        at=DAYS[-1],
        consents=frozenset({(purpose, category)} if consented else ()),
        objections=frozenset({purpose} if rule.when.objected else ()),
        channels=frozenset(),
    )


def _somebody(dice: random.Random, pack: Pack, purpose: Purpose, category: DataCategory) -> Facts:
    given = [
        (dice.choice([purpose, *Purpose]), dice.choice([None, category])) for _ in range(dice.randrange(6))
    ]
    return Facts(
        jurisdiction=pack.jurisdiction,
        overlay="",
        age_years=dice.randrange(10, 80),
        purpose=purpose,
        category=category,
        destination_country=dice.choice([HOME] * 3 + list(COUNTRIES)),
        at=dice.choice(DAYS),
        consents=frozenset(given),
        guardian_consent=dice.choice([True, False]),
        instruments=dice.choice(INSTRUMENTS),
        objections=frozenset(dice.sample(list(Purpose), dice.choice([0, 0, 0, 1, 2]))),
        signals=dice.choice(SIGNALS),
        restricted=not dice.randrange(SELDOM),
        rights=not dice.randrange(SELDOM),
    )


def _distinct(
    dice: random.Random, first: list[Facts], further: Callable[[], Facts], count: int
) -> list[Facts]:
    wanted = dict.fromkeys(first)
    while len(wanted) < count:
        wanted[further()] = None
    facts = list(wanted)
    dice.shuffle(facts)
    return facts
