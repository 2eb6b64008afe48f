"""Every case of the corpus, and the reader of such cases."""

import json
from pathlib import Path

import pytest

from policies.corpus import CorpusError, read_cases, run
from policies.ruling import Effect
from region_node.packs import shipped_engine, shipped_packs

FILES = sorted((Path(__file__).parent / "corpus").glob("*.json"))
ENOUGH = 400
ENOUGH_EACH = 20

CASE = {
    "name": "a 16-year-old in Germany may consent herself",
    "facts": {
        "subject": "DE",
        "age": 16,
        "purpose": "leaderboard",
        "category": "score",
        "consents": ["leaderboard"],
    },
    "ruling": {"effect": "allow", "rule": "eu.consent-is-proven", "article": "GDPR Art. 7(1)"},
}


def cases_of(path):
    return read_cases(path.name, path.read_text("utf-8"), shipped_packs())


def read(packs, *cases):
    return read_cases("x.json", json.dumps({"at": "2026-11-21", "cases": cases}), packs)


def changed(part, **values):
    return {**CASE, part: {**CASE[part], **values}}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_packs_rule_as_the_cases_expect(path):
    results = run(cases_of(path), shipped_engine())
    assert not [(result.case.name, result.differences) for result in results if not result.passed]


def test_every_jurisdiction_has_its_cases(packs):
    counted = {path.stem: len(cases_of(path)) for path in FILES}
    assert counted.keys() == {*packs.by_jurisdiction, "platform"}
    assert min(counted.values()) >= ENOUGH_EACH
    assert sum(counted.values()) >= ENOUGH


def test_every_rule_that_ships_decides_a_case(packs):
    named = {case.rule for path in FILES for case in cases_of(path)}
    rules = [*packs.platform]
    for pack in packs.by_jurisdiction.values():
        rules += [*pack.rules, *(rule for overlay in pack.overlays.values() for rule in overlay.rules)]
    assert not {rule.id for rule in rules} - named


def test_every_effect_is_expected_somewhere():
    assert {case.effect for path in FILES for case in cases_of(path)} == set(Effect)


@pytest.mark.parametrize(
    ("case", "differences"),
    [
        pytest.param(CASE, (), id="as-expected"),
        pytest.param(
            changed("ruling", effect="deny"), ("effect is allow, not deny",), id="another-effect"
        ),
        pytest.param(
            changed("ruling", rule="eu.other"),
            ("decided by eu.consent-is-proven, platform.shared-with-consent, not eu.other",),
            id="another-rule",
        ),
        pytest.param(
            changed("ruling", rule=""),
            ("decided by eu.consent-is-proven, platform.shared-with-consent, not none",),
            id="no-rule",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_named(packs, case, differences):
    (result,) = run(read(packs, case), shipped_engine())
    assert differences == result.differences
    assert result.passed is not bool(differences)


def test_an_article_that_does_not_decide_is_named(packs):
    (result,) = run(read(packs, changed("ruling", article="Act 1")), shipped_engine())
    articles = "GDPR Art. 7(1); Meridian, own rule: shared because the person said so; GDPR Art. 8(1)"
    assert result.differences == (f"article is {articles}, not Act 1",)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(changed("facts", purpose="fun"), "Invalid enum value 'fun'", id="purpose"),
        pytest.param(changed("facts", wishes=[]), "unknown field `wishes`", id="unknown-fact"),
        pytest.param(changed("facts", age=-1), "`int` >= 0", id="age"),
        pytest.param(changed("facts", to="Home"), "to", id="destination"),
        pytest.param(changed("facts", subject="XX"), "no pack covers 'XX'", id="no-pack"),
        pytest.param(changed("facts", subject="US"), "no pack covers 'US'", id="state-needed"),
        pytest.param(changed("facts", consents=["fun"]), "'fun' is not a valid Purpose", id="consent"),
        pytest.param(
            changed("facts", consents=["club:x"]), "'x' is not a valid DataCategory", id="consent-category"
        ),
        pytest.param({**CASE, "name": ""}, "length >= 1", id="nameless"),
    ],
)
def test_a_faulty_case_is_refused_with_its_reason(packs, case, expected):
    with pytest.raises(CorpusError, match=r"^x\.json: ") as refused:
        read(packs, case)
    assert expected in str(refused.value)


def test_two_cases_of_one_name_are_refused(packs):
    with pytest.raises(CorpusError, match="two cases have the name"):
        read(packs, CASE, CASE)


def test_a_case_may_have_a_day_of_its_own(packs):
    own, files = read(packs, {**changed("facts", at="2024-02-03"), "name": "own"}, CASE)
    assert (own.facts.at.isoformat(), files.facts.at.isoformat()) == ("2024-02-03", "2026-11-21")
