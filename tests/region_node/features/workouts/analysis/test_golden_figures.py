"""Golden numbers: figures that were computed elsewhere, from the definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.features.workouts.analysis.distance import great_circle_steps
from region_node.features.workouts.analysis.durations import active_steps, merged_pauses, paused_before
from region_node.features.workouts.analysis.elevation import climb
from region_node.features.workouts.analysis.means import mean_over_time
from region_node.features.workouts.analysis.power import power_figures, weighted_power

HOUR = np.arange(3600.0)
INTERVALS = np.where(HOUR // 60 % 2 == 0, 400.0, 100.0)


def test_weighted_power_of_steady_riding_is_its_mean():
    assert 250 == pytest.approx(weighted_power(HOUR, np.full(3600, 250.0)))


def test_weighted_power_of_intervals():
    assert 315.152 == pytest.approx(weighted_power(HOUR, INTERVALS), abs=0.001)


def test_weighted_power_does_not_depend_on_the_rate_of_recording():
    every_fifth = slice(None, None, 5)
    assert weighted_power(HOUR[every_fifth], INTERVALS[every_fifth]) == pytest.approx(315.152, rel=0.005)


def test_weighted_power_fills_gaps_of_ten_seconds_and_cuts_at_longer_ones():
    watts = np.full(40, 200.0)
    assert weighted_power(np.r_[0:20, 29:49].astype(float), watts) == pytest.approx(200)
    assert weighted_power(np.r_[0:20, 31:51].astype(float), watts) is None


@pytest.mark.parametrize(("seconds", "known"), [(29, False), (30, True)])
def test_weighted_power_needs_thirty_seconds(seconds, known):
    assert known == (weighted_power(np.arange(float(seconds)), np.full(seconds, 100.0)) is not None)


def test_power_counts_zeros_and_zeros_throughout_are_no_sensor():
    assert (50, 100) == power_figures(np.arange(4.0), np.array([0.0, 100.0, 0.0, 100.0]), ())
    assert (None, None) == power_figures(np.arange(4.0), np.zeros(4), ())


def test_great_circle_of_one_degree_on_the_equator():
    (metres,) = great_circle_steps(np.zeros(2), np.array([10.0, 11.0]))
    assert 111_194.927 == pytest.approx(metres, abs=0.001)


def test_great_circle_of_antipodes_is_half_the_circumference():
    (metres,) = great_circle_steps(np.array([0.0, 0.0]), np.array([0.0, 180.0]))
    assert np.pi * 6_371_000 == pytest.approx(metres)


@pytest.mark.parametrize(
    ("altitude", "expected"),
    [
        pytest.param(np.tile([100.0, 101.0], 500), (0, 0), id="noise-of-a-metre"),
        pytest.param(np.arange(51.0), (50, 0), id="steady-rise"),
        pytest.param(np.r_[0:51, 49:-1:-1].astype(float), (49, 49), id="hill-loses-its-tip-to-the-median"),
        pytest.param(np.r_[np.zeros(20), 500.0, np.zeros(20)], (0, 0), id="spike"),
        pytest.param(np.array([np.nan]), (None, None), id="no-altitude"),
    ],
)
def test_climb(altitude, expected):
    assert expected == climb(altitude)


@given(st.lists(st.integers(-500, 9000), min_size=1, max_size=300))
@settings(max_examples=100, deadline=None)
def test_climb_ends_where_the_altitudes_end_within_the_hysteresis(altitudes):
    ascent, descent = climb(np.array(altitudes, dtype=float))
    assert ascent >= 0
    assert descent >= 0
    assert ascent <= np.abs(np.diff(altitudes)).sum()


def test_a_mean_holds_each_value_until_the_next_one():
    assert 100 == mean_over_time(np.array([0.0, 10.0, 20.0]), np.array([100.0, 100.0, 100.0]), ())
    assert mean_over_time(
        np.array([0.0, 1.0, 11.0, 12.0]), np.array([0.0, 100.0, 0.0, 0.0]), ()
    ) == pytest.approx(100 * 10 / 13)


def test_a_mean_believes_a_silent_sensor_for_thirty_seconds():
    mean = mean_over_time(np.array([0.0, 1000.0, 1030.0]), np.array([100.0, 160.0, 160.0]), ())
    assert 140 == pytest.approx(mean)


def test_a_mean_leaves_pauses_out():
    times, values = np.array([0.0, 10.0, 20.0]), np.array([100.0, 200.0, 200.0])
    assert mean_over_time(times, values, ((0.0, 10.0),)) == pytest.approx(200)


def test_a_mean_without_times_is_the_plain_one():
    assert 150 == mean_over_time(np.full(2, np.nan), np.array([100.0, 200.0]), ())


def test_pauses_are_merged_and_taken_off():
    pauses = merged_pauses([(10, 20), (15, 30), (50, 40)])
    assert ((10, 30),) == pauses
    assert [0, 0, 5, 20, 20] == paused_before(np.array([0.0, 10, 15, 30, 99]), pauses).tolist()
    assert [10, 5] == active_steps(np.array([0.0, 25, 35]), pauses).tolist()
