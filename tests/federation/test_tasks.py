"""Tasks end, also those that lose a cancellation."""

import asyncio

from federation.tasks import end_tasks


async def test_a_task_that_loses_its_first_cancellation_ends_all_the_same():
    lost = 0

    async def careless():
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if lost:
                    raise
                lost += 1

    task = asyncio.create_task(careless())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end_tasks([task])
    assert (1, True) == (lost, task.cancelled())


async def test_what_a_task_raises_at_its_end_is_dropped():
    async def failing():
        try:
            await asyncio.sleep(3600)
        finally:
            raise ValueError

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end_tasks([task])
    assert isinstance(task.exception(), ValueError)
