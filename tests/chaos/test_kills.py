"""SIGKILL at random moments during uploads: nothing acknowledged is missing or twice, sums are right."""

import asyncio
import random
import time

import psutil
import pytest

from tests.chaos.scene import SceneOptions, scene
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
        pytest.param("cassandra", {"node": 3, "cassandra": 3, "frozen_cassandra": 2}, id="cassandra"),
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
    at = {}

    def passed(stage):
        at[stage] = round(time.monotonic() - began)

    async with scene(SceneOptions(directory=directory, dice=dice, uploads=uploads, backend=backend)) as here:
        passed("started")
        killer = Killer(here.world, here.node)
        kills = draw(dice, uploads, targets)
        async with asyncio.TaskGroup() as group:
            group.create_task(killer.run(kills))
            for athlete in here.athletes:
                group.create_task(athlete.upload_all(killer.on_acknowledged))
        passed("acknowledged")
        await here.settle()
        passed("settled")
        await here.audit()
        passed("audited")
    assert sorted(killer.done) == sorted(kill.target for kill in kills)
    _, left = psutil.wait_procs(killer.orphans, timeout=ORPHANS_END_WITHIN_S)
    assert left == [], "import processes outlive the node that started them"
    cut = sum(athlete.cut for athlete in here.athletes)
    refused = sum(athlete.refused_for_now for athlete in here.athletes)
    tell(
        f"chaos: seed {number}, {backend}, {uploads} uploads, kills {targets}: {cut} connections cut, "
        f"{refused} answers of 503; {at} s after the beginning"
    )
