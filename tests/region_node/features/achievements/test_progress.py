"""Points, levels, badges: functions of the workouts, equal whether they are counted on or from scratch."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from locales.supported import SUPPORTED
from locales.translator import translator_for
from region_node.efforts import MILLI, Quantity
from region_node.features.achievements.badges import BADGES, KM
from region_node.features.achievements.days import day_of, days_of
from region_node.features.achievements.model import FORMULAS, Award, Badge, BadgeKind, StreakRule, Totals
from region_node.features.achievements.points import MOST_A_DAY, level_begins, level_of, points_of
from region_node.features.achievements.progress import Progress, go_on, progress_of, tiers_of, value_of
from tests.support.efforts import MORNING, effort, efforts

EVERY_DAY = StreakRule()
RULES = st.one_of(
    st.builds(StreakRule, rest_days=st.integers(0, 3)), st.builds(StreakRule, days_a_week=st.integers(1, 4))
)
SMALL = (
    Badge(id="runs", name="", kind=BadgeKind.TOTAL, tiers=(1_000, 3_000), sports=frozenset({"running"})),
    Badge(id="far", name="", kind=BadgeKind.SINGLE, tiers=(1_005_000, 2_000_000), quantity=Quantity.DISTANCE),
    Badge(id="streak", name="", kind=BadgeKind.STREAK, tiers=(2, 3)),
    Badge(id="points", name="", kind=BadgeKind.POINTS, tiers=(50, 100)),
    Badge(id="days", name="", kind=BadgeKind.ACTIVE_DAYS, tiers=(1, 4)),
)
WORKOUTS = st.lists(efforts(days=30, ids="abcdefghijkl"), max_size=25, unique_by=lambda one: one.workout_id)


def later(days, **facts):
    return effort(f"day {days}", started_at=MORNING + timedelta(days=days), **facts)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(WORKOUTS, WORKOUTS, RULES, st.integers(-1, 31))
def test_counting_on_from_a_kept_progress_ends_where_counting_anew_does(before, changed, rule, kept_after):
    """Workouts are made, edited and deleted; only their days are made anew, and what lies after them."""
    through = MORNING.date() + timedelta(days=kept_after)
    edits = [one for one in changed if one.local_day > through]
    ids = {one.workout_id for one in changed}
    kept = [one for one in before if one.local_day <= through]
    after = kept + [one for one in edits if one.workout_id not in {other.workout_id for other in kept}]
    old_days = days_of(before)
    progress = progress_of([day for day in old_days.values() if day.day <= through], rule, SMALL)
    touched = {one.local_day for one in before + after if one.workout_id in ids or one not in kept}
    days = {day: one for day, one in old_days.items() if day not in touched}
    days |= {day: one for day in touched if (one := day_of(day, after))}
    assert progress_of(days_of(after).values(), rule, SMALL) == go_on(progress, days.values(), SMALL)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(WORKOUTS, RULES, st.randoms(use_true_random=False))
def test_the_order_in_which_workouts_arrive_does_not_show(workouts, rule, dice):
    shuffled = list(workouts)
    dice.shuffle(shuffled)
    progress = progress_of(days_of(workouts).values(), rule, SMALL)
    days = list(days_of(shuffled).values())
    dice.shuffle(days)
    assert progress == progress_of(days, rule, SMALL)
    assert progress == msgspec.json.decode(msgspec.json.encode(progress), type=Progress)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(WORKOUTS, RULES)
def test_a_badge_is_awarded_once_for_each_tier_on_the_first_day_that_reaches_it(workouts, rule):
    days = sorted(days_of(workouts).values(), key=lambda day: day.day)
    states = [progress_of(days[:count], rule, SMALL) for count in range(len(days) + 1)]
    expected = {
        (badge.id, tier): next(s.through for s in states if tiers_of(badge, s) >= tier)
        for badge in SMALL
        for tier in range(1, tiers_of(badge, states[-1]) + 1)
    }
    awards = states[-1].awards
    assert expected == {(award.badge_id, award.tier): award.day for award in awards}
    assert len(expected) == len(awards)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(WORKOUTS)
def test_totals_are_sums_of_the_workouts_that_earn(workouts):
    progress = progress_of(days_of(workouts).values(), EVERY_DAY)
    for sport, one in progress.sports.items():
        earning = [w for w in workouts if w.sport == sport and not w.duplicate_of and sport != "driving"]
        assert sum(w.amount(Quantity.DISTANCE) or 0 for w in earning) == one.total.distance
        assert max(w.amount(Quantity.CLIMB) or 0 for w in earning) == one.best.climb
        assert len(earning) * MILLI == one.total.workouts
    assert all(0 <= day.points <= MOST_A_DAY for day in days_of(workouts).values())


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({}, 70),
        ({"moving_s": 3599.9}, 69),
        ({"ascent_m": None, "moving_s": None}, 0),
        ({"sport": "e_biking"}, 35),
        ({"sport": "alpine_skiing"}, 60),
        ({"sport": "motorcycling"}, 0),
        ({"duplicate_of": "first"}, 0),
        ({"started_at": None}, 0),
        ({"warnings": frozenset({"implausible_speed"})}, 0),
        ({"warnings": frozenset({"time_in_future"})}, 0),
        ({"recorded": False}, 70),
    ],
)
def test_points_are_minutes_in_motion_and_ten_metres_of_climb(facts, points):
    assert points == points_of(effort(**facts))


def test_a_day_has_a_limit_of_points_and_no_limit_of_distance():
    day = days_of(effort(str(n), started_at=MORNING + timedelta(hours=n)) for n in range(5))[MORNING.date()]
    assert (240, 50 * KM) == (day.points, day.sports["running"].total.distance)


@pytest.mark.parametrize(
    ("points", "level"), [(0, 1), (149, 1), (150, 2), (449, 2), (450, 3), (900, 4), (1500, 5)]
)
def test_a_level_takes_150_points_more_than_the_one_before(points, level):
    assert level == level_of(points) == Progress(points=points).level


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 10**9))
def test_a_level_begins_at_its_points(points):
    assert level_begins(level_of(points)) <= points < level_begins(level_of(points) + 1)


def test_a_deleted_workout_takes_its_badges_back():
    runs = [later(0, distance_m=42_195.0, moving_s=10_000.0), later(1)]
    with_it, without = (progress_of(days_of(these).values(), EVERY_DAY) for these in (runs, runs[1:]))
    assert {1, 2, 3, 4} == {award.tier for award in with_it.awards if award.badge_id == "long-run"}
    assert {1, 2} == {award.tier for award in without.awards if award.badge_id == "long-run"}
    assert Award(badge_id="workouts", tier=1, day=date(2026, 6, 4)) in without.awards


@pytest.mark.parametrize(("metres", "tiers"), [(4_974.9, 0), (4_975.0, 1), (9_949.9, 1), (20_992.1, 3)])
def test_a_single_distance_may_be_measured_half_a_percent_short(metres, tiers):
    progress = progress_of(days_of([effort(distance_m=metres)]).values(), EVERY_DAY)
    badge = next(one for one in BADGES if one.id == "long-run")
    assert tiers == tiers_of(badge, progress)


def test_how_far_somebody_is_has_the_unit_of_the_tiers():
    progress = progress_of(days_of([effort(), later(1, sport="cycling")]).values(), EVERY_DAY)
    values = {badge.id: value_of(badge, progress) for badge in BADGES}
    assert {
        "workouts": 2_000,
        "active-days": 2,
        "streak": 2,
        "points": 140,
        "climb": 200_000,
        "hours": 7_200_000,
        "on-foot": 10_000_000,
        "by-bike": 10_000_000,
        "swimming": 0,
        "long-run": 10_000_000,
        "long-ride": 10_000_000,
        "big-climb": 100_000,
    } == values


def test_a_kept_progress_of_other_formulas_or_another_rule_is_not_counted_on():
    progress = progress_of([], EVERY_DAY)
    assert (FORMULAS, True) == (progress.formulas, progress.fits(EVERY_DAY))
    assert not progress.fits(StreakRule(rest_days=1))
    assert not replace(progress, formulas="0").fits(EVERY_DAY)


def test_badges_have_ids_of_their_own_ascending_tiers_and_names_in_every_language():
    assert len(BADGES) == len({badge.id for badge in BADGES})
    assert [] == [
        badge.id for badge in BADGES if list(badge.tiers) != sorted(set(badge.tiers)) or badge.tiers[0] <= 0
    ]
    for locale in SUPPORTED[1:]:
        translator = translator_for(locale)
        assert [] == [badge.name for badge in BADGES if translator.text(badge.name) == badge.name]


def test_totals_know_every_quantity():
    totals = Totals(distance=1, climb=2, moving_time=3, workouts=4)
    assert [1, 2, 3, 4] == [totals.of(quantity) for quantity in Quantity]
