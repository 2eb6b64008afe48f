"""Rules of a challenge are checked whole; every mistake says where it is and what is wrong, to anybody."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from locales.supported import SUPPORTED
from locales.translator import translator_for
from region_node.efforts import Quantity
from region_node.features.challenges.checking import mistakes_in
from region_node.features.challenges.handicaps import masters_groups
from region_node.features.challenges.model import AgeGroup, Gates, Least, Metric, Rules, Team
from region_node.features.challenges.wording import EXCLUSION_TEXTS
from tests.support.challenges import JUNE, RULES, rules

SPORTS = frozenset({"running", "walking", "cycling"})
TODAY = date(2026, 5, 20)
NOTHING = Least(quantity=Quantity.DISTANCE, amount=0)


def window(**facts):
    return rules(window=replace(JUNE, **facts))


CASES = [
    (window(last_day=date(2026, 5, 31)), "#/window/last_day"),
    (window(last_day=date(2027, 6, 2)), "#/window/last_day"),
    (window(first_day=date(2026, 5, 1), last_day=date(2026, 5, 19)), "#/window/last_day"),
    (window(first_day=date(2028, 6, 1), last_day=date(2028, 6, 2)), "#/window/first_day"),
    (window(grace_hours=-1), "#/window/grace_hours"),
    (window(grace_hours=337), "#/window/grace_hours"),
    (window(zone="Europe/Nowhere"), "#/window/zone"),
    (window(zone="../../etc/passwd"), "#/window/zone"),
    (window(zone="Europe"), "#/window/zone"),
    (rules(sports=frozenset({"chess"})), "#/sports"),
    (Rules(metric=Metric.DAYS, window=JUNE), "#/least_per_day"),
    (rules(least_per_day=Least(quantity=Quantity.CLIMB, amount=1)), "#/least_per_day"),
    (rules(Metric.DAYS, most_per_day=1), "#/most_per_day"),
    (rules(Metric.DAYS, least_per_day=NOTHING), "#/least_per_day/amount"),
    (rules(least=NOTHING), "#/least/amount"),
    (rules(most_per_day=0), "#/most_per_day"),
    (rules(most_per_person=-1), "#/most_per_person"),
    (rules(gates=Gates(longest_gap_s=0)), "#/gates/longest_gap_s"),
    (rules(Metric.WORKOUTS, age_groups=masters_groups()), "#/age_groups"),
    (rules(age_groups=masters_groups()[::-1]), "#/age_groups"),
    (rules(age_groups=(AgeGroup(from_age=-1, factor=1000),)), "#/age_groups"),
    (rules(age_groups=tuple(AgeGroup(from_age=age, factor=1000) for age in range(31))), "#/age_groups"),
    (
        rules(age_groups=(AgeGroup(from_age=1, factor=1000), AgeGroup(from_age=2, factor=2001))),
        "#/age_groups/1/factor",
    ),
    (rules(age_groups=(AgeGroup(from_age=1, factor=499),)), "#/age_groups/0/factor"),
    (rules(team=Team(most_members=1)), "#/team/most_members"),
    (rules(team=Team(most_members=1001)), "#/team/most_members"),
    (rules(team=Team(most_members=5, counting=6)), "#/team/counting"),
    (rules(team=Team(counting=-1)), "#/team/counting"),
]


@pytest.mark.parametrize(("law", "pointer"), CASES)
def test_a_mistake_is_named_where_it_is(law, pointer):
    assert [pointer] == [mistake.pointer for mistake in mistakes_in(law, sports=SPORTS, today=TODAY)]


def test_all_mistakes_are_told_at_once():
    law = rules(window=replace(JUNE, zone="x", grace_hours=-1), most_per_day=0, team=Team(counting=99))
    pointers = {mistake.pointer for mistake in mistakes_in(law, sports=SPORTS, today=TODAY)}
    assert {"#/window/zone", "#/window/grace_hours", "#/most_per_day", "#/team/counting"} == pointers


@settings(derandomize=True, deadline=None, max_examples=100)
@given(RULES, st.sampled_from([None, Team(), Team(counting=50)]))
def test_sound_rules_have_no_mistakes(law, team):
    assert [] == mistakes_in(replace(law, team=team), sports=SPORTS, today=TODAY)


@pytest.mark.parametrize("locale", [locale for locale in SUPPORTED if locale != "en"])
def test_mistakes_and_reasons_are_told_in_every_language(locale):
    translator = translator_for(locale)
    mistakes = [mistake for law, _ in CASES for mistake in mistakes_in(law, sports=SPORTS, today=TODAY)]
    texts = [(one.detail, one.params) for one in mistakes] + [(text, {}) for text in EXCLUSION_TEXTS.values()]
    assert [] == [text for text, params in texts if translator.text(text, **params) == text]
