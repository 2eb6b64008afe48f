"""The compiled engine on small packs, where one thing decides; `test_differential` has the breadth."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from policies.engine import Engine
from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind
from policies.leaves import LeafTables
from policies.loading import load_packs
from policies.ruling import Effect, Reason
from policies.verdicts import Authority, Grounded
from policies.vocabulary import DataCategory, Purpose
from tests.policies.test_lint import TRANSFER, rule
from tests.policies.test_loading import GOOD, OVERLAY

DAY = timedelta(days=1)
CHAT = Facts(
    jurisdiction="aa",
    overlay="",
    age_years=40,
    purpose=Purpose.CHAT,
    category=DataCategory.HEART_RATE,
    destination_country=HOME,
    at=date(2031, 1, 1),
)
ABROAD = replace(CHAT, destination_country="JP")
ALLOWED = rule("fine", when="at_home = true")
PLATFORM = 'schema = 1\nversion = "2031-01-01"\n'
CONSERVATIVE = """
[ages.conservative]
years = 18
ref = "Act 1 s.3"
certainty = "low"
basis = "recall"
"""


def engine(*rules, pack=GOOD, platform=None):
    return Engine(load_packs({"aa.toml": pack + "".join(rules)}, platform), on_fault=pytest.fail)


def effect(law, facts, **changes):
    return law.decide(replace(facts, **changes)).effect


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2030, 12, 31), Effect.DENY),
        (date(2031, 1, 1), Effect.ALLOW),
        (date(2031, 5, 31), Effect.ALLOW),
        (date(2031, 6, 1), Effect.DENY),
    ],
)
@pytest.mark.parametrize("what", ["rule", "finding"])
def test_what_holds_does_so_from_its_first_day_to_the_day_before_its_end(what, day, expected):
    span = "effective = 2031-01-01\nuntil = 2031-06-01"
    spans = {"rule": "", "finding": "", what: span}
    law = engine(
        TRANSFER.replace("[[transfer.findings]]", f"[[transfer.findings]]\n{spans['finding']}"),
        rule("adequate", when="adequate = true", further=spans["rule"]),
        ALLOWED,
    )
    assert expected is effect(law, ABROAD, at=day)


@pytest.mark.parametrize(
    ("overlay", "day", "age"),
    [("", "2031-01-01", 14), ("AA", "2029-12-31", 14), ("AA", "2030-01-01", 15)],
)
def test_an_overlays_age_holds_from_its_day_and_the_packs_before(overlay, day, age):
    law = engine(OVERLAY, rule("old-enough", when='from_age = "own-consent"'))
    there = replace(CHAT, overlay=overlay, at=date.fromisoformat(day))
    assert Effect.DENY is effect(law, there, age_years=age - 1)
    assert Effect.ALLOW is effect(law, there, age_years=age)


def test_consent_of_ones_own_goes_by_the_digital_age_and_else_by_the_conservative_one():
    old_enough = rule("old-enough", when='from_age = "own-consent"')
    later = GOOD.replace("years = 14", "years = 14\neffective = 2031-01-01") + CONSERVATIVE
    law = engine(old_enough, pack=later)
    assert Effect.ALLOW is effect(law, CHAT, age_years=14)
    assert Effect.DENY is effect(law, CHAT, age_years=17, at=CHAT.at - DAY)
    assert Effect.ALLOW is effect(law, CHAT, age_years=18, at=CHAT.at - DAY)


def test_the_highest_age_is_one_that_a_rule_can_name():
    law = engine(rule("old", when=f"from_age = {ADULT_YEARS}"))
    assert [False, True] == [law.decide(replace(CHAT, age_years=ADULT_YEARS - n)).allowed for n in (1, 0)]


def test_ages_begin_at_nought():
    law = engine(rule("one", when="from_age = 1"), rule("nought", when="under_age = 1"))
    assert [("aa.nought",), ("aa.one",)] == [law.decide(replace(CHAT, age_years=age)).rules for age in (0, 1)]


@pytest.mark.parametrize(("jurisdiction", "overlay"), [("xx", ""), ("aa", "YY")])
def test_an_unknown_law_denies_for_want_of_a_rule(jurisdiction, overlay):
    ruling = engine(ALLOWED).decide(replace(CHAT, jurisdiction=jurisdiction, overlay=overlay))
    assert (Effect.DENY, (Reason.NO_RULE,), ()) == (ruling.effect, ruling.reasons, ruling.rules)


def test_what_no_rule_answers_is_denied():
    ruling = engine(rule("other", purposes='["club"]')).decide(CHAT)
    assert (Effect.DENY, (Reason.NO_RULE,)) == (ruling.effect, ruling.reasons)
    assert not ruling.allowed


def test_what_fails_is_denied_and_told_without_the_facts():
    told = []
    packs = load_packs({"aa.toml": GOOD + rule("old", when="from_age = 18")})
    broken = replace(CHAT, age_years="forty")
    ruling = Engine(packs, told.append).decide(broken)
    assert (Effect.DENY, (Reason.FAULT,), "aa") == (ruling.effect, ruling.reasons, ruling.jurisdiction)
    (text,) = told
    assert text.startswith("TypeError at policies.engine:")
    assert "forty" not in text
    assert ruling == Engine(packs).decide(broken)


def test_rulings_are_made_once_and_shared():
    law = engine(ALLOWED)
    assert law.decide(CHAT) is law.decide(replace(CHAT, age_years=20))


@pytest.mark.parametrize("changed", ["aa.toml", "platform.toml", ""])
def test_a_pack_is_compiled_again_only_when_it_or_the_platform_has_changed(changed):
    files = {"aa.toml": GOOD + ALLOWED, "platform.toml": PLATFORM}
    first = Engine(load_packs({"aa.toml": files["aa.toml"]}, files["platform.toml"]))
    stricter = rule("barred", "deny", "at_home = true")
    after = files | ({changed: files[changed] + stricter} if changed else {})
    then = Engine(load_packs({"aa.toml": after["aa.toml"]}, after["platform.toml"]), known=[first])
    assert (Effect.ALLOW if not changed else Effect.DENY) is then.decide(CHAT).effect
    assert (not changed) is (first.decide(CHAT) is then.decide(CHAT))
    assert Effect.ALLOW is first.decide(CHAT).effect


def test_engines_that_share_a_pack_tell_their_own_faults():
    packs = load_packs({"aa.toml": GOOD + rule("old", when="from_age = 18")})
    told = [], []
    first = Engine(packs, told[0].append)
    Engine(packs, told[1].append, [first]).decide(replace(CHAT, age_years="forty"))
    assert [0, 1] == [len(each) for each in told]


def test_only_what_is_wanted_is_compiled_beforehand():
    other = GOOD.replace('"aa"', '"bb"').replace('"AA"', '"BB"')
    law = Engine(load_packs({"aa.toml": GOOD + OVERLAY, "bb.toml": other}))
    law.warm(["aa"])
    assert {("aa", ""), ("aa", "AA")} == law._laws.keys()
    law.warm()
    assert {("aa", ""), ("aa", "AA"), ("bb", "")} == law._laws.keys()


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [(a, b) for place, a in enumerate(reversed(Effect)) for b in list(reversed(Effect))[place + 1 :]],
)
def test_the_strongest_effect_wins(stronger, weaker):
    fields = {Effect.REDACT: 'fields = ["day"]'}
    rules = [rule(str(one), one, "at_home = true", further=fields.get(one, "")) for one in (weaker, stronger)]
    ruling = engine(*rules).decide(CHAT)
    assert (stronger, (f"aa.{stronger}",)) == (ruling.effect, ruling.rules)


def test_platform_pack_and_overlay_rule_together():
    platform = 'schema = 1\nversion = "2030-01-01"\n' + rule("one", when="at_home = true")
    own = rule("three", when="at_home = true").replace("[[rules", "[[overlays.AA.rules")
    law = engine(
        rule("two", when="at_home = true"),
        OVERLAY,
        own.replace("[rules", "[overlays.AA.rules"),
        platform=platform,
    )
    assert ("aa.two", "platform.one") == law.decide(CHAT).rules
    ruling = law.decide(replace(CHAT, overlay="AA"))
    assert (("aa.two", "aa/aa.three", "platform.one"), "AA") == (ruling.rules, ruling.overlay)


@pytest.mark.parametrize(
    ("consent", "general", "by_category"),
    [
        pytest.param((Purpose.CHAT, None), True, False, id="to-the-purpose"),
        pytest.param((Purpose.CHAT, DataCategory.HEART_RATE), True, True, id="to-the-category"),
        pytest.param((Purpose.CHAT, DataCategory.HEALTH), True, True, id="to-what-it-is-a-kind-of"),
        pytest.param((Purpose.CHAT, DataCategory.BODY_WEIGHT), False, False, id="to-another-category"),
        pytest.param((Purpose.CLUB, None), False, False, id="to-another-purpose"),
    ],
)
def test_a_consent_answers_for_what_it_names(consent, general, by_category):
    facts = replace(CHAT, consents=frozenset({consent}))
    for condition, expected in (("consent", general), ("category_consent", by_category)):
        law = engine(rule("given", when=f"{condition} = true"))
        assert expected is law.decide(facts).allowed


def test_an_instrument_counts_where_the_law_takes_its_kind():
    law = engine(TRANSFER, rule("paper", when="instrument = true"))
    accepted, other = InstrumentKind.STANDARD_CLAUSES, InstrumentKind.NOTICE
    assert law.decide(replace(ABROAD, instruments=frozenset({accepted, other}))).allowed
    assert not law.decide(replace(ABROAD, instruments=frozenset({other}))).allowed


def bound(name, effect, when, days, further=""):
    duty = f'obligations = [{{kind = "retain", days = {days}, ref = "Act 9"}}]\n[rules.when]'
    return rule(name, effect, when, further=further).replace("[rules.when]", duty)


def test_obligations_of_all_come_with_what_is_let_through():
    law = engine(
        bound("one", "allow", "at_home = true", 1),
        bound("two", "redact", "consent = false", 2, 'fields = ["day"]'),
    )
    assert [1, 2] == [duty.days for duty in law.decide(CHAT).obligations]
    stopped = engine(bound("one", "allow", "at_home = true", 1), bound("two", "deny", "consent = false", 2))
    assert [2] == [duty.days for duty in stopped.decide(CHAT).obligations]


SAMPLES = replace(CHAT, category=DataCategory.WORKOUT_SAMPLES)


def for_category(text, category):
    return text.replace('categories = ["*"]', f'categories = ["{category}"]')


def test_samples_are_ruled_by_the_strictest_of_their_channels():
    law = engine(ALLOWED, for_category(rule("hidden", "deny", "objected = false"), "precise-location"))
    assert ("aa.hidden",) == law.decide(SAMPLES).rules
    assert law.decide(replace(SAMPLES, channels=frozenset({DataCategory.HEART_RATE}))).allowed


def test_a_channel_without_a_rule_denies_beside_one_that_does():
    own = for_category(rule("own"), "workout-samples")
    law = engine(own, for_category(rule("hidden", "deny"), "precise-location"))
    ruling = law.decide(SAMPLES)
    assert (Effect.DENY, (Reason.CONTRACT, Reason.NO_RULE)) == (ruling.effect, ruling.reasons)
    assert (Reason.NO_RULE,) == engine(own).decide(SAMPLES).reasons


def test_what_lets_all_parts_through_is_told_together():
    parts = ("workout-samples", "precise-location", "heart-rate")
    rules = [for_category(bound(part, "allow", "at_home = true", n), part) for n, part in enumerate(parts, 1)]
    ruling = engine(*rules).decide(SAMPLES)
    assert ("aa.heart-rate", "aa.precise-location", "aa.workout-samples") == ruling.rules
    assert [1, 2, 3] == [duty.days for duty in ruling.obligations]


def test_a_rule_that_applies_to_everybody_leaves_nothing_to_ask_of_a_person():
    loaded = load_packs(
        {"aa.toml": GOOD + rule("never", "deny") + rule("asks", "needs-consent", "consent = false")}
    )
    rules = [Grounded(one, (), number) for number, one in enumerate(loaded.by_country["AA"].rules)]
    leaf = LeafTables(Authority("aa", "", "")).leaf(rules)
    assert (0, (0,)) == leaf
