from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.ages import age_in_years, judge_age, lowest_age
from policies.places import find_place
from policies.vocabulary import AgeRule
from region_node.packs import shipped_packs

BIRTHS = st.dates(date(1900, 1, 1), date(2040, 12, 31))
PLACES = st.sampled_from(
    [("DE", None), ("FR", None), ("BR", None), ("AU", None), ("RU", None), ("US", "US-CA"), ("CA", "CA-QC")]
)
LEAP_BIRTHS = st.sampled_from([date(year, 2, 29) for year in range(1904, 2040, 4)])


def birthday(birth, year):
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@settings(derandomize=True, deadline=None)
@given(BIRTHS | LEAP_BIRTHS, st.integers(0, 110))
def test_a_year_of_age_begins_at_the_birthday_and_not_a_day_earlier(birth, years):
    turns = birthday(birth, birth.year + years)
    assert age_in_years(birth, turns) == years
    assert age_in_years(birth, turns - timedelta(days=1)) == years - 1


@settings(derandomize=True, deadline=None)
@given(LEAP_BIRTHS)
def test_who_is_born_on_29_february_turns_on_1_march_in_a_common_year(birth):
    assert age_in_years(birth, date(birth.year + 17, 2, 28)) == 16
    assert age_in_years(birth, date(birth.year + 17, 3, 1)) == 17


@settings(derandomize=True, deadline=None)
@given(BIRTHS, BIRTHS)
def test_age_never_falls_as_days_pass(birth, today):
    assert age_in_years(birth, today) <= age_in_years(birth, today + timedelta(days=1))


@settings(derandomize=True, deadline=None)
@given(PLACES, BIRTHS)
def test_a_person_may_join_from_the_birthday_on_which_the_highest_limit_is_reached(where, birth):
    place = find_place(shipped_packs(), *where)
    years = max(limit.years for limit in place.ages.values())
    birth = birthday(birth, 2028 + birth.year % 4 - years)
    turns = birthday(birth, birth.year + years)
    assert judge_age(place, birth, turns).old_enough
    assert not judge_age(place, birth, turns - timedelta(days=1)).old_enough


def test_the_deciding_rule_and_article_are_named(packs):
    ruling = judge_age(find_place(packs, "BR"), date(2012, 1, 1), date(2026, 11, 21))
    assert not ruling.old_enough
    assert ruling.limit.rule is AgeRule.GUARDIAN_LINK
    assert "15.211/2025" in ruling.source.ref


def test_a_rule_counts_from_its_first_day(packs):
    brazil, australia = find_place(packs, "BR"), find_place(packs, "AU")
    assert lowest_age(brazil, date(2026, 3, 16)).years == 12
    assert lowest_age(brazil, date(2026, 3, 17)).years == 16
    assert lowest_age(australia, date(2025, 12, 9)).years == 15
    assert lowest_age(australia, date(2025, 12, 10)).years == 16


def test_before_an_overlays_first_day_the_packs_own_rule_holds(packs):
    denmark = find_place(packs, "DK")
    assert lowest_age(denmark, date(2023, 12, 31)).years == 16
    assert lowest_age(denmark, date(2024, 1, 1)).years == 15


def test_a_persons_own_word_is_enough_until_the_law_says_otherwise(packs):
    brazil, birth = find_place(packs, "BR"), date(1990, 1, 1)
    assert judge_age(brazil, birth, date(2026, 3, 16)).own_word_is_enough
    assert not judge_age(brazil, birth, date(2026, 3, 17)).own_word_is_enough
    assert judge_age(find_place(packs, "DE"), birth, date(2026, 3, 17)).own_word_is_enough
