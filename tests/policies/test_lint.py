"""Packs with one seeded flaw each, and the packs that ship."""

from datetime import date

import pytest

from policies.lint import Flaw, Severity, lint
from policies.loading import load_packs
from tests.policies.test_loading import GOOD

TODAY = date(2030, 6, 1)
TRANSFER = """
[transfer]
cross_border = "mechanism_required"
instruments = ["standard-clauses"]
ref = "Act 1 s.20"
certainty = "high"
basis = "seen"
[[transfer.findings]]
countries = ["JP"]
ref = "Act 1 s.21"
certainty = "high"
basis = "seen"
"""


def rule(name, effect="allow", when="", purposes='["*"]', further=""):
    return f"""
[[rules]]
id = "{name}"
effect = "{effect}"
reason = "contract"
purposes = {purposes}
categories = ["*"]
ref = "Act 1"
certainty = "high"
basis = "seen"
{further}
[rules.when]
{when}
"""


NO_GROUND = "at_home = false\nadequate = false\ninstrument = false"
SOUND = (
    TRANSFER
    + rule("at-home", when="at_home = true")
    + rule("adequate", when="at_home = false\nadequate = true")
    + rule("instrument", when="at_home = false\ninstrument = true")
    + rule("no-ground", "deny", NO_GROUND)
)


def findings(rules, on=TODAY, places=()):
    return lint(load_packs({"aa.toml": GOOD + rules}), on, places)


def flaws(rules, on=TODAY):
    return [(one.flaw, one.subject) for one in findings(rules, on)]


def test_a_sound_pack_has_no_flaws():
    assert [] == flaws(SOUND)


@pytest.mark.parametrize(
    ("seeded", "expected"),
    [
        pytest.param(
            rule("dead", "deny", "from_age = 18\nunder_age = 'digital-consent'"),
            (Flaw.NEVER_FIRES, "aa.dead"),
            id="ages-that-nobody-has",
        ),
        pytest.param(
            rule("dead", "deny", 'adequate = true\ncountries = ["US"]'),
            (Flaw.NEVER_FIRES, "aa.dead"),
            id="adequate-where-nothing-was-found",
        ),
        pytest.param(
            rule("rough", "deny", purposes='["chat"]'),
            (Flaw.ALWAYS_FIRES, "aa.rough"),
            id="refuses-everybody",
        ),
        pytest.param(
            rule("asks", "needs-consent", purposes='["chat"]'),
            (Flaw.ALWAYS_FIRES, "aa.asks"),
            id="asks-for-consent-that-changes-nothing",
        ),
        pytest.param(
            rule("at-home-not", "deny", "at_home = true", '["chat"]'),
            (Flaw.CONTRADICTS, "aa.at-home"),
            id="allows-and-denies",
        ),
        pytest.param(
            rule("weak", "needs-consent", f"{NO_GROUND}\nconsent = false"),
            (Flaw.NO_EFFECT, "aa.weak"),
            id="a-stronger-rule-always-applies",
        ),
        pytest.param(
            rule("gone", when="consent = true\nat_home = true", further="until = 2030-06-01"),
            (Flaw.EXPIRED, "aa.gone"),
            id="a-rule-that-has-ended",
        ),
        pytest.param(
            rule("going", when="consent = true\nat_home = true", further="until = 2030-08-30"),
            (Flaw.EXPIRES_SOON, "aa.going"),
            id="a-rule-about-to-end",
        ),
    ],
)
def test_a_seeded_flaw_is_found(seeded, expected):
    assert [expected] == flaws(SOUND + seeded)


def test_a_rule_for_instruments_needs_a_law_that_takes_some():
    without = SOUND.replace('instruments = ["standard-clauses"]\n', "")
    assert (Flaw.NEVER_FIRES, "aa.instrument") in flaws(without)


def test_a_rule_has_no_effect_in_a_law_without_transfers_too():
    weak = rule("weak", "needs-consent", "at_home = true\nconsent = false")
    assert [(Flaw.NO_EFFECT, "aa.weak")] == flaws(rule("strong", "deny", "at_home = true") + weak)


