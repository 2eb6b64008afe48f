"""Nothing personal and no secret lies anywhere in the clear: searched byte by byte, with controls.

The directory of a node that somebody lived with is searched while all runs (write-ahead logs, queues) and
once more when all is stopped. A search that finds nothing proves little: so a control value is planted into
a copy of one file of every kind, written as that kind is written, and has to be found there.
"""

import asyncio
import gzip
import json
import shutil
import sqlite3
from contextlib import closing

import pytest
import zstandard

from federation.beacons import TYPE as BEACON
from federation.subjects import parse_subject
from region_node.ids import jurisdiction_of
from tests.support.byte_search import Find, search_file, search_tree, text_needle
from tests.support.lived import live_in
from tests.support.planted import (
    CONTROL,
    CONTROL_TEXT,
    EMAIL,
    NAME,
    PASSWORD,
    personal_needles,
    planted_fit,
    planted_gpx,
    planted_samples,
    planted_tcx,
)

KINDS = {
    "rows": "rows/eu.sqlite",
    "keys": "rows/keys.sqlite",
    "control plane": "control.sqlite",
    "files": "objects/eu/*/*",
    "queue": "nats/store/**/*.blk",
    "log of the node": "node/node.log",
    "log of the broker": "nats/nats.log",
    "key ring": "keys/ring",
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    return asyncio.run(live_in(tmp_path_factory.mktemp("planted")))


def test_the_journey_met_what_it_was_made_to_meet(lived):
    statuses = {status for _, status in lived.life.answers}
    assert {200, 201, 202, 204, 400, 401, 403, 404, 409, 415, 503} <= statuses
    assert 4 == len(lived.life.workout_ids)


def test_nothing_planted_lies_in_the_clear_while_all_runs(lived):
    assert "rows/eu.sqlite-wal" in lived.alive_files
    assert set() == lived.alive


def test_nothing_planted_lies_in_the_clear_once_all_is_stopped(lived, tmp_path):
    assert set() == search_tree(lived.directory, lived.needles, tmp_path / "copy")


def test_ids_are_found_where_they_belong(lived, tmp_path):
    """What is meant to be in the clear is found in its place: the search reads these stores."""
    upload, workout = lived.life.upload_ids[0], lived.life.workout_ids[0]
    known = [text_needle("upload", upload), text_needle("workout", workout)]
    known += [
        text_needle("person", lived.life.person_id),
        text_needle("region", "demo-local"),
        text_needle("jurisdiction", f"MSEA\x01\x02{jurisdiction_of(lived.life.person_id)}"),
        text_needle("route", "/v1/workouts/{workout_id}"),
        text_needle("operator", lived.operator_token.partition(".")[0]),
    ]
    found = search_tree(lived.directory, known, tmp_path / "copy")
    assert Find("upload", "rows/eu.sqlite#uploads.upload_id") in found
    assert Find("workout", "rows/eu.sqlite#workouts.workout_id") in found
    assert Find("person", "rows/keys.sqlite#data_keys.person_id") in found
    assert Find("route", "node/node.log") in found
    assert Find("operator", "control.sqlite") in found
    assert any(find.needle == "jurisdiction" and find.place.startswith("objects/eu/") for find in found)


def as_row(path):
    """A long value, which goes over several pages, and a packed one."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE planted (plain TEXT, packed BLOB)")
        long = "x" * 3_000 + CONTROL_TEXT + "y" * 9_000
        database.execute("INSERT INTO planted VALUES (?, ?)", (long, None))


def as_packed_row(path):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE planted (packed BLOB)")
        packed = zstandard.compress(b"".join(b"%d " % n for n in range(9_000)) + CONTROL_TEXT.encode())
        database.execute("INSERT INTO planted VALUES (?)", (packed,))


def as_bytes(path):
    path.write_bytes(path.read_bytes() + CONTROL_TEXT.encode() + path.read_bytes())


def as_gzip(path):
    path.write_bytes(path.read_bytes() + gzip.compress(CONTROL_TEXT.encode() * 3))


def as_json(path):
    path.write_text(path.read_text() + json.dumps({"event": CONTROL_TEXT.upper()}))


WAYS = {
    "rows": (as_row, as_packed_row),
    "keys": (as_row,),
    "control plane": (as_row,),
    "files": (as_bytes, as_gzip),
    "queue": (as_bytes, as_gzip),
    "log of the node": (as_json,),
    "log of the broker": (as_json,),
    "key ring": (as_bytes,),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_control_planted_into_every_kind_of_store_is_found(lived, tmp_path, kind):
    original = lived.file(KINDS[kind])
    assert original.stat().st_size > 0
    for plant in WAYS[kind]:
        copy = tmp_path / f"{plant.__name__}-{original.name}"
        shutil.copyfile(original, copy)
        assert set() == search_file(copy, (CONTROL,))
        plant(copy)
        assert {"control"} == {find.needle for find in search_file(copy, (CONTROL,))}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(NAME.encode("utf-16-le"), "name", id="utf-16"),
        pytest.param(json.dumps({"name": NAME}).encode(), "name", id="json"),
        pytest.param(EMAIL.encode().hex().encode(), "e-mail", id="hex"),
        pytest.param(gzip.compress(PASSWORD.encode() * 4), "password", id="gzip"),
        pytest.param(planted_samples(), "channel", id="samples"),
        pytest.param(planted_fit(), "position in a FIT record", id="fit"),
        pytest.param(planted_gpx(), "latitude", id="gpx"),
        pytest.param(gzip.compress(planted_tcx()), "notes", id="tcx"),
    ],
)
def test_what_a_leak_would_look_like_is_found(tmp_path, content, expected):
    path = tmp_path / "leak"
    path.write_bytes(b"\x00" * 37 + content + b"\xff" * 11)
    assert expected in {find.needle for find in search_file(path, personal_needles())}


def test_messages_hold_ids_and_nothing_else(lived):
    abroad = [parse_subject(subject).type for subject, _ in lived.messages if subject.startswith("fed.")]
    assert {BEACON} == set(abroad), "nobody follows anybody"
    messages = [(subject, body) for subject, body in lived.messages if not subject.startswith("fed.")]
    bodies = [body for _, body in messages]
    text = b"\n".join(subject.encode() + b" " + body for subject, body in messages)
    assert {"event.eu.person-created", "event.eu.workout-deleted", "work.import.eu"} <= {
        subject for subject, _ in lived.messages
    }
    assert lived.life.upload_ids[0].encode() in text
    fields = {name for body in bodies for name in json.loads(body.partition(b"}")[0] + b"}")}
    assert fields == {
        "event_id",
        "type",
        "tenant",
        "jurisdiction",
        "person_id",
        "aggregate_id",
        "version",
        "upload_id",
        "pointer_id",
        "bucket",
        "kind",
    }
    for body in bodies:
        for value in json.loads(body.partition(b"}")[0] + b"}").values():
            assert isinstance(value, int) or len(value) <= 40


def test_no_message_holds_anything_planted(lived, tmp_path):
    heard = tmp_path / "heard"
    heard.write_bytes(b"\n".join(subject.encode() + b" " + body for subject, body in lived.messages))
    assert set() == search_file(heard, lived.needles)


def test_no_process_was_given_a_planted_value(lived, tmp_path):
    assert {"node", "nats"} <= {name.partition(" ")[0] for name in lived.commands}
    seen = tmp_path / "commands"
    seen.write_bytes(b"\n".join(lived.commands.values()))
    assert set() == search_file(seen, lived.needles)


def test_no_process_has_a_secret_of_a_server_in_its_arguments(lived):
    """The environment may hold one: only the same user can read it."""
    secrets = [path.read_text().strip() for path in lived.directory.glob("nats/secrets/*") if path.is_file()]
    assert 3 == len(secrets)
    arguments = b"\n".join(said for name, said in lived.commands.items() if not name.endswith("environment"))
    assert b"nats-server" in arguments
    assert all(secret.encode() not in arguments for secret in secrets)
