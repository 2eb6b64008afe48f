"""Archives: limits, order, names; members stand for themselves."""

import gzip
import io
import zipfile

import pytest

from region_node.features.workouts.analyse import analyse_bytes, analyse_outcomes
from region_node.features.workouts.importing import limits
from region_node.features.workouts.importing.refusals import TooLarge, UnknownFormat, UnsafeArchive
from tests.support.workout_files import NOW, gpx, gzipped, run_fit, run_gpx, trackpoint, zipped


def outcomes(members):
    return list(analyse_outcomes("a.zip", io.BytesIO(zipped(members)), now=NOW))


def test_members_come_in_the_archives_order_each_with_its_own_outcome():
    found = outcomes(
        {"z.fit": run_fit(), "note.txt": b"hello", "in.zip": zipped({}), "a.gpx.gz": gzipped(run_gpx())}
    )
    assert ["a.zip!z.fit", "a.zip!note.txt", "a.zip!in.zip", "a.zip!a.gpx.gz"] == [one.name for one in found]
    assert [1, 0, 0, 1] == [len(one.workouts) for one in found]
    assert [False, False, True, False] == [one.skipped for one in found]
    assert "unknown_format" == found[1].refusal.code
    assert "a.zip!z.fit" == found[0].workouts[0].document.file


def test_refused_members_are_left_out_and_alone_they_refuse_the_archive():
    data = zipped({"note.txt": b"hello", "z.fit": run_fit()})
    assert 1 == len(analyse_bytes("a.zip", data, now=NOW))
    with pytest.raises(UnknownFormat):
        analyse_bytes("a.zip", zipped({"note.txt": b"hello", "b.fit": b""}), now=NOW)


def test_several_gzip_members_are_one_stream():
    data = run_gpx()
    (workout,) = analyse_bytes("a.gpx.gz", gzipped(data[:999]) + gzipped(data[999:]), now=NOW)
    assert 60 == workout.document.samples


def test_a_wrong_gzip_checksum_keeps_everything():
    data = bytearray(gzip.compress(run_gpx()))
    data[-6] ^= 1
    (workout,) = analyse_bytes("a.gpx.gz", bytes(data), now=NOW)
    assert ["checksum"] == [one.code for one in workout.document.warnings]
    assert 60 == workout.document.samples


def test_too_many_members_are_unsafe():
    with pytest.raises(UnsafeArchive):
        analyse_bytes("a.zip", zipped({f"{at}": b"" for at in range(10_001)}), now=NOW)


def test_an_encrypted_member_is_refused_and_the_others_are_read():
    data = bytearray(zipped({"a.fit": run_fit(), "b.fit": run_fit()}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        at = archive.start_dir + 8
    data[6] |= 1
    data[at] |= 1
    found = list(analyse_outcomes("a.zip", io.BytesIO(bytes(data)), now=NOW))
    assert "malformed" == found[0].refusal.code
    assert 1 == len(found[1].workouts)


def test_a_damaged_member_keeps_what_came_before():
    data = bytearray(zipped({"a.gpx": run_gpx(2000)}))
    data[-len(data) // 4] ^= 0xFF
    (workout,) = analyse_bytes("a.zip", bytes(data), now=NOW)
    assert 0 < workout.document.samples <= 2000
    assert {"corrupt_records", "checksum", "truncated"} & {one.code for one in workout.document.warnings}


def test_members_that_overlap_are_counted_each_time():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.gpx", run_gpx(20_000))
        (info,) = archive.infolist()
        archive.filelist.extend([info] * 300)
    found = list(analyse_outcomes("a.zip", target, now=NOW, time_limit_s=0.01))
    assert "unsafe_archive" in {one.refusal.code for one in found if one.refusal}


def test_more_samples_than_allowed_are_too_large(monkeypatch):
    monkeypatch.setattr("region_node.features.workouts.importing.points.MAX_SAMPLES", 59)
    with pytest.raises(TooLarge):
        analyse_bytes("a.gpx", run_gpx(), now=NOW)
    monkeypatch.setattr("region_node.features.workouts.importing.fit.MAX_SAMPLES", 59)
    with pytest.raises(TooLarge):
        analyse_bytes("a.fit", run_fit(), now=NOW)
    assert (400_000, 50_000_000) == (limits.MAX_SAMPLES, limits.MAX_FILE_BYTES)


def test_a_tag_that_never_ends_is_not_kept_in_memory():
    endless = b"<trkpt a='" + b"x" * 3_000_000
    (workout,) = analyse_bytes("a.gpx", gpx(trackpoint(0)).replace(b"</trkseg>", endless), now=NOW)
    assert "corrupt_records" in [one.code for one in workout.document.warnings]


def test_a_leading_blank_line_and_a_byte_order_mark_do_no_harm():
    for start in (b"\n  ", b"\xef\xbb\xbf"):
        (workout,) = analyse_bytes("a.gpx", start + run_gpx(), now=NOW)
        assert [] == workout.document.warnings
    (workout,) = analyse_bytes(
        "a.gpx", run_gpx().decode().replace("UTF-8", "UTF-16").encode("utf-16"), now=NOW
    )
    assert 60 == workout.document.samples
