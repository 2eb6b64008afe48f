"""One thread, one connection: neighbours in a commit do not harm each other, what was acknowledged stays."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from region_node.storage import sqlite_worker
from region_node.storage.engine import CreateTable, Put, Slice
from region_node.storage.errors import StorageUnavailable
from region_node.storage.sqlite import SqliteEngine
from region_node.storage.sqlite_worker import SqliteWorker, connect
from tests.contracts.storage.declared import ITEMS, SHORT
from tests.support.row_writer import REFUSED

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024


@pytest.fixture
async def worker(tmp_path):
    opened = SqliteWorker(tmp_path / "a.sqlite", writes=True)
    await opened.run(lambda c: c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT NOT NULL)"))
    yield opened
    opened.close()


def insert(number, value="v"):
    return lambda c: c.execute("INSERT INTO t VALUES (?, ?)", (number, value)).rowcount


async def ids(worker):
    return [
        row[0] for row in await worker.run(lambda c: c.execute("SELECT id FROM t ORDER BY id").fetchall())
    ]


async def test_a_failing_job_does_not_harm_its_neighbours(worker):
    def half_then_fail(connection):
        connection.execute("INSERT INTO t VALUES (100, 'half')")
        raise KeyError("a bug of one caller")

    jobs = [insert(1), half_then_fail, insert(2), insert(2), insert(3, None), insert(4)]
    answers = await asyncio.gather(*(worker.run(job) for job in jobs), return_exceptions=True)
    kinds = [answer if answer == 1 else type(answer) for answer in answers]
    assert [1, KeyError, 1, sqlite3.IntegrityError, sqlite3.IntegrityError, 1] == kinds
    assert [1, 2, 4] == await ids(worker)


async def test_writers_that_wait_together_share_a_commit(worker):
    commits = []
    await worker.run(lambda c: c.set_trace_callback(lambda text: commits.append(text == "COMMIT")))
    await asyncio.gather(*(worker.run(insert(number)) for number in range(100)))
    await worker.run(lambda c: c.set_trace_callback(None))
    assert 100 == len(await ids(worker))
    assert sum(commits) <= 10


async def test_when_the_commit_fails_every_writer_of_it_is_told(tmp_path, monkeypatch):
    def with_foreign_keys(path):
        connection = connect(path)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def break_the_commit(connection):
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute("INSERT INTO child VALUES (77)")

    monkeypatch.setattr(sqlite_worker, "connect", with_foreign_keys)
    worker = SqliteWorker(tmp_path / "a.sqlite", writes=True)
    await worker.run(lambda c: c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT)"))
    await worker.run(lambda c: c.execute("CREATE TABLE child (t_id REFERENCES t (id))"))
    jobs = (insert(1), break_the_commit, insert(2))
    answers = await asyncio.gather(*(worker.run(job) for job in jobs), return_exceptions=True)
    assert [StorageUnavailable] * 3 == [type(answer) for answer in answers]
    assert [] == await ids(worker)
    assert 1 == await worker.run(insert(1))
    worker.close()


async def test_a_queue_that_is_full_says_so_instead_of_growing(worker, monkeypatch):
    monkeypatch.setattr(worker._queue, "maxsize", 1)
    answers = await asyncio.gather(*(worker.run(insert(n)) for n in range(50)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, StorageUnavailable)]
    assert refused
    assert all(answer.retry_after_s == 1 for answer in refused)
    assert 50 - len(refused) == len(await ids(worker))


async def test_close_finishes_what_waits(worker):
    waiting = [asyncio.ensure_future(worker.run(insert(number))) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(worker.close)
    assert [1] * 20 == await asyncio.gather(*waiting)


async def test_one_who_no_longer_waits_is_no_trouble_to_the_others(worker):
    impatient = asyncio.ensure_future(worker.run(insert(1)))
    await asyncio.sleep(0)
    impatient.cancel()
    assert 1 == await worker.run(insert(2))


def test_durability_is_asserted_when_a_file_is_opened(tmp_path):
    connection = connect(tmp_path / "a.sqlite")
    asked = ("journal_mode", "synchronous", "secure_delete")
    try:
        assert ["wal", 2, 1] == [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    finally:
        connection.close()


async def test_a_file_that_is_no_database_is_unavailable_and_not_a_crash(tmp_path):
    (tmp_path / "eu.sqlite").write_bytes(b"this is no database file at all" * 100)
    engine = SqliteEngine(tmp_path)
    with pytest.raises(StorageUnavailable):
        await engine.get("eu", ITEMS, ("t", "a", 1))
    await engine.close()


async def test_expired_rows_are_removed_and_the_living_stay(tmp_path):
    moment = [1_000.0]
    engine = SqliteEngine(tmp_path, lambda: moment[0])
    await engine.apply("eu", [CreateTable(SHORT)])
    row = {"tenant": "t", "jurisdiction": "eu", "value": "v"}
    await engine.write("eu", [Put(SHORT, {**row, "name": "old"})])
    moment[0] += 0.6
    await engine.write("eu", [Put(SHORT, {**row, "name": "new"})])
    moment[0] += 0.6
    await engine.expire("eu", SHORT)
    await engine.close()
    with sqlite3.connect(tmp_path / "eu.sqlite") as connection:
        assert [("new",)] == connection.execute("SELECT name FROM short_lived").fetchall()
    connection.close()


def started(directory, *, limit_bytes=0, row_bytes=50):
    arguments = [sys.executable, "-m", "tests.support.row_writer", directory, limit_bytes, row_bytes]
    return subprocess.Popen([str(a) for a in arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own script


async def kept(directory):
    engine, rows = SqliteEngine(directory), set()
    for box in map(str, range(8)):
        after = ()
        while after is not None:
            query = Slice(partition=("t", box), limit=1000, after=after)
            page = await engine.slice("eu", ITEMS, query)
            rows |= {(box, row["position"]) for row in page.rows}
            after = page.after
    await engine.write(
        "eu", [Put(ITEMS, {"tenant": "t", "jurisdiction": "eu", "box": "z", "position": 1, "value": ""})]
    )
    await engine.close()
    return rows


def acknowledged(lines):
    return {
        (box, int(position)) for box, position in (line.split() for line in lines if line.strip() != REFUSED)
    }


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path, seed):
    process = started(tmp_path)
    wanted = random.Random(seed).randrange(50, 600)  # noqa: S311 - a moment, no secret
    lines = [process.stdout.readline() for _ in range(wanted)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.stdout.read().splitlines(keepends=True)
    process.wait()
    whole = [line for line in lines if line.endswith("\n")]
    process.stdout.close()
    assert len(whole) >= wanted
    assert acknowledged(whole) <= await kept(tmp_path)


async def refuses_and_keeps(directory, *, limit_bytes):
    process = started(directory, limit_bytes=limit_bytes, row_bytes=2000)
    out, _ = await asyncio.to_thread(process.communicate, None, 60)
    lines = out.splitlines()
    assert 0 == process.returncode
    assert [REFUSED] * 8 == [line for line in lines if line == REFUSED]
    return acknowledged(lines)


async def test_a_file_that_may_not_grow_refuses_writes_and_keeps_what_it_has(tmp_path):
    told = await refuses_and_keeps(tmp_path, limit_bytes=2 * MIB)
    assert told
    assert told <= await kept(tmp_path)


def run_as_root(*command):
    return subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed commands


@contextmanager
def small_disk(directory):
    mounted = run_as_root("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(directory))
    if mounted.returncode:
        pytest.skip(f"may not mount a small disk; the test with a file limit stands in: {mounted.stderr!r}")
    try:
        yield
    finally:
        run_as_root("umount", str(directory))


async def test_a_full_disk_refuses_writes_and_keeps_what_it_has(tmp_path):
    full = tmp_path / "small"
    full.mkdir()
    with small_disk(full):
        told = await refuses_and_keeps(full, limit_bytes=0)
        copy = tmp_path / "copy"
        copy.mkdir()
        for path in full.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        engine = SqliteEngine(full)
        with pytest.raises(StorageUnavailable):
            await engine.ping()
        await engine.close()
    assert told
    assert told <= await kept(copy)
