"""SIGKILL at random moments during uploads: nothing acknowledged is missing or twice, sums are right."""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import httpx
import psutil
import pytest

from cli.demo_people import PEOPLE
from cli.demo_world import DemoWorld, WorldOptions
from tests.chaos.athletes import Athlete, plan
from tests.chaos.audit import audit, ended, quiet
from tests.chaos.node_process import NodeProcess
from tests.chaos.schedule import Killer, draw, seed, tell

UPLOADS = 500
SMALL_UPLOADS = 60
SMALL_SEED = 4
ORPHANS_END_WITHIN_S = 10


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("backend", "targets"),
    [
        pytest.param("sqlite", {"node": 3, "worker": 4, "nats": 3}, id="sqlite"),
        pytest.param("cassandra", {"node": 3, "cassandra": 3}, id="cassandra"),
    ],
)
async def test_500_uploads_survive_kills(tmp_path, backend, targets):
    await uploads_survive(tmp_path, backend, targets, UPLOADS, seed())


@pytest.mark.services
@pytest.mark.timeout(400)
async def test_uploads_survive_a_kill_of_each_kind(tmp_path):
    targets = {"node": 1, "worker": 1, "nats": 1}
    await uploads_survive(tmp_path, "sqlite", targets, SMALL_UPLOADS, seed(SMALL_SEED))


async def uploads_survive(directory, backend, targets, uploads, number):
    dice = random.Random(number)  # noqa: S311 - drawn anew by anybody who has the seed
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        changes = {"imports": {"requeue_after_s": 20.0}}
        world = DemoWorld(
            WorldOptions(directory=directory / "world", backend=backend, changes=changes, tell=tell)
        )
        await stack.enter_async_context(world)
        await world.prepare()
        node = NodeProcess(world)
        stack.push_async_callback(asyncio.to_thread, node.stop)
        await asyncio.to_thread(node.start)
        athletes = [
            Athlete(person, await stack.enter_async_context(client_of(node)), plan(dice, person, count))
            for person, count in zip(PEOPLE, shares(uploads, len(PEOPLE)), strict=True)
        ]
        for athlete in athletes:
            await athlete.join()
        killer = Killer(world, node)
        kills = draw(dice, uploads, targets)
        async with asyncio.TaskGroup() as group:
            group.create_task(killer.run(kills))
            for athlete in athletes:
                group.create_task(athlete.upload_all(killer.on_acknowledged))
        acknowledged_s = time.monotonic() - began
        await ended(athletes)
        ended_s = time.monotonic() - began
        await quiet(world.settings())
        quiet_s = time.monotonic() - began
        await audit(world.settings(), athletes)
        assert sorted(killer.done) == sorted(kill.target for kill in kills)
        _, left = psutil.wait_procs(killer.orphans, timeout=ORPHANS_END_WITHIN_S)
        assert left == [], "import processes outlive the node that started them"
        cut = sum(athlete.cut for athlete in athletes)
        refused = sum(athlete.refused_for_now for athlete in athletes)
        tell(
            f"chaos: seed {number}, {backend}, {uploads} uploads, kills {targets}, {cut} connections cut, "
            f"{refused} answers of 503; seconds: acknowledged {acknowledged_s:.0f}, ended {ended_s:.0f}, "
            f"quiet {quiet_s:.0f}, audited {time.monotonic() - began:.0f}"
        )


def shares(total, people):
    return [total // people + (number < total % people) for number in range(people)]


def client_of(node):
    return httpx.AsyncClient(
        base_url=node.url, headers={"host": "localhost"}, timeout=60, trust_env=False, http2=False
    )
