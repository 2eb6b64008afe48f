"""Whatever the bytes, a file ends as workouts or as a refusal, and its document is plain JSON."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.demo_files import DemoFormat, DemoSport, demo_activity, demo_file
from region_node.features.workouts.analyse import analyse_bytes
from region_node.features.workouts.importing.refusals import REFUSALS
from tests.support.workout_files import NOW, START, gzipped, zipped

ACTIVITY = demo_activity(DemoSport.RIDE, seed=1, start=START, minutes=2, origin=(45.0, 7.0))
WHOLE = {str(kind): demo_file(ACTIVITY, kind) for kind in DemoFormat}
WHOLE["gz"] = gzipped(WHOLE["fit"])
WHOLE["zip"] = zipped({"a.fit": WHOLE["fit"], "b.gpx": WHOLE["gpx"]})

edits = st.lists(
    st.tuples(
        st.floats(0, 1), st.sampled_from(["set", "cut", "insert", "drop"]), st.binary(min_size=1, max_size=12)
    ),
    min_size=1,
    max_size=8,
)


def mutated(data, changes):
    for share, how, new in changes:
        at = int(share * len(data))
        if how == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif how == "insert":
            data = data[:at] + new + data[at:]
        elif how == "drop":
            data = data[:at] + data[at + len(new) :]
        else:
            data = data[: max(1, at)]
    return data


def no_constant(name):
    raise AssertionError(name)


def check(data):
    try:
        workouts = analyse_bytes("a", data, now=NOW)
    except REFUSALS:
        return
    assert workouts
    for workout in workouts:
        text = msgspec.json.encode([workout.document, workout.laps])
        plain = json.loads(text, parse_constant=no_constant)
        assert all(abs(number) < 1e15 for number in numbers(plain))
        assert json.loads(json.dumps(msgspec.to_builtins(workout.document), allow_nan=False))


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int | float):
        yield value


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_arbitrary_bytes(data):
    check(data)


@given(st.binary(max_size=300), st.booleans())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_arbitrary_messages_behind_a_fit_header(data, whole):
    head = b"\x0e\x20\x54\x08" + (len(data).to_bytes(4, "little") if whole else bytes(4)) + b".FIT\x00\x00"
    check(head + data)


@pytest.mark.parametrize("kind", sorted(WHOLE))
@given(changes=edits)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_damaged_files(kind, changes):
    check(mutated(WHOLE[kind], changes))


NUMBERS = st.sampled_from(
    ["", "NaN", "inf", "-1e308", "1e999", "0", "x", "9" * 400, "180", "90", " 5 ", "0x10"]
)
TIMES = st.sampled_from(
    ["", "never", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-01T08:00:00+99:00", "2026-05-01"]
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, TIMES), max_size=12))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_odd_values_in_xml(rows):
    points = "".join(
        f'<trkpt lat="{lat}" lon="{lon}"><ele>{value}</ele><time>{time}</time>'
        f"<hr>{value}</hr><power>{value}</power>"
        f"<speed>{value}</speed><distance>{value}</distance></trkpt>"
        for lat, lon, value, time in rows
    )
    check(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>".encode())
    track = "".join(
        f"<Trackpoint><Time>{time}</Time><HeartRateBpm><Value>{value}</Value></HeartRateBpm>"
        f"<DistanceMeters>{value}</DistanceMeters></Trackpoint>"
        for _, _, value, time in rows
    )
    laps = "".join(
        f"<Lap StartTime='{time}'><TotalTimeSeconds>{value}</TotalTimeSeconds><Calories>{value}</Calories>"
        f"<DistanceMeters>{value}</DistanceMeters><Track>{track}</Track></Lap>"
        for _, _, value, time in rows
    )
    activities = f"<Activities><Activity>{laps}</Activity></Activities>"
    check(f"<TrainingCenterDatabase>{activities}</TrainingCenterDatabase>".encode())
