from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consent import (
    MARKETING,
    NO_ASKING_AFTER_REFUSAL,
    PLATFORM,
    Circumstances,
    Lapse,
    is_joint,
    is_of_age,
    lapse_of,
    life_of,
    may_ask_again,
    notice_version,
    own_consent_age,
    valid,
)
from policies.places import find_place
from policies.vocabulary import DataCategory, Jurisdiction, Purpose

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Agreed:
    purpose: Purpose = Purpose.LEADERBOARD
    category: DataCategory | None = None
    recipient: str | None = None
    notice: str = "leaderboard/2/de"
    expires_at: datetime | None = None
    by_guardian: bool = False


GROWN_UP = Circumstances(at=NOON, of_age=True, floors={"leaderboard": 2})
CHILD = replace(GROWN_UP, of_age=False)
OWN, GUARDIANS = Agreed(), Agreed(by_guardian=True)

CASES = [
    pytest.param(OWN, GROWN_UP, None, id="until-it-is-taken-back"),
    pytest.param(
        replace(OWN, expires_at=NOON + timedelta(microseconds=1)), GROWN_UP, None, id="a-moment-left"
    ),
    pytest.param(replace(OWN, expires_at=NOON), GROWN_UP, Lapse.EXPIRED, id="ends-at-its-instant"),
    pytest.param(replace(OWN, notice="leaderboard/1/de"), GROWN_UP, Lapse.SUPERSEDED, id="an-older-text"),
    pytest.param(replace(OWN, notice="leaderboard/3/de"), GROWN_UP, None, id="a-newer-text"),
    pytest.param(replace(OWN, notice="club/1/de"), GROWN_UP, None, id="another-text-has-no-floor"),
    pytest.param(replace(OWN, notice=""), GROWN_UP, None, id="without-a-text"),
    pytest.param(GUARDIANS, CHILD, None, id="a-guardian-for-a-child"),
    pytest.param(GUARDIANS, GROWN_UP, Lapse.CAME_OF_AGE, id="nobody-answers-for-a-grown-up"),
]


@pytest.mark.parametrize(("consent", "now", "expected"), CASES)
def test_a_consent_counts_until_something_ends_it(consent, now, expected):
    assert expected is lapse_of(consent, now)
    assert ([consent] if expected is None else []) == valid([consent], now)


def test_every_way_of_ending_has_a_case():
    assert set(Lapse) == {case.values[-1] for case in CASES} - {None}


JOINT = replace(CHILD, joint=True)


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ([OWN], []),
        ([GUARDIANS], []),
        ([OWN, GUARDIANS], [OWN, GUARDIANS]),
        ([OWN, replace(GUARDIANS, purpose=Purpose.CLUB)], []),
        ([OWN, replace(GUARDIANS, category=DataCategory.HEALTH)], []),
        ([OWN, replace(GUARDIANS, expires_at=NOON)], []),
    ],
)
def test_where_both_have_to_agree_one_of_them_is_not_enough(consents, expected):
    assert expected == valid(consents, JOINT)
    assert [OWN] == valid([OWN], replace(JOINT, of_age=True))


@given(
    st.lists(
        st.builds(
            Agreed,
            purpose=st.sampled_from([Purpose.CHAT, Purpose.CLUB]),
            by_guardian=st.booleans(),
            expires_at=st.sampled_from([None, NOON]),
        )
    )
)
def test_asking_for_more_agreement_never_lets_more_through(consents):
    assert set(valid(consents, JOINT)) <= set(valid(consents, CHILD)) <= set(consents)


@pytest.mark.parametrize("purpose", sorted(MARKETING))
def test_marketing_in_korea_is_confirmed_every_two_years_by_law(purpose):
    life = life_of(Jurisdiction("kr"), purpose)
    assert timedelta(days=730) == life.lasts
    assert "Network Act" in life.ref


def test_in_korea_the_law_speaks_of_marketing_alone():
    lives = {purpose: life_of(Jurisdiction("kr"), purpose) for purpose in set(Purpose) - MARKETING}
    assert {PLATFORM} == {life.ref for life in lives.values()}
    assert {Purpose.RESEARCH} == {purpose for purpose, life in lives.items() if life.lasts}


def test_other_figures_say_that_they_are_the_platforms_own():
    lives = {purpose: life_of(Jurisdiction("eu"), purpose) for purpose in Purpose}
    assert {PLATFORM} == {life.ref for life in lives.values()}
    assert MARKETING | {Purpose.RESEARCH} == {purpose for purpose, life in lives.items() if life.lasts}


@pytest.mark.parametrize(
    ("ref", "expected"),
    [("leaderboard/12/pt-BR", ("leaderboard", 12)), ("leaderboard", ("leaderboard", 0)), ("", ("", 0))],
)
def test_a_notice_is_read_into_id_and_version(ref, expected):
    assert expected == notice_version(ref)


def test_nobody_is_asked_again_within_half_a_year_of_a_refusal():
    assert may_ask_again(None, NOON)
    assert not may_ask_again(NOON - NO_ASKING_AFTER_REFUSAL + MOMENT, NOON)
    assert may_ask_again(NOON - NO_ASKING_AFTER_REFUSAL, NOON)


@pytest.mark.parametrize(
    ("country", "years"), [("FR", 15), ("DE", 16), ("IT", 14), ("CH", 16), ("IN", 18), ("KR", 14)]
)
def test_from_which_age_people_decide_alone_is_what_the_pack_says(packs, country, years):
    place = find_place(packs, country)
    today = date(2030, 6, 1)
    assert years == own_consent_age(place, today).years
    assert is_of_age(place, date(2030 - years, 6, 1), today)
    assert not is_of_age(place, date(2030 - years, 6, 2), today)


def test_who_needs_a_guardian_beside_the_account_is_not_of_age(packs):
    """Brazil: own consent from 12, a guardian's account linked below 16 since 17 March 2026."""
    place, today = find_place(packs, "BR"), date(2030, 6, 1)
    assert 12 == own_consent_age(place, today).years
    assert not is_of_age(place, date(2014, 6, 2), today)
    assert is_of_age(place, date(2014, 6, 1), today)
    assert is_of_age(place, date(2014, 3, 16), date(2026, 3, 16)), "not in force yet"


def test_only_france_wants_child_and_guardian_both(packs):
    joint = {country for country in packs.by_country if is_joint(find_place(packs, country))}
    assert {"FR"} == joint
