"""The rules of the import contract, each on a file that differs in one thing."""

from datetime import UTC, datetime

import pytest

from cli.demo_files import DemoFormat, DemoSport, demo_activity, demo_file
from cli.fit_writer import UINT8, UINT16, DeveloperField, FitField, FitMessage, fit_file
from region_node.features.workouts.analyse import analyse_bytes
from tests.support.workout_files import (
    NOW,
    START,
    START_S,
    file_id,
    gpx,
    record,
    session,
    strap_beats,
    strap_tie,
    tcx,
    tcx_activity,
    timer_event,
    trackpoint,
)


def documents(data, name="a"):
    return [one.document for one in analyse_bytes(name, data, now=NOW)]


def document(data):
    (one,) = documents(data)
    return one


RECORDS = [record(second) for second in range(60)]


def test_the_devices_figure_stands_on_top_and_ours_beside_it():
    one = document(fit_file([file_id(), *RECORDS, session(59, 200, f16=150)]))
    assert (200, 150) == (one.distance_m, one.heart_rate.avg)
    assert (59, 140) == (one.computed.elapsed_s, one.computed.heart_rate.avg)
    assert one.computed.distance_m == pytest.approx(185.5, abs=0.3)


def test_a_zero_of_the_device_is_no_figure():
    one = document(fit_file([file_id(), *RECORDS, session(59, 0, f16=0)]))
    assert 140 == one.heart_rate.avg
    assert one.computed.distance_m == one.distance_m


def test_elapsed_time_is_never_below_the_timer():
    one = document(tcx(tcx_activity(60).replace("<TotalTimeSeconds>59", "<TotalTimeSeconds>75")))
    assert (75, 75, 59) == (one.timer_s, one.elapsed_s, one.computed.elapsed_s)


def test_a_pause_is_in_elapsed_but_not_in_timer_or_moving_time():
    halves = [
        *RECORDS[:30],
        timer_event(29, 4),
        timer_event(129, 0),
        *(record(s + 100) for s in range(30, 60)),
    ]
    one = document(fit_file([file_id(), *halves]))
    assert (159, 59) == (one.elapsed_s, one.timer_s)
    assert one.moving_s <= 59


def test_gaps_between_segments_are_no_distance_and_no_timer():
    points = [trackpoint(second) for second in range(10)]
    later = [trackpoint(second) for second in range(1000, 1010)]
    one = document(gpx("".join(points) + "</trkseg><trkseg>" + "".join(later)))
    assert (1009, 18) == (one.elapsed_s, one.timer_s)
    assert one.distance_m == pytest.approx(18 * 3.145, rel=0.01)


def test_several_sessions_are_legs_of_one_workout():
    legs = [session(59, 185), session(59, 300, START_S + 60, sport=2)]
    one = document(fit_file([file_id(), *RECORDS, *legs]))
    assert ("multisport", "generic", 2) == (one.sport, one.sub_sport, one.legs)
    assert (118, 485) == (one.elapsed_s, one.distance_m)


def test_chained_parts_with_sessions_are_workouts_and_one_without_belongs_to_its_neighbour():
    first = fit_file([file_id(), *RECORDS, session()])
    second = fit_file([file_id(), *RECORDS[:9], session(8, 25, sport=2)])
    settings = fit_file([file_id(2)])
    assert ["running"] == [one.sport for one in documents(settings + first + settings)]
    assert ["running", "cycling"] == [one.sport for one in documents(first + settings + second)]
    assert [1, 2] == [one.part for one in documents(first + second)]


def test_each_activity_of_a_tcx_is_a_workout():
    both = documents(tcx(tcx_activity(60) + tcx_activity(30, "Biking")))
    assert [("running", 60), ("cycling", 30)] == [(one.sport, one.samples) for one in both]


def test_laps_of_a_tcx_are_weighted_by_their_times():
    beats = "<AverageHeartRateBpm><Value>{}</Value></AverageHeartRateBpm>"
    activity = tcx_activity(61, lap=beats.format(120))
    lap = f"</Track></Lap><Lap><TotalTimeSeconds>30</TotalTimeSeconds>{beats.format(150)}<Track>"
    one = document(tcx(activity.replace("</Track></Lap>", lap + "</Track></Lap>", 1)))
    assert (2, 90) == (one.laps, one.timer_s)
    assert 130 == pytest.approx(one.heart_rate.avg)


