"""SIGTERM during uploads: what is under way is finished, the node ends in time with 0, nothing is lost."""

import asyncio
import random
import time

import httpx
import psutil
import pytest

from tests.chaos.scene import SceneOptions, scene
from tests.chaos.schedule import seed

SEED = 23
UPLOADS = 40
DRAIN_S = 8.0
MARGIN_S = 6.0
"""For what comes after the drain: workers, pools and connections are closed."""

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


async def test_a_drain_finishes_what_is_under_way_and_loses_nothing(tmp_path):
    dice = random.Random(seed(SEED))  # noqa: S311 - drawn anew by anybody who has the seed
    changes = {"node": {"drain_timeout_s": DRAIN_S}}
    options = SceneOptions(directory=tmp_path, dice=dice, uploads=UPLOADS, people=4, changes=changes)
    async with scene(options) as here:
        slow, *others = here.athletes
        first, *rest = slow.planned
        half_sent, go_on = asyncio.Event(), asyncio.Event()
        uploading = [asyncio.create_task(athlete.upload_all(lambda: None)) for athlete in others]
        under_way = asyncio.create_task(send_slowly(slow, first, half_sent, go_on))
        await half_sent.wait()
        began = time.monotonic()
        process = psutil.Process(here.node.pid)
        process.terminate()
        await asyncio.sleep(1)
        with pytest.raises(httpx.TransportError):
            await httpx.AsyncClient(trust_env=False).get(f"{here.node.url}/health/live")
        go_on.set()
        answer = await under_way
        assert httpx.codes.ACCEPTED == answer.status_code
        slow.acknowledged.append((first, answer.json()["upload_id"]))
        assert await asyncio.to_thread(process.wait, DRAIN_S + MARGIN_S) == 0
        assert time.monotonic() - began < DRAIN_S + MARGIN_S
        await asyncio.to_thread(here.node.start)
        for planned in rest:
            slow.acknowledged.append((planned, await slow.upload(planned)))
        await asyncio.gather(*uploading)
        await here.settle()
        await here.audit()


async def send_slowly(athlete, planned, half_sent, go_on):
    """The second half of the body is sent when *go_on* is set."""

    async def body():
        middle = len(planned.content) // 2
        yield planned.content[:middle]
        half_sent.set()
        await go_on.wait()
        yield planned.content[middle:]

    headers = {"content-type": "application/octet-stream", "idempotency-key": planned.key}
    return await athlete.http.post(
        "/v1/uploads", params={"name": planned.name}, content=body(), headers=athlete.headers | headers
    )
