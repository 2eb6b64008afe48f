"""Ending tasks for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_AFTER_S = 1.0


async def end_tasks(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel *tasks* until each has ended; what they raise is dropped.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, which the NATS client is full of, loses a
    cancellation that arrives together with the result it was waiting for.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_AFTER_S)
