"""Workouts as challenges and achievements see them, and spaces of them for property tests."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from region_node.efforts import Effort

MORNING = datetime(2026, 6, 3, 8, tzinfo=UTC)
LONG_AFTER = datetime(2027, 1, 1, tzinfo=UTC)


def effort(workout_id="one", **facts):
    """An hour's run of ten kilometres on a Wednesday morning in UTC, and what differs from it."""
    standard = {
        "version": 1,
        "sport": "running",
        "started_at": MORNING,
        "elapsed_s": 3700.0,
        "moving_s": 3600.0,
        "distance_m": 10_000.0,
        "ascent_m": 100.0,
        "longest_gap_s": 5.0,
        "received_at": MORNING + timedelta(hours=2),
    }
    return Effort(workout_id=workout_id, **{**standard, **facts})


def efforts(days=20, ids="abcdefgh"):
    """Runs and rides of a few people's habits, around the days of June 2026, on clocks all over the Earth."""
    return st.builds(
        effort,
        workout_id=st.sampled_from(ids),
        version=st.integers(1, 5),
        sport=st.sampled_from(["running", "cycling", "walking", "e_biking", "driving"]),
        started_at=st.integers(0, days * 24 * 12).map(lambda n: MORNING + timedelta(minutes=5 * n)),
        offset_s=st.integers(-12 * 4, 14 * 4).map(lambda quarters: quarters * 900),
        moving_s=st.sampled_from([None, 60.0, 599.5, 600.0, 1800.25, 3600.0]),
        distance_m=st.sampled_from([None, 0.0, 333.333, 1000.01, 2500.5]),
        ascent_m=st.sampled_from([None, 0.0, 12.345, 99.9]),
        recorded=st.booleans(),
        duplicate_of=st.sampled_from(["", "", "", "first"]),
        received_at=st.sampled_from([MORNING, MORNING, MORNING, LONG_AFTER]),
    )
