"""Corners of the FIT format that no common writer shows all of."""

import struct

import fitfast
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.fit_writer import BYTE, UINT8, UINT16, UINT32, FitField, FitMessage, fit_body, fit_file, fit_header
from region_node.features.workouts.analyse import analyse_bytes
from region_node.features.workouts.importing.fit import read_fit
from region_node.features.workouts.importing.fit_crc import fit_crc
from region_node.features.workouts.importing.fit_summaries import FAST, PATIENT
from region_node.features.workouts.importing.limits import Deadline
from region_node.features.workouts.importing.notices import NoticeCode
from tests.support.workout_files import NOW, START_S, file_id, record, run_fit, session, timer_event

RECORDS = [record(second) for second in range(60)]


def read(data, chunk=1 << 20):
    return read_fit((data[at : at + chunk] for at in range(0, len(data), chunk)), Deadline(20))


def bytewise_crc(data):
    state = 0
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0xA001 if state & 1 else 0)
    return state


def test_the_checksum_of_the_check_string_is_the_published_one():
    assert 0xBB3D == fit_crc(b"123456789")


@given(st.binary(max_size=5000), st.integers(0, 5000))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_checksum_may_be_taken_in_pieces(data, at):
    data = data * 3
    assert bytewise_crc(data) == fit_crc(data) == fit_crc(data[at:], fit_crc(data[:at]))


@pytest.mark.parametrize("chunk", [1, 13, 256])
def test_chunks_may_end_anywhere(chunk):
    (whole,), (pieces,) = read(run_fit()), read(run_fit(), chunk)
    assert whole.notices == pieces.notices == frozenset()
    assert np.array_equal(whole.columns.longitude_deg, pieces.columns.longitude_deg, equal_nan=True)


def test_a_header_without_its_own_checksum_is_valid():
    data = bytearray(run_fit())
    data[12:14] = b"\0\0"
    data[-2:] = struct.pack("<H", fit_crc(bytes(data[:-2])))
    (workout,) = read(bytes(data))
    assert frozenset() == workout.notices


def test_a_size_beyond_the_file_is_not_believed():
    data = run_fit()
    (workout,) = read(fit_header(0xFFFFFFF0) + data[14:])
    assert 60 == workout.samples
    assert {NoticeCode.TRUNCATED} == workout.notices


def test_a_part_without_a_size_ends_where_the_next_one_begins():
    body = fit_body([file_id(), *RECORDS, session()])
    first = fit_header(0) + body + struct.pack("<H", 0)
    both = read(first + run_fit(30))
    assert [60, 30] == [one.samples for one in both]


def test_what_came_before_a_fault_is_kept():
    body = fit_body([file_id(), *RECORDS, session()]) + b"\x0b" + bytes(30)
    data = fit_header(len(body)) + body
    (workout,) = read(data + struct.pack("<H", fit_crc(data)))
    assert (60, 1) == (workout.samples, len(workout.sessions))
    assert {NoticeCode.CORRUPT_RECORDS} == workout.notices


def test_big_endian_messages_are_read():
    values = (round(START_S) - 631_065_600, 150, 300)
    body = struct.pack(">BBBHB", 0x40, 0, 1, 20, 3) + bytes((253, 4, 0x86, 3, 1, 2, 7, 2, 0x84))
    body += b"\0" + struct.pack(">IBH", *values)
    data = fit_header(len(body)) + body
    (workout,) = read(data + struct.pack("<H", fit_crc(data)))
    assert (START_S, 150, 300) == (
        workout.columns.time_s[0],
        workout.columns.heart_rate_bpm[0],
        workout.columns.power_w[0],
    )


def test_compressed_time_stamps_go_on_from_the_last_whole_one():
    body = fit_body([record(0)]) + struct.pack("<BBBHB", 0x41, 0, 0, 20, 1) + bytes((3, 1, UINT8))
    low = (round(START_S) - 631_065_600) & 31
    steps = [1, 2, 20, 34, 60]
    body += b"".join(bytes((0x80 | 1 << 5 | (low + step) & 31, 140)) for step in steps)
    data = fit_header(len(body)) + body
    (workout,) = read(data + struct.pack("<H", fit_crc(data)))
    assert [0, *steps] == (workout.columns.time_s - START_S).tolist()


def test_compressed_distance_rolls_over():
    def at(second, sixteenths):
        packed = sixteenths % 4096
        return FitMessage(
            20,
            (record(second).fields[0], FitField(8, BYTE, (250 & 0xFF, (packed & 0x0F) << 4, packed >> 4))),
        )

    (workout,) = read(fit_file([file_id(), *(at(second, 16 * 100 * second) for second in range(10))]))
    assert [100.0 * second for second in range(10)] == workout.columns.distance_m.tolist()
    assert workout.columns.speed_mps[0] == pytest.approx(2.5)


def test_enhanced_fields_stand_in_for_the_plain_ones():
    plain = (FitField(6, UINT16, 3000), FitField(2, UINT16, 3000))
    both = FitMessage(20, (record(0).fields[0], *plain, FitField(73, UINT32, 3500)))
    (workout,) = read(fit_file([file_id(), both]))
    assert (3.5, 100) == (workout.columns.speed_mps[0], workout.columns.altitude_m[0])


def test_both_libraries_read_the_same_figures(monkeypatch):
    data = fit_file(
        [file_id(), timer_event(0, 0), *RECORDS, timer_event(20, 4), timer_event(30, 0), session(f16=150)]
    )
    (fast,) = read(data)
    assert fast.decoder.endswith(FAST)

    def refuse(_data):
        raise fitfast.FitDecodeError

    monkeypatch.setattr(fitfast, "parse", refuse)
    (patient,) = read(data)
    assert patient.decoder.endswith(PATIENT)
    assert (fast.sessions, fast.pauses_s, fast.sport) == (patient.sessions, patient.pauses_s, patient.sport)
    assert ((START_S + 20, START_S + 30),) == patient.pauses_s


def test_the_patient_library_keeps_what_came_before_a_fault(monkeypatch):
    monkeypatch.setattr(fitfast, "parse", lambda _data: int("not a number"))
    unreadable = FitMessage(206, ())
    (workout,) = read(fit_file([file_id(), *RECORDS, session(), unreadable]))
    assert 59 == workout.sessions[0].elapsed_s


def test_a_clock_that_jumps_between_all_samples_is_cut_in_time():
    first = 631_065_600 + 0x10000000
    far_apart = [record(0, first + 9 * 86_400 * step) for step in range(2_000)]
    (workout,) = analyse_bytes("a.fit", fit_file([file_id(), *far_apart]), now=NOW)
    assert 0 == workout.document.computed.elapsed_s
    assert "time_jump" in [one.code for one in workout.document.warnings]
