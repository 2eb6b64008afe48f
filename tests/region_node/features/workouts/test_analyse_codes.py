"""Every stable code of the import contract is reached by a file of our own."""

import pytest

from cli.fit_writer import UINT8, UINT16, UINT32, FitField, FitMessage, fit_body, fit_file, fit_header
from region_node.features.workouts.analyse import analyse_bytes
from region_node.features.workouts.importing.notices import DETAILS, NoticeCode
from region_node.features.workouts.importing.refusals import REFUSALS, Refusal
from tests.support.workout_files import (
    INVALID_TIME,
    NOW,
    START_S,
    TIME,
    file_id,
    gpx,
    gzipped,
    record,
    run_fit,
    run_gpx,
    session,
    tcx,
    tcx_activity,
    trackpoint,
    zipped,
)

DAY_S = 86_400
RECORDS = [record(second) for second in range(60)]
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>'

REFUSED = [
    pytest.param("a.fit", b"", "empty", id="no-bytes"),
    pytest.param("a.gpx.gz", gzipped(b""), "empty", id="nothing-in-gzip"),
    pytest.param("a.zip", zipped({}), "empty", id="nothing-in-zip"),
    pytest.param("a.gpx", b"<!doctype html><p>no", "unknown_format", id="web-page"),
    pytest.param("a.gpx", b"<kml></kml>", "unknown_format", id="another-root"),
    pytest.param("a.bin", b"\x00" * 2000, "unknown_format", id="binary"),
    pytest.param("a.gpx", b"<?xml version='1.0'?><", "malformed", id="no-root"),
    pytest.param(
        "a.gpx", b"<?xml version='1.0' encoding='none-such'?><gpx/>", "malformed", id="no-such-encoding"
    ),
    pytest.param("a.fit", fit_header(100) + b"\x05" * 102, "malformed", id="no-readable-message"),
    pytest.param("a.fit", fit_file([file_id()])[:30], "truncated", id="cut-before-any-sample"),
    pytest.param("a.zip", zipped({"a.fit": run_fit()})[:200], "truncated", id="zip-without-its-end"),
    pytest.param("a.fit", fit_file([file_id(2)]), "not_an_activity", id="settings"),
    pytest.param("a.fit", fit_file([file_id(6), *RECORDS]), "not_an_activity", id="course"),
    pytest.param("a.gpx", b"<gpx><rte><rtept lat='1' lon='2'/></rte></gpx>", "not_an_activity", id="route"),
    pytest.param(
        "a.tcx",
        b"<TrainingCenterDatabase><Workouts><Workout/></Workouts></TrainingCenterDatabase>",
        "not_an_activity",
        id="planned",
    ),
    pytest.param("a.fit", fit_file([file_id()]), "no_samples", id="file-id-only"),
    pytest.param("a.gpx", gpx(trackpoint(0, "0", "0")), "no_samples", id="only-a-point-at-zero"),
    pytest.param("a.fit", bytes(50_000_001), "too_large", id="too-many-bytes"),
    pytest.param("a.gpx", DOCTYPE, "unsafe_xml", id="entity"),
    pytest.param(
        "a.tcx", b"<!DOCTYPE x SYSTEM 'y'><TrainingCenterDatabase/>", "unsafe_xml", id="external-dtd"
    ),
    pytest.param("a.gz", gzipped(bytes(30_000_000)), "unsafe_archive", id="gzip-bomb"),
    pytest.param("a.zip", zipped({"a.gpx": b" " * 30_000_000}), "unsafe_archive", id="zip-bomb"),
    pytest.param("a.zip", zipped({"../a.fit": run_fit()}), "unsafe_archive", id="parent-folder"),
    pytest.param("a.zip", zipped({"/a.fit": run_fit()}), "unsafe_archive", id="absolute-name"),
    pytest.param(
        "a.zip", zipped({"b.zip": zipped({"a.fit": run_fit()})}), "unsafe_archive", id="only-archives"
    ),
    pytest.param("a.gz", gzipped(gzipped(run_fit())), "unsafe_archive", id="gzip-in-gzip"),
]


@pytest.mark.parametrize(("name", "data", "code"), REFUSED)
def test_a_file_with_nothing_usable_is_refused(name, data, code):
    with pytest.raises(Refusal) as refused:
        analyse_bytes(name, data, now=NOW)
    assert code == refused.value.code


def test_every_refusal_has_a_file():
    assert {refusal.code for refusal in REFUSALS} == {case.values[2] for case in REFUSED}


def _timeless(second: int) -> FitMessage:
    fields = record(second).fields
    return FitMessage(20, (FitField(TIME, UINT32, INVALID_TIME), *fields[1:]))


