"""Work in a process of its own, which may be killed: as a fault in native code, or the machine, would."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable

# Forked from a server that has no threads: a fork of a test's own process could wait for ever for a lock
# that one of its threads held.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["tests.support.pack_world", "tests.support.erasure", "tests.support.receiving"]
)
MOST_S = 60


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(work: Callable[..., Awaitable[object]], *arguments: object) -> bool:
    """Run `await work(*arguments)`, both picklable; whether it was killed. Any other bad end raises."""
    child = CONTEXT.Process(target=_run, args=(work, arguments))
    child.start()
    child.join(MOST_S)
    ended = child.exitcode
    if ended is None:
        child.kill()
        child.join()
    if ended not in {0, -signal.SIGKILL}:
        raise ChildProcessError(f"ended with {ended} instead of 0 or a kill, within {MOST_S} s")
    return ended != 0


def _run(work: Callable[..., Awaitable[object]], arguments: tuple[object, ...]) -> None:
    asyncio.run(_awaited(work, arguments))


async def _awaited(work: Callable[..., Awaitable[object]], arguments: tuple[object, ...]) -> None:
    await work(*arguments)
