"""A full disk, a stopped database, a stopped broker: 503 with Retry-After, nothing lost, back by itself."""

import asyncio
import random
import subprocess
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from cli.demo_client import PASSWORD
from tests.chaos.scene import SceneOptions, scene
from tests.chaos.schedule import seed

PEOPLE = 2
BEFORE, DURING, AFTER = 6, 6, 4
UPLOADS = PEOPLE * (BEFORE + DURING + AFTER)
SEED = 11
DISK_MIB = 256
ANSWER_WITHIN_S = 30
NOTICED_WITHIN_S = 30
BACK_WITHIN_S = 60
LASTS_S = 14
"""Long enough that an import which counted each try against its file would have given it up."""

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]


@dataclass(frozen=True, slots=True)
class Fault:
    """`part` is what readiness has to name; `reads` are the statuses that reads may have meanwhile."""

    begin: Callable[[], None]
    end: Callable[[], None]
    part: str
    reads: frozenset[int]


@pytest.mark.parametrize("how", ["pause", "kill"])
async def test_a_stopped_broker_is_a_503_for_uploads_while_reads_go_on(tmp_path, how):
    async with scene(options(tmp_path)) as here:
        begin, end = stopping(here.world.nats, how)
        await suffer(here, Fault(begin, end, part="queue", reads=frozenset({200})))


@pytest.mark.parametrize("how", ["pause", "kill"])
async def test_a_stopped_cassandra_is_a_503(tmp_path, how):
    changes = {"storage": {"request_timeout_s": 5.0}}
    async with scene(options(tmp_path, backend="cassandra", changes=changes)) as here:
        begin, end = stopping(here.world.cassandra, how)
        await suffer(here, Fault(begin, end, part="storage", reads=frozenset({503})))


@pytest.mark.parametrize("left_bytes", [0, 400_000])
async def test_a_full_disk_is_a_503_for_uploads_while_reads_go_on(tmp_path, left_bytes):
    with small_disk(tmp_path / "disk") as disk:
        changes = {"node": {"data_directory": str(disk)}}
        async with scene(options(tmp_path, changes=changes)) as here:
            ballast = disk / "ballast"
            fault = Fault(
                lambda: fill(ballast, left_bytes), ballast.unlink, part="objects", reads=frozenset({200})
            )
            await suffer(here, fault)


async def suffer(here, fault):
    pid = here.node.pid
    for athlete in here.athletes:
        for planned in athlete.planned[:BEFORE]:
            athlete.acknowledged.append((planned, await athlete.upload(planned)))
        await athlete.ended(athlete.acknowledged[0][1])
    await asyncio.to_thread(fault.begin)
    try:
        await until_ready(here, 503, NOTICED_WITHIN_S, fault.part)
        waiting = [asyncio.create_task(upload_during(athlete)) for athlete in here.athletes]
        ends_at = time.monotonic() + LASTS_S
        while time.monotonic() < ends_at:
            await look_around(here, fault)
            await asyncio.sleep(1)
        assert all(athlete.refused_for_now > 0 for athlete in here.athletes)
    finally:
        await asyncio.to_thread(fault.end)
    await until_ready(here, 200, BACK_WITHIN_S)
    async with asyncio.timeout(BACK_WITHIN_S):
        await asyncio.gather(*waiting)
    for athlete in here.athletes:
        for planned in athlete.planned[BEFORE + DURING :]:
            athlete.acknowledged.append((planned, await athlete.upload(planned)))
    await here.settle()
    await here.audit()
    assert pid == here.node.pid, "the node came back by itself, not by a restart"


async def upload_during(athlete):
    for planned in athlete.planned[BEFORE : BEFORE + DURING]:
        athlete.acknowledged.append((planned, await athlete.upload(planned)))


async def look_around(here, fault):
    """Every answer comes in time; those of 503 are problem documents that say when to come back."""
    paths = [
        (path, athlete.headers)
        for athlete in here.athletes
        for path in ("/v1/workouts", "/v1/uploads", f"/v1/uploads/{athlete.acknowledged[0][1]}")
    ]
    live, session, *read = await asyncio.gather(
        here.http.get("/health/live", timeout=ANSWER_WITHIN_S),
        sign_in(here.http, here.athletes[0].person),
        *(here.http.get(path, headers=headers, timeout=ANSWER_WITHIN_S) for path, headers in paths),
    )
    assert httpx.codes.OK == live.status_code
    assert session.status_code in {200, 503}, session.text
    for answer in read:
        assert answer.status_code in fault.reads, f"{answer.url}: {answer.status_code} {answer.text}"
    for answer in (session, *read):
        problem_if_unavailable(answer)


def problem_if_unavailable(answer):
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert "application/problem+json" in answer.headers["content-type"]
        assert int(answer.headers["retry-after"]) > 0


async def sign_in(http, person):
    said = {"email": person.email, "password": PASSWORD, "country": person.country}
    said["subdivision"] = person.subdivision
    return await http.post("/v1/sign-in", json=said, timeout=ANSWER_WITHIN_S)


async def until_ready(here, status, within_s, part=""):
    async with asyncio.timeout(within_s):
        while True:
            answer = await here.http.get("/health/ready")
            problem_if_unavailable(answer)
            if answer.status_code == status and (not part or part in answer.json()["not_ready"]):
                return
            await asyncio.sleep(0.2)


def stopping(server, how):
    return (server.pause, server.resume) if how == "pause" else (server.kill, server.start)


def options(directory, **more):
    dice = random.Random(seed(SEED))  # noqa: S311 - drawn anew by anybody who has the seed
    return SceneOptions(directory=directory, dice=dice, uploads=UPLOADS, people=PEOPLE, **more)


@contextmanager
def small_disk(path):
    """A file system of its own, or a visible skip where none may be mounted."""
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=700", "tmpfs", str(path)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 - fixed
    if done.returncode:
        pytest.skip(f"no disk can be mounted to be filled: {done.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True, timeout=10)  # noqa: S603, S607 - as above


def fill(ballast, left_bytes):
    """Take all room of its file system but *left_bytes*."""
    with ballast.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
        file.truncate(max(0, file.tell() - left_bytes))
