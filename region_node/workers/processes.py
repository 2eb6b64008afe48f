"""Processes that do the heavy work of imports, started with the first job.

Each slot is one process with one job at a time. A process that dies (or overruns its hard limit
and ends itself) fails its own job only and is replaced; nobody else's work is touched.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

HARD_LIMIT_S = 120


class ProcessDied(Exception):
    """The process ended in the middle of the job; the job may be tried again."""


class ImportProcesses:
    def __init__(self, count: int) -> None:
        self._count = count
        self._free: asyncio.Queue[ProcessPoolExecutor | None] = asyncio.Queue()
        self._running: set[ProcessPoolExecutor] = set()
        for _ in range(count):
            self._free.put_nowait(None)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *work* in the next free process.

        Raises:
            ProcessDied: the process was killed, or took longer than HARD_LIMIT_S of wall time.
        """
        slot = await self._free.get()
        try:
            slot = slot or self._start()
            if kwargs:
                raise TypeError("work is called with positional arguments")
            return await asyncio.get_running_loop().run_in_executor(slot, _limited, work, *args)
        except BrokenProcessPool as fault:
            if slot is not None:
                self._running.discard(slot)
                slot.shutdown(wait=False)
            slot = None
            raise ProcessDied from fault
        finally:
            self._free.put_nowait(slot)

    def pids(self) -> list[int]:
        """Of the processes that run now; for figures and for fault tests."""
        return [pid for slot in self._running for pid in (slot._processes or {})]  # noqa: SLF001 - no public way

    def close(self) -> None:
        pids = self.pids()
        for slot in self._running:
            slot.shutdown(wait=False, cancel_futures=True)
        for pid in pids:
            _end(pid)
        self._running.clear()

    def _start(self) -> ProcessPoolExecutor:
        slot = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare)
        self._running.add(slot)
        return slot


def _prepare() -> None:
    """The node decides when an import process ends: Ctrl-C in a terminal reaches all of the group."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_end_with_node, name="end-with-node", daemon=True).start()


def _end_with_node() -> None:
    """A node that was killed closes nothing: without this its import processes would wait for ever."""
    node = multiprocessing.parent_process()
    if node is not None:
        wait([node.sentinel])
        os._exit(1)


def _limited(work: Callable[..., T], *args: object) -> T:
    signal.alarm(HARD_LIMIT_S)
    try:
        return work(*args)
    finally:
        signal.alarm(0)


def _end(pid: int) -> None:
    process = next((p for p in multiprocessing.active_children() if p.pid == pid), None)
    if process is not None:
        process.terminate()
