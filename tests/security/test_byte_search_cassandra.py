"""The same search on a real Cassandra: data files, commit log, hints, caches and logs hold none of it."""

import asyncio
import shutil

import pytest

from cli.demo_world import DemoWorld, WorldOptions
from cli.servers.cassandra import CassandraServer
from tests.support.byte_search import search_bytes, search_inside, search_tree, text_needle
from tests.support.lived import live_in
from tests.support.planted import CONTROL, CONTROL_TEXT
from tests.support.sstables import compressed_chunks

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]

KEYSPACE = "cassandra/data/meridian_eu"


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """Of a server that runs as a process: the disk of a container is not ours to read."""
    folder = tmp_path_factory.mktemp("planted")
    world = DemoWorld(WorldOptions(directory=folder / "probe", backend="cassandra"))
    if not isinstance(world.cassandra, CassandraServer):
        pytest.skip("Cassandra runs in a container here, whose files cannot be searched")
    return asyncio.run(live_in(folder, "cassandra"))


def test_nothing_planted_lies_in_the_clear_while_all_runs(lived):
    assert set() == lived.alive


def test_nothing_planted_lies_in_the_clear_after_a_flush_and_a_stop(lived, tmp_path):
    assert set() == search_tree(lived.directory, lived.needles, tmp_path / "copy")


def test_what_is_meant_to_be_in_the_clear_is_found_in_packed_files_and_in_the_commit_log(lived, tmp_path):
    known = (
        text_needle("upload", lived.life.upload_ids[0]),
        text_needle("person", lived.life.person_id),
        text_needle("workout", lived.life.workout_ids[0]),
    )
    packed = {
        find.needle
        for find in search_tree(lived.directory, known, tmp_path / "copy")
        if find.place.startswith(KEYSPACE) and "-Data.db#chunk" in find.place
    }
    logged = {
        find.needle for name, raw in lived.commit_log.items() for find in search_bytes(name, raw, known)
    }
    assert {"upload", "person", "workout"} == packed == logged


def test_a_control_planted_into_a_chunk_of_a_data_file_is_found(lived, tmp_path):
    data = lived.file(f"{KEYSPACE}/upload*/*-Data.db")
    info = data.with_name(data.name.replace("-Data.db", "-CompressionInfo.db"))
    assert next(compressed_chunks(data))
    literal = CONTROL_TEXT.encode()
    copy = tmp_path / data.name
    shutil.copyfile(info, tmp_path / info.name)
    # One LZ4 block of literals only, at the place of the first chunk of a file of one chunk.
    length = len(literal) - 15
    block = bytes((0xF0, length)) + literal
    copy.write_bytes(len(literal).to_bytes(4, "little") + block + bytes(4))
    assert {"control"} == {find.needle for find in search_inside(copy, (CONTROL,), "copy")}


def test_no_process_was_given_a_planted_value(lived):
    assert {"node", "nats", "cassandra"} <= {name.partition(" ")[0] for name in lived.commands}
    for name, said in lived.commands.items():
        assert set() == search_bytes(name, said, lived.needles)