LATER_S = START_S + 20 * DAY_S
WARNED = [
    pytest.param("a.fit", run_fit()[:-1] + b"\0", "checksum", id="wrong-crc"),
    pytest.param("a.fit", run_fit()[:-60], "truncated", id="cut"),
    pytest.param("a.gpx", run_gpx()[:-400], "truncated", id="cut-xml"),
    pytest.param("a.fit.gz", gzipped(run_fit())[:-30], "truncated", id="cut-gzip"),
    pytest.param("a.fit", fit_header(0) + fit_body(RECORDS), "truncated", id="no-size"),
    pytest.param("a.gpx", run_gpx().replace(b"</gpx>", b"</oops>"), "corrupt_records", id="wrong-tag"),
    pytest.param("a.fit", run_fit() + b"garbage", "trailing_data", id="garbage-behind"),
    pytest.param("a.gpx", run_gpx() + b"<more/>", "trailing_data", id="second-root"),
    pytest.param("a.fit", run_gpx(), "extension_mismatch", id="gpx-named-fit"),
    pytest.param("a.fit", run_fit(start_s=631_065_600 + 100), "clock_not_set", id="since-switched-on"),
    pytest.param("a.fit", run_fit(start_s=START_S + 90 * DAY_S), "time_in_future", id="next-summer"),
    pytest.param(
        "a.fit",
        fit_file([file_id(), *RECORDS, *(record(second, LATER_S) for second in range(5))]),
        "time_jump",
        id="weeks-later",
    ),
    pytest.param("a.gpx", gpx("".join(map(trackpoint, (0, 2, 1, 3)))), "time_not_monotonic", id="backwards"),
    pytest.param(
        "a.fit",
        fit_file([file_id(), *(_timeless(second) for second in range(9)), session()]),
        "no_time",
        id="no-times",
    ),
    pytest.param("a.fit", fit_file([file_id(), *RECORDS]), "no_session", id="no-summary"),
    pytest.param("a.fit", fit_file([file_id(), session()]), "no_samples", id="summary-only"),
    pytest.param("a.gpx", gpx(trackpoint(0) + trackpoint(1, "91")), "invalid_position", id="beyond-the-pole"),
    pytest.param("a.tcx", tcx(tcx_activity().replace("7.000040", "x")), "invalid_position", id="no-number"),
    pytest.param(
        "a.fit",
        fit_file(
            [
                file_id(),
                *(record(s, START_S, FitField(6, UINT16, 30_000)) for s in range(9)),
                session(8, 25),
            ]
        ),
        "implausible_speed",
        id="running-at-30-m-s",
    ),
    pytest.param(
        "a.fit",
        fit_file([file_id(), *(record(s, heart_rate=245) for s in range(60)), session()]),
        "implausible_value",
        id="heart-at-245",
    ),
    pytest.param(
        "a.fit", fit_file([file_id(), *RECORDS, session(59, 400)]), "summary_disagrees", id="twice-as-far"
    ),
]


@pytest.mark.parametrize(("name", "data", "code"), WARNED)
def test_what_was_readable_is_imported_with_a_warning(name, data, code):
    (workout,) = analyse_bytes(name, data, now=NOW)
    assert code in [warning.code for warning in workout.document.warnings]


def test_reading_stops_at_the_time_limit_and_keeps_what_was_read():
    data = gpx("".join(trackpoint(second) for second in range(3000)))
    (workout,) = analyse_bytes("a.gpx", data, now=NOW, time_limit_s=0.0)
    assert "time_limit" in [warning.code for warning in workout.document.warnings]
    assert 0 < workout.document.samples < 3000


def test_every_warning_has_a_file():
    assert {*NoticeCode} - {"time_limit"} == {NoticeCode(case.values[2]) for case in WARNED}
    assert {*NoticeCode} == {*DETAILS}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.fit", run_fit()),
        ("a.gpx", run_gpx()),
        ("a.tcx", tcx(tcx_activity())),
        ("a.fit.gz", gzipped(run_fit())),
    ],
)
def test_a_sound_file_gives_no_warning(name, data):
    (workout,) = analyse_bytes(name, data, now=NOW)
    assert [] == workout.document.warnings
    assert 60 == workout.document.samples


def test_a_value_its_field_could_not_hold_is_none():
    data = fit_file([file_id(), *RECORDS, session(f16=255, f17=254)])
    (workout,) = analyse_bytes("a.fit", data, now=NOW)
    assert 140 == workout.document.heart_rate.avg
    assert 254 == workout.document.heart_rate.max
    wide = [
        FitMessage(20, (*record(s).fields[:3], FitField(3, UINT16, 300), FitField(4, UINT8, 80)))
        for s in range(9)
    ]
    (workout,) = analyse_bytes("a.fit", fit_file([file_id(), *wide]), now=NOW)
    assert workout.document.heart_rate.avg is None
    assert 80 == workout.document.cadence.avg
