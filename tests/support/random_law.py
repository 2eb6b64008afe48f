"""Packs and facts drawn at random, dense where rules begin and end to hold."""

from dataclasses import fields, replace
from datetime import date, timedelta

from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind, Signal
from policies.loading import load_packs
from policies.pack import AgeLimit, Overlay, PackSet
from policies.rule import OWN_CONSENT, Adequacy, Conditions, Rule, Transfer
from policies.ruling import Effect, Obligation, ObligationKind, Reason
from policies.source import Source
from policies.vocabulary import AgeRule, Basis, Certainty, CrossBorder, DataCategory, Purpose
from tests.policies.test_loading import GOOD, OVERLAY

COUNTRIES = ("FR", "JP", "US", "BR", "CN")
DAYS = tuple(date(2026, 1, 1) + timedelta(days=300 * n) for n in range(5))
FEW_PURPOSES = (Purpose.LEADERBOARD, Purpose.ANALYSIS)
FEW_CATEGORIES = (
    DataCategory.HEALTH,
    DataCategory.HEART_RATE,
    DataCategory.PRECISE_LOCATION,
    DataCategory.WORKOUT_SAMPLES,
)
FLAGS = tuple(field.name for field in fields(Conditions) if field.type == bool | None)


def random_packs(draw, rules):
    """Return one pack with an overlay, of *rules* rules in all, some of them the platform's."""
    base = load_packs({"aa.toml": GOOD + OVERLAY}).by_country["AA"]
    drawn = [random_rule(draw, f"{draw.choice('abc')}.{number}") for number in range(rules)]
    parts = [drawn[0::3], drawn[1::3], drawn[2::3]]
    overlay = Overlay(country="AA", ages=random_ages(draw), rules=tuple(parts[2]))
    pack = replace(
        base,
        ages=random_ages(draw),
        overlays={"AA": overlay},
        rules=tuple(parts[1]),
        transfer=draw.choice([None, random_transfer(draw)]),
    )
    return PackSet.of((pack,), tuple(parts[0]))


def random_rule(draw, name):
    effect = draw.choice(list(Effect))
    begin, end = sorted(draw.sample(DAYS, 2))
    return Rule(
        id=name,
        effect=effect,
        reason=draw.choice(list(Reason)),
        purposes=frozenset(draw.sample(FEW_PURPOSES, draw.randint(1, 2))),
        categories=frozenset(draw.sample(FEW_CATEGORIES, draw.randint(1, 4))),
        when=random_conditions(draw),
        source=random_source(draw, draw.choice([None, None, begin])),
        until=draw.choice([None, None, end]),
        obligations=tuple(random_obligation(draw) for _ in range(draw.randint(0, 2))),
        fields=tuple(draw.sample(["day", "month", "year"], 2)) if effect is Effect.REDACT else (),
    )


def random_conditions(draw):
    ages = [None, None, None, 13, 16, OWN_CONSENT, *AgeRule]
    asked = draw.sample(FLAGS, draw.choice([0, 1, 2, 3, len(FLAGS)]))
    return Conditions(
        **{flag: draw.random() < 0.5 for flag in asked},
        countries=frozenset(draw.sample(COUNTRIES, draw.choice([0, 0, 0, 1, 3]))),
        signal=draw.choice([None, None, None, *Signal]),
        from_age=draw.choice(ages),
        under_age=draw.choice(ages),
    )


def random_source(draw, effective):
    return Source(
        ref=f"Act {draw.randint(1, 9)}",
        certainty=draw.choice(list(Certainty)),
        basis=draw.choice(list(Basis)),
        effective=effective,
        note="",
    )


def random_obligation(draw):
    return Obligation(
        kind=draw.choice(list(ObligationKind)), ref=f"Act {draw.randint(1, 5)}", days=draw.randint(0, 3)
    )


def random_ages(draw):
    named = draw.sample(list(AgeRule), draw.randint(0, 3))
    starts = {rule: draw.choice([None, *DAYS]) for rule in named}
    return {
        rule: AgeLimit(rule=rule, years=draw.randint(12, 18), source=random_source(draw, start))
        for rule, start in starts.items()
    }


def random_transfer(draw):
    found = draw.sample(COUNTRIES, 3)
    findings = [sorted(draw.sample(DAYS, 2)) for _ in found]
    return Transfer(
        cross_border=CrossBorder.MECHANISM_REQUIRED,
        adequate={
            country: Adequacy(
                effective=draw.choice([None, begin]),
                until=draw.choice([None, end]),
                source=draw.choice([None, random_source(draw, None)]),
            )
            for country, (begin, end) in zip(found, findings, strict=True)
        },
        instruments=frozenset(draw.sample(list(InstrumentKind), 2)),
        source=random_source(draw, None),
    )


def random_facts(draw, packs, purposes=tuple(Purpose), categories=tuple(DataCategory)):
    """Return facts about somebody under one of *packs*, seldom under none."""
    jurisdiction, pack = draw.choice(list(packs.by_jurisdiction.items()))
    purpose = draw.choice(purposes)
    days = [*DAYS, *_days(pack), date(2026, 11, 21), date(2031, 12, 27)]
    ages = [*range(11, 20), ADULT_YEARS, 0, 40]
    countries = [HOME, HOME, *COUNTRIES, *(pack.transfer.adequate if pack.transfer else ()), "ZZ"]
    return Facts(
        jurisdiction=draw.choice([jurisdiction] * 50 + ["xx"]),
        overlay=draw.choice(["", *pack.overlays] * 10 + ["YY"]),
        age_years=draw.choice(ages),
        purpose=purpose,
        category=draw.choice(categories),
        destination_country=draw.choice(countries),
        at=draw.choice(days) + timedelta(days=draw.choice([-1, 0, 0, 1])),
        consents=random_consents(draw, purpose, categories),
        guardian_consent=draw.random() < 0.5,
        instruments=_some(draw, InstrumentKind),
        objections=frozenset(draw.choice([(), (), (purpose,), (Purpose.SUPPORT,)])),
        signals=frozenset(draw.choice([(), (), tuple(Signal)])),
        channels=frozenset(draw.sample(categories, draw.randint(0, min(4, len(categories))))),
        restricted=draw.random() < 0.2,
        rights=draw.random() < 0.2,
    )


def random_consents(draw, purpose, categories):
    named = [(purpose, category) for category in draw.sample(categories, draw.randint(0, 3))]
    general = [(draw.choice([purpose, Purpose.CLUB]), None)]
    return frozenset(draw.choice([[], named, general, general + named]))


def _some(draw, words):
    return frozenset(draw.sample(list(words), draw.choice([0, 0, 1, 2])))


def _days(pack):
    limits = [*pack.ages.values(), *(limit for own in pack.overlays.values() for limit in own.ages.values())]
    sources = [limit.source for limit in limits] + [rule.source for rule in pack.rules]
    ends = [rule.until for rule in pack.rules] + list(pack.transfer.days() if pack.transfer else ())
    return [day for day in [*(source.effective for source in sources), *ends] if day]
