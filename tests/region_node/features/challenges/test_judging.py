"""Which workouts count, each rule by itself and all reasons together."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from region_node.efforts import Quantity, instant_ms
from region_node.features.challenges.gates import FASTEST_MPS, fastest_mps
from region_node.features.challenges.judging import judge
from region_node.features.challenges.model import Contribution, Gates, Least, Metric, Window
from region_node.features.challenges.wording import EXCLUSION_TEXTS, Exclusion
from tests.support.challenges import ADULT, JUNE, RULES, rules
from tests.support.efforts import MORNING, effort, efforts

RIDERS = frozenset({"cycling"})
BEFORE = ADULT.joined_at - timedelta(seconds=1)

CASES = [
    pytest.param(rules(), {"started_at": None}, [Exclusion.NO_START], id="no-start"),
    pytest.param(rules(sports=RIDERS), {}, [Exclusion.OTHER_SPORT], id="other-sport"),
    pytest.param(
        rules(), {"started_at": MORNING - timedelta(days=3)}, [Exclusion.OUTSIDE_WINDOW], id="early"
    ),
    pytest.param(
        rules(), {"started_at": MORNING + timedelta(days=28)}, [Exclusion.OUTSIDE_WINDOW], id="late"
    ),
    pytest.param(rules(from_joining=True), {"started_at": BEFORE}, [Exclusion.BEFORE_JOINING], id="joined"),
    pytest.param(rules(), {"received_at": JUNE.closes_at}, [Exclusion.TOO_LATE], id="after-the-grace"),
    pytest.param(rules(), {"duplicate_of": "first"}, [Exclusion.DUPLICATE], id="duplicate"),
    pytest.param(rules(), {"distance_m": None}, [Exclusion.NO_FIGURE], id="no-distance"),
    pytest.param(rules(Metric.CLIMB), {"sport": "alpine_skiing"}, [Exclusion.NO_FIGURE], id="lifts-climb"),
    pytest.param(
        rules(least=Least(quantity=Quantity.DISTANCE, amount=10_000_001)),
        {},
        [Exclusion.TOO_LITTLE],
        id="short",
    ),
    pytest.param(rules(), {"recorded": False}, [Exclusion.BY_HAND], id="typed-in"),
    pytest.param(
        rules(gates=Gates(indoor=False)), {"sub_sport": "treadmill"}, [Exclusion.INDOOR], id="treadmill"
    ),
    pytest.param(rules(), {"distance_m": 23_100.0}, [Exclusion.TOO_FAST], id="faster-than-anybody"),
    pytest.param(rules(), {"moving_s": None}, [Exclusion.TOO_FAST], id="far-in-no-time"),
    pytest.param(rules(), {"ascent_m": 2_161.0}, [Exclusion.TOO_FAST], id="climbs-like-a-lift"),
    pytest.param(
        rules(), {"warnings": frozenset({"implausible_speed"})}, [Exclusion.IMPLAUSIBLE], id="implausible"
    ),
    pytest.param(rules(), {"warnings": frozenset({"time_jump"})}, [Exclusion.TIME_IN_DOUBT], id="time-jump"),
    pytest.param(rules(gates=Gates(longest_gap_s=4)), {}, [Exclusion.GAP], id="gap"),
    pytest.param(
        rules(gates=Gates(longest_gap_s=4)), {"longest_gap_s": None}, [Exclusion.GAP], id="nobody-looked"
    ),
    pytest.param(
        rules(sports=RIDERS),
        {"recorded": False, "duplicate_of": "first"},
        [Exclusion.OTHER_SPORT, Exclusion.DUPLICATE, Exclusion.BY_HAND],
        id="every-reason-at-once",
    ),
]
COUNTED = [
    pytest.param(rules(), {}, 10_000_000, id="distance"),
    pytest.param(rules(Metric.CLIMB), {}, 100_000, id="climb"),
    pytest.param(rules(Metric.MOVING_TIME), {}, 3_600_000, id="moving-time"),
    pytest.param(rules(Metric.WORKOUTS), {"distance_m": None}, 1_000, id="workouts"),
    pytest.param(rules(Metric.DAYS), {"distance_m": None}, 3_600_000, id="days"),
    pytest.param(rules(sports=frozenset({"running"})), {}, 10_000_000, id="right-sport"),
    pytest.param(rules(from_joining=True), {}, 10_000_000, id="after-joining"),
    pytest.param(rules(gates=Gates(by_hand=True)), {"recorded": False}, 10_000_000, id="typed-in"),
    pytest.param(rules(), {"sub_sport": "treadmill"}, 10_000_000, id="treadmill"),
    pytest.param(rules(gates=Gates(longest_gap_s=5)), {}, 10_000_000, id="gap-at-the-limit"),
    pytest.param(
        rules(), {"received_at": JUNE.closes_at - timedelta(seconds=1)}, 10_000_000, id="within-the-grace"
    ),
    pytest.param(rules(), {"warnings": frozenset({"checksum"})}, 10_000_000, id="harmless-warning"),
]


@pytest.mark.parametrize(("law", "facts", "reasons"), CASES)
def test_a_workout_that_does_not_count_says_every_reason(law, facts, reasons):
    verdict = judge(law, ADULT, effort(**facts))
    assert (tuple(reasons), None) == (verdict.reasons, verdict.contribution)


@pytest.mark.parametrize(("law", "facts", "amount"), COUNTED)
def test_a_workout_that_counts_brings_its_amount_on_its_day(law, facts, amount):
    ended_ms = instant_ms(MORNING + timedelta(seconds=3700))
    expected = Contribution(day=date(2026, 6, 3), amount=amount, ended_ms=ended_ms)
    assert expected == judge(law, ADULT, effort(**facts)).contribution


def test_every_reason_has_a_case_and_a_text():
    judged = {reason for case in CASES for reason in case.values[-1]}
    assert set(Exclusion) == judged | {Exclusion.DELETED} == EXCLUSION_TEXTS.keys()


def test_a_moderator_excuses_from_the_gates_and_from_nothing_else():
    excused = replace(ADULT, excused=frozenset({"one"}))
    assert judge(rules(), excused, effort(recorded=False, distance_m=30_000.0)).contribution
    refused = judge(rules(), excused, effort(recorded=False, duplicate_of="first"))
    assert (Exclusion.DUPLICATE,) == refused.reasons


@pytest.mark.parametrize(
    ("zone", "started_at", "offset_h", "day"),
    [
        ("", "2026-05-31T10:00:00+00:00", 14, date(2026, 6, 1)),
        ("", "2026-05-31T09:59:59+00:00", 14, None),
        ("", "2026-07-01T11:59:59+00:00", -12, date(2026, 6, 30)),
        ("", "2026-07-01T12:00:00+00:00", -12, None),
        ("Europe/Berlin", "2026-05-31T22:00:00+00:00", -10, date(2026, 6, 1)),
        ("Europe/Berlin", "2026-05-31T21:59:59+00:00", 14, None),
        ("Europe/Berlin", "2026-06-30T21:59:59+00:00", 14, date(2026, 6, 30)),
        ("Europe/Berlin", "2026-06-30T22:00:00+00:00", -12, None),
    ],
)
def test_a_window_is_of_the_athletes_clock_or_of_the_challenges(zone, started_at, offset_h, day):
    run = effort(started_at=datetime.fromisoformat(started_at), offset_s=offset_h * 3600)
    assert day == replace(JUNE, zone=zone).day_of(run)


def test_a_window_closes_when_its_last_day_has_ended_everywhere_and_the_grace_is_over():
    day = Window(first_day=date(2026, 3, 29), last_day=date(2026, 3, 29), grace_hours=6)
    assert datetime(2026, 3, 28, 10, tzinfo=UTC) == day.opens_at
    assert datetime(2026, 3, 30, 18, tzinfo=UTC) == day.closes_at
    # The clocks of Berlin go forward on that day, which has 23 hours.
    berlin = replace(day, zone="Europe/Berlin")
    assert timedelta(hours=23) == berlin.ends_at - berlin.opens_at


@settings(derandomize=True, deadline=None, max_examples=300)
@given(RULES, efforts())
def test_a_workout_either_counts_in_its_window_or_says_why_not(law, workout):
    verdict = judge(law, ADULT, workout)
    assert (verdict.contribution is None) is bool(verdict.reasons)
    assert len(set(verdict.reasons)) == len(verdict.reasons)
    if verdict.contribution:
        assert law.window.opens_at <= workout.started_at < law.window.ends_at
        assert law.window.first_day <= verdict.contribution.day <= law.window.last_day
        assert verdict.contribution.amount >= 0


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(sorted(FASTEST_MPS)), st.floats(1, 200_000), st.floats(1, 200_000))
def test_nobody_is_faster_for_longer(sport, one, other):
    assert fastest_mps(sport, max(one, other)) <= fastest_mps(sport, min(one, other))


@pytest.mark.parametrize(
    ("sport", "distance_m", "moving_s"),
    [
        ("running", 400, 43.03),
        ("running", 1_500, 206.0),
        ("running", 10_000, 1_571.0),
        ("running", 21_097.5, 3_402.0),
        ("running", 42_195, 7_235.0),
        ("running", 100_000, 21_935.0),
        ("running", 319_614, 86_400.0),
        ("walking", 20_000, 4_596.0),
        ("walking", 50_000, 12_753.0),
        ("cycling", 56_792, 3_600.0),
        ("swimming", 100, 46.4),
        ("swimming", 1_500, 870.67),
        ("rowing", 2_000, 318.68),
    ],
)
def test_the_best_of_the_world_would_count(sport, distance_m, moving_s):
    world_best = effort(
        sport=sport, distance_m=distance_m, moving_s=moving_s, elapsed_s=moving_s, ascent_m=0.0
    )
    assert () == judge(rules(), ADULT, world_best).reasons
