from dataclasses import replace
from datetime import date

import pytest

from policies.pack import PackSet, SelfDeclaredAge
from policies.signup import Deployment, SignOff, SignupFacts, SignupReason, judge_signup
from policies.vocabulary import Jurisdiction

TODAY = date(2026, 11, 21)
ADULT = SignupFacts(country="DE", birth_date=date(1990, 5, 1), today=TODAY)
FRANCE_15 = replace(ADULT, country="FR", birth_date=date(2011, 11, 21))
FRANCE_14 = replace(FRANCE_15, birth_date=date(2011, 11, 22))
TEXAS = replace(ADULT, country="US", subdivision="US-TX")
BRAZIL = replace(ADULT, country="BR")

OPEN = Deployment(held=frozenset(map(Jurisdiction, ["eu", "br", "us", "us-ca", "ca", "in", "au", "jp"])))
SIGNED = SignOff(signed_by="officer", signed_on=date(2026, 1, 2), reference="memo 7")
TEXAS_OPEN = replace(OPEN, enabled_subdivisions={"US-TX": SIGNED})
PROVING = replace(OPEN, has_age_assurance=True)

R = SignupReason
CASES = [
    pytest.param(ADULT, OPEN, R.ALLOWED, id="an-adult-may-join"),
    pytest.param(FRANCE_15, OPEN, R.ALLOWED, id="france-from-fifteen-on-the-birthday"),
    pytest.param(FRANCE_14, OPEN, R.UNDER_AGE, id="france-not-a-day-before-fifteen"),
    pytest.param(replace(FRANCE_15, country="DE"), OPEN, R.UNDER_AGE, id="germany-has-no-derogation"),
    pytest.param(replace(ADULT, birth_date=date(2030, 1, 1)), OPEN, R.UNDER_AGE, id="who-is-not-born-yet"),
    pytest.param(
        replace(ADULT, country="IN", birth_date=date(2009, 1, 1)), OPEN, R.UNDER_AGE, id="india-from-eighteen"
    ),
    pytest.param(
        replace(ADULT, country="AU", birth_date=date(2011, 1, 1)),
        OPEN,
        R.UNDER_AGE,
        id="australia-social-media",
    ),
    pytest.param(
        replace(ADULT, country="JP", birth_date=date(2011, 1, 1)),
        OPEN,
        R.UNDER_AGE,
        id="japan-conservative-value",
    ),
    pytest.param(replace(ADULT, country="AR"), OPEN, R.NO_PACK, id="law-that-nobody-wrote-down"),
    pytest.param(replace(ADULT, country="CH"), OPEN, R.NOT_HELD_HERE, id="no-group-here-may-hold-it"),
    pytest.param(
        replace(ADULT, country="RU", birth_date=TODAY), OPEN, R.NOT_HELD_HERE, id="place-comes-before-age"
    ),
    pytest.param(replace(TEXAS, subdivision=None), TEXAS_OPEN, R.SUBDIVISION_NEEDED, id="which-state"),
    pytest.param(replace(TEXAS, subdivision="US-ZZ"), TEXAS_OPEN, R.SUBDIVISION_UNKNOWN, id="no-such-state"),
    pytest.param(TEXAS, OPEN, R.SUBDIVISION_NOT_ENABLED, id="texas-without-a-sign-off"),
    pytest.param(TEXAS, TEXAS_OPEN, R.ALLOWED, id="texas-with-a-sign-off"),
    pytest.param(
        replace(TEXAS, subdivision="US-OK"),
        TEXAS_OPEN,
        R.SUBDIVISION_NOT_ENABLED,
        id="a-sign-off-is-for-one-state",
    ),
    pytest.param(
        replace(TEXAS, birth_date=date(2014, 1, 1)), TEXAS_OPEN, R.UNDER_AGE, id="a-sign-off-lifts-no-age"
    ),
    pytest.param(replace(TEXAS, subdivision="US-CA"), OPEN, R.ALLOWED, id="california-has-a-pack-of-its-own"),
    pytest.param(replace(TEXAS, country="CA", subdivision="CA-ON"), OPEN, R.ALLOWED, id="ontario"),
    pytest.param(
        replace(TEXAS, country="CA", subdivision="CA-QC"), OPEN, R.NOT_HELD_HERE, id="quebec-is-not-ontario"
    ),
    pytest.param(BRAZIL, OPEN, R.AGE_PROOF_NEEDED, id="brazil-takes-no-ones-word"),
    pytest.param(BRAZIL, PROVING, R.ALLOWED, id="brazil-with-age-assurance"),
    pytest.param(
        replace(BRAZIL, birth_date=date(2011, 1, 1)),
        PROVING,
        R.UNDER_AGE,
        id="brazil-guardian-link-under-sixteen",
    ),
    pytest.param(
        replace(BRAZIL, birth_date=date(2011, 1, 1)),
        OPEN,
        R.UNDER_AGE,
        id="no-proof-asked-of-who-is-too-young",
    ),
    pytest.param(replace(FRANCE_14, guardian=True), OPEN, R.ALLOWED, id="a-guardian-helps-in-france"),
    pytest.param(
        replace(ADULT, birth_date=date(2030, 1, 1), guardian=True),
        OPEN,
        R.UNDER_AGE,
        id="nobody-answers-for-who-is-not-born-yet",
    ),
    pytest.param(
        replace(ADULT, country="AU", birth_date=date(2013, 1, 1), guardian=True),
        OPEN,
        R.UNDER_AGE,
        id="no-guardian-lifts-australias-minimum",
    ),
    pytest.param(
        replace(BRAZIL, birth_date=date(2011, 1, 1), guardian=True),
        OPEN,
        R.AGE_PROOF_NEEDED,
        id="brazil-takes-no-childs-word-either",
    ),
]


