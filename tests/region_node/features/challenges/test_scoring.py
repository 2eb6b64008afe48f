"""Scores are a function of the workouts that count: in every order, and after every edit, the same."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from region_node.efforts import MILLI, instant_ms
from region_node.features.challenges.handicaps import factor_for, masters_groups
from region_node.features.challenges.judging import judge
from region_node.features.challenges.model import AgeGroup, Aggregate, Metric, Score, Team
from region_node.features.challenges.scoring import Tally, score_of, team_score
from tests.support.challenges import ADULT, RULES, rules
from tests.support.efforts import LONG_AFTER, MORNING, effort, efforts

IDS = "abcdefgh"
DELETIONS = st.tuples(
    st.sampled_from(IDS), st.integers(1, 5), st.sampled_from([MORNING, MORNING, LONG_AFTER])
)
CHANGES = st.lists(efforts(ids=IDS) | DELETIONS, max_size=30)
ENTRANTS = st.builds(
    lambda age, days: replace(ADULT, age=age, joined_at=MORNING + timedelta(days=days)),
    st.integers(13, 95),
    st.integers(-5, 15),
)


def of_change(change):
    """Workout, version, and when it was asked for."""
    return change if isinstance(change, tuple) else (change.workout_id, change.version, change.received_at)


def newest(changes):
    """What stood at the closing: of each workout the newest version, unless that was a deletion."""
    standing = {}
    for change in changes:
        workout_id, version, at = of_change(change)
        former = standing.get(workout_id)
        if at < LONG_AFTER and (former is None or version > of_change(former)[1]):
            standing[workout_id] = change
    return [change for change in standing.values() if not isinstance(change, tuple)]


def one_change_a_version(changes):
    """A version of a workout has one content: what came first under its number."""
    seen = {}
    for change in changes:
        seen.setdefault(of_change(change)[:2], change)
    return list(seen.values())


def tally_of(law, entrant, changes):
    tally = Tally(law, entrant)
    for change in changes:
        if isinstance(change, tuple):
            tally.drop(*change)
        else:
            tally.put(change)
    return tally


def counted_anew(law, entrant, workouts):
    judged = [judge(law, entrant, workout).contribution for workout in workouts]
    return score_of(law, entrant, [one for one in judged if one])


def plain_value(law, entrant, workouts):
    """The value by its definition, without the walk over time that finds when it was reached."""
    days = {}
    for workout in workouts:
        one = judge(law, entrant, workout).contribution
        if one:
            days[one.day] = days.get(one.day, 0) + one.amount
    if law.metric is Metric.DAYS:
        total = sum(MILLI for amount in days.values() if amount >= law.least_per_day.amount)
    else:
        total = sum(min(amount, law.most_per_day or amount) for amount in days.values())
    value = total * factor_for(entrant.age, law.age_groups) // 1000
    return min(value, law.most_per_person or value)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(RULES, ENTRANTS, CHANGES.map(one_change_a_version), st.randoms(use_true_random=False))
def test_a_score_after_any_changes_is_the_one_of_counting_anew(law, entrant, changes, dice):
    again = changes + dice.sample(changes, len(changes) // 2)
    dice.shuffle(again)
    expected = counted_anew(law, entrant, newest(changes))
    assert expected == tally_of(law, entrant, changes).score == tally_of(law, entrant, again).score
    assert plain_value(law, entrant, newest(changes)) == expected.value


@settings(derandomize=True, deadline=None, max_examples=200)
@given(RULES, ENTRANTS, CHANGES.map(one_change_a_version))
def test_a_score_is_reached_by_a_workout_that_counts_and_no_earlier(law, entrant, changes):
    tally = tally_of(law, entrant, changes)
    counted = [one.contribution for one in tally.verdicts.values() if one.contribution]
    score = tally.score
    earlier = [one for one in counted if one.ended_ms < score.reached_ms]
    assert (score.value == 0) is (score.reached_ms == 0)
    assert score.value == 0 or score.reached_ms in {one.ended_ms for one in counted}
    assert score.value == 0 or score_of(law, entrant, earlier).value < score.value


@settings(derandomize=True, deadline=None, max_examples=200)
@given(RULES, ENTRANTS, CHANGES.map(one_change_a_version), efforts(ids="z"))
def test_one_more_workout_never_lowers_a_score(law, entrant, changes, more):
    tally = tally_of(law, entrant, changes)
    before = tally.score.value
    tally.put(more)
    assert before <= tally.score.value <= (law.most_per_person or tally.score.value)


def test_an_edit_and_a_deletion_correct_the_score():
    tally = Tally(rules(), ADULT)
    assert tally.put(effort("a"))
    assert tally.put(effort("b", distance_m=5_000.0))
    assert 15_000_000 == tally.score.value
    assert tally.put(effort("a", version=2, sport="driving", distance_m=1.0))
    assert 5_001_000 == tally.score.value
    assert tally.drop("a", 3, MORNING)
    assert 5_000_000 == tally.score.value
    assert not tally.put(effort("a", version=2))
    assert 5_000_000 == tally.score.value


def test_after_the_closing_neither_an_edit_nor_a_deletion_changes_a_score():
    tally = Tally(rules(), ADULT)
    assert tally.put(effort("a"))
    assert not tally.put(effort("a", version=2, distance_m=1.0, received_at=LONG_AFTER))
    assert not tally.drop("a", 3, LONG_AFTER)
    assert tally.put(effort("b", version=2, received_at=LONG_AFTER))
    assert 10_000_000 == tally.score.value
    assert tally.put(effort("b"))
    assert 20_000_000 == tally.score.value


def test_what_is_above_the_limit_of_a_day_does_not_count_and_the_score_was_reached_before():
    law = rules(most_per_day=12_000_000)
    later = {"started_at": MORNING + timedelta(hours=2)}
    tally = tally_of(
        law, ADULT, [effort("a"), effort("b", **later), effort("c", started_at=MORNING + timedelta(hours=5))]
    )
    assert 12_000_000 == tally.score.value
    assert instant_ms(MORNING + timedelta(hours=2, seconds=3700)) == tally.score.reached_ms


def test_days_count_once_and_only_with_enough_on_them():
    law = rules(Metric.DAYS)
    half = {"moving_s": 1000.0, "distance_m": 3_000.0}
    runs = [
        effort("a", **half),
        effort("b", started_at=MORNING + timedelta(hours=3), **half),
        effort("c", started_at=MORNING + timedelta(hours=6), **half),
        effort("d", started_at=MORNING + timedelta(days=1), **half),
    ]
    assert Score(value=1_000, reached_ms=instant_ms(MORNING + timedelta(hours=3, seconds=3700))) == (
        tally_of(law, ADULT, runs).score
    )


@pytest.mark.parametrize(
    ("age", "factor"), [(12, 1000), (34, 1000), (35, 1016), (53, 1157), (70, 1420), (90, 1838), (120, 1838)]
)
def test_handicaps_grow_with_the_age_group(age, factor):
    assert factor == factor_for(age, masters_groups())
    law = rules(age_groups=masters_groups())
    assert 10_000 * factor == tally_of(law, replace(ADULT, age=age), [effort()]).score.value


def test_a_factor_is_of_the_last_group_that_is_reached():
    groups = (AgeGroup(from_age=0, factor=1500), AgeGroup(from_age=18, factor=900))
    assert [1500, 1500, 900] == [factor_for(age, groups) for age in (0, 17, 18)]


SCORES = st.dictionaries(
    st.text("abcde", min_size=1, max_size=2),
    st.builds(Score, value=st.integers(0, 9), reached_ms=st.integers(1, 9)),
    max_size=8,
)
TEAMS = st.builds(Team, aggregate=st.sampled_from(Aggregate), counting=st.integers(0, 4))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TEAMS, SCORES, st.randoms(use_true_random=False))
def test_a_teams_score_does_not_depend_on_the_order_of_its_members(team, members, dice):
    shuffled = list(members.items())
    dice.shuffle(shuffled)
    assert team_score(team, members) == team_score(team, dict(shuffled))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(TEAMS, SCORES)
def test_a_teams_score_is_the_sum_or_the_mean_of_its_best(team, members):
    values = sorted((score.value for score in members.values()), reverse=True)[: team.counting or None]
    by = (team.counting or len(members)) if team.aggregate is Aggregate.MEAN else 1
    score = team_score(team, members)
    assert sum(values) // max(1, by) == score.value
    assert (score.value == 0) is (score.reached_ms == 0)


def test_a_team_has_reached_its_score_when_the_last_who_counts_has():
    members = {
        "a": Score(value=5, reached_ms=10),
        "b": Score(value=5, reached_ms=30),
        "c": Score(value=4, reached_ms=90),
    }
    assert Score(value=10, reached_ms=30) == team_score(Team(counting=2), members)
    assert Score(value=14, reached_ms=90) == team_score(Team(), members)