def test_equal_times_are_merged_and_the_last_value_wins():
    position = [FitMessage(20, record(s).fields[:3]) for s in range(9)]
    sensors = [
        FitMessage(20, (record(s).fields[0], FitField(3, UINT8, 100 + s), FitField(4, UINT8, 80)))
        for s in range(9)
    ]
    split = [message for pair in zip(position, sensors, strict=True) for message in pair]
    (workout,) = analyse_bytes("a", fit_file([file_id(), *split]), now=NOW)
    assert (18, 9) == (workout.document.samples, len(workout.samples))
    assert 108 == workout.samples.heart_rate_bpm[-1]
    assert workout.samples.latitude_deg[-1] == pytest.approx(45)


def test_a_developer_field_with_a_sensors_name_is_never_mixed_in():
    names = FitMessage(206, (FitField(0, UINT8, 0), FitField(1, UINT8, 0), FitField(2, UINT8, 2)))
    own = FitMessage(207, (FitField(3, UINT8, 0),))
    records = [FitMessage(20, record(s).fields, (DeveloperField(0, 0, bytes((200,))),)) for s in range(40)]
    one = document(fit_file([file_id(), own, names, *records, session(39, 122)]))
    assert (140, 140) == (one.heart_rate.max, one.computed.heart_rate.max)


def test_beats_of_a_strap_are_joined_by_their_own_clock():
    silent = [FitMessage(20, record(s).fields[:3]) for s in range(60)]
    ticks = [10_240 + 1024 * beat for beat in range(1, 57)]
    messages = [strap_beats(ticks[at : at + 8], [120] * 8) for at in range(0, 56, 8)]
    before = strap_tie(-10, 0, 200)
    (workout,) = analyse_bytes(
        "a", fit_file([file_id(), *silent, before, strap_tie(0, 10_240, 120), *messages, session()]), now=NOW
    )
    assert (120, 120) == (workout.document.heart_rate.avg, workout.document.computed.heart_rate.max)
    assert 120 == workout.samples.heart_rate_bpm[30]


def test_the_part_with_more_samples_stays_when_the_time_jumps():
    jump = [record(second, START_S + 20 * 86_400) for second in range(100)]
    one = document(fit_file([file_id(), *RECORDS, *jump, session()]))
    assert (160, 99) == (one.samples, one.computed.elapsed_s)
    assert one.started_at.startswith("2026-05-21")


def test_speed_thresholds_differ_by_sport():

    creeping = [FitMessage(20, (record(s).fields[0], FitField(6, UINT16, 600))) for s in range(60)]

    assert 0 == document(fit_file([file_id(), *creeping, session(sport=1)])).moving_s
    assert 59 == document(fit_file([file_id(), *creeping, session(sport=2)])).moving_s


@pytest.mark.parametrize("sport", DemoSport)
@pytest.mark.parametrize("file_format", DemoFormat)
def test_an_invented_activity_reads_back_as_it_was_made(sport, file_format):
    activity = demo_activity(sport, seed=7, start=START, minutes=20, origin=(52.5, 13.4))
    assert demo_activity(sport, seed=7, start=START, minutes=20, origin=(52.5, 13.4)) == activity
    one = document(demo_file(activity, file_format))
    assert [] == one.warnings
    assert datetime(2026, 5, 1, 8, tzinfo=UTC).isoformat()[:19] == one.started_at[:19]
    assert activity.elapsed_s == one.elapsed_s
    assert activity.timer_s == pytest.approx(one.timer_s, abs=1)
    assert activity.distance_m == pytest.approx(one.distance_m, rel=0.002)
    assert (one.power.weighted is not None) == (sport is DemoSport.RIDE)


@pytest.mark.parametrize(
    ("creator", "kind", "sport"),
    [
        ("StravaGPX", "9", ("running", "generic")),
        ("test", "9", ("generic", "generic")),
        ("test", "Trail_Running", ("running", "trail")),
        ("test", "chess", ("generic", "generic")),
    ],
)
def test_the_sport_of_a_gpx_is_named_by_its_program(creator, kind, sport):
    data = gpx(trackpoint(0) + trackpoint(1), kind=kind).replace(
        b'creator="test"', f'creator="{creator}"'.encode()
    )
    one = document(data)
    assert sport == (one.sport, one.sub_sport)