@pytest.mark.parametrize(("facts", "deployment", "expected"), CASES)
def test_the_first_fitting_rule_decides(packs, facts, deployment, expected):
    ruling = judge_signup(facts, packs, deployment)
    assert ruling.reason is expected
    assert ruling.allowed == (expected is SignupReason.ALLOWED)


def test_every_reason_has_a_case():
    assert {case.values[-1] for case in CASES} == set(SignupReason)


@pytest.mark.parametrize(("facts", "helps"), [(FRANCE_14, True), (FRANCE_15, False)])
def test_a_refusal_for_age_says_whether_a_guardian_would_help(packs, facts, helps):
    assert judge_signup(facts, packs, OPEN).guardian_can_help is helps


def test_no_guardian_is_called_for_where_one_answers_already(packs):
    ruling = judge_signup(replace(FRANCE_14, guardian=True), packs, OPEN)
    assert (True, False) == (ruling.allowed, ruling.guardian_can_help)


def test_no_state_is_enabled_unless_named(packs):
    states = packs.by_jurisdiction["us"].subdivisions
    reasons = {judge_signup(replace(TEXAS, subdivision=state), packs, OPEN).reason for state in states}
    assert reasons == {R.SUBDIVISION_NOT_ENABLED}


@pytest.mark.parametrize(
    ("facts", "deployment", "article", "params"),
    [
        pytest.param(
            FRANCE_14, OPEN, "Loi 78-17 Art. 45 (formerly Art. 7-1)", {"min_age": 15}, id="age-of-the-overlay"
        ),
        pytest.param(
            BRAZIL,
            OPEN,
            "Law 15.211/2025; Decree 12.880/2026",
            {"jurisdiction": "br"},
            id="self-declared-age",
        ),
        pytest.param(
            replace(ADULT, country="RU"), OPEN, "152-FZ Art. 18(5), 23-FZ of 28 Feb 2025", {}, id="residency"
        ),
        pytest.param(TEXAS, OPEN, None, {"subdivision": "US-TX"}, id="not-enabled-is-no-article"),
        pytest.param(replace(ADULT, country="CH"), OPEN, None, {"jurisdiction": "ch"}, id="not-held"),
        pytest.param(replace(ADULT, country="AR"), OPEN, None, {"country": "AR"}, id="no-pack"),
    ],
)
def test_a_refusal_names_its_article_and_values(packs, facts, deployment, article, params):
    ruling = judge_signup(facts, packs, deployment)
    assert ruling.article == article
    assert params.items() <= dict(ruling.params).items()


@pytest.mark.parametrize(
    ("enough", "reason", "article"),
    [
        pytest.param(False, R.AGE_PROOF_NEEDED, "Act on proof", id="the-article-that-asks-for-proof"),
        pytest.param(True, R.ALLOWED, "Law 15.211/2025; Decree 12.880/2026", id="a-law-that-takes-ones-word"),
    ],
)
def test_what_the_law_says_of_a_persons_own_word_is_followed(packs, enough, reason, article):
    brazil = packs.by_jurisdiction["br"]
    source = replace(brazil.residency.source, ref="Act on proof")
    changed = replace(brazil, self_declared_age=SelfDeclaredAge(enough=enough, source=source))
    ruling = judge_signup(BRAZIL, PackSet.of((changed,)), OPEN)
    assert (ruling.reason, ruling.article) == (reason, article)


def test_a_ruling_does_not_carry_the_birth_date(packs):
    ruling = judge_signup(FRANCE_14, packs, OPEN)
    assert "2011" not in repr(ruling)