def test_a_contradiction_names_both_rules():
    (found,) = findings(SOUND + rule("not-at-home", "deny", "at_home = true", '["chat"]'))
    assert ("aa.at-home", "aa.not-at-home", "aa") == (found.subject, found.other, found.source)


@pytest.mark.parametrize(("first", "second"), [("before", "later"), ("before", "after")])
@pytest.mark.parametrize("days", ["effective = 2029-01-01", "effective = 2029-01-01\nuntil = 2040-01-01"])
def test_rules_of_different_days_do_not_contradict(first, second, days):
    earlier = rule(first, "deny", "at_home = true", '["chat"]', "until = 2029-01-01")
    later = rule(second, "allow", "at_home = true", '["chat"]', days)
    rules = rule("own", when="rights = true") + earlier + later
    assert [(Flaw.EXPIRED, f"aa.{first}")] == flaws(rules)


@pytest.mark.parametrize(("first", "second"), [("before", "later"), ("before", "after")])
def test_rules_with_a_day_in_common_contradict(first, second):
    earlier = rule(first, "deny", "at_home = true", '["chat"]', "effective = 2020-01-01\nuntil = 2040-01-02")
    later = rule(second, "allow", "at_home = true", '["chat"]', "effective = 2040-01-01")
    assert Flaw.CONTRADICTS in {
        one.flaw for one in findings(rule("own", when="rights = true") + earlier + later)
    }


def test_a_purpose_without_a_rule_is_uncovered():
    (found, *others) = findings(rule("only-chat", purposes='["chat"]', when="at_home = true"))
    assert (Flaw.UNCOVERED_PURPOSE, Severity.ERROR, "account") == (found.flaw, found.severity, found.subject)
    assert 12 == len(others)


def test_a_place_without_a_pack_is_told():
    divided = GOOD.replace('"aa"', '"bb-x"').replace('["AA"]', '["BB"]\nsubdivisions = ["BB-X"]')
    packs = load_packs({"aa.toml": GOOD + SOUND, "bb-x.toml": divided + SOUND})
    found = lint(packs, TODAY, ["AA", "BB", "BB-X", "BB-Y", "CC"])
    expected = [(Flaw.UNCOVERED_PLACE, "BB-Y"), (Flaw.UNCOVERED_PLACE, "CC")]
    assert expected == [(one.flaw, one.subject) for one in found]
    assert {Severity.INFO} == {one.severity for one in found}


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2030-06-01", Flaw.EXPIRED), ("2030-06-02", Flaw.EXPIRES_SOON), ("2030-08-30", Flaw.EXPIRES_SOON)],
)
def test_a_finding_of_adequacy_that_ends_is_told(until, expected):
    (found,) = findings(SOUND.replace("[[transfer.findings]]", f"[[transfer.findings]]\nuntil = {until}"))
    assert (expected, "JP", date.fromisoformat(until)) == (found.flaw, found.subject, found.day)


def test_what_ends_later_is_not_told():
    assert [] == flaws(SOUND.replace("[[transfer.findings]]", "[[transfer.findings]]\nuntil = 2030-08-31"))


def test_obligations_beside_an_allow_are_an_effect():
    beside = rule("also", "allow", "consent = true\nat_home = true")
    bound = beside.replace("[rules.when]", 'obligations = [{kind = "record", ref = "Act 1"}]\n[rules.when]')
    stronger = rule("less", "redact", "at_home = true", further='fields = ["day"]')
    assert (Flaw.NO_EFFECT, "aa.also") in flaws(SOUND + stronger + beside)
    assert (Flaw.NO_EFFECT, "aa.also") not in flaws(SOUND + stronger + bound)


def test_the_packs_that_ship_have_no_errors(packs):
    assert [] == [one for one in lint(packs, date(2026, 11, 21)) if one.severity is not Severity.INFO]
