"""A thread that owns one SQLite connection, so that the event loop never waits for a disk.

What waits in the queue is run together: reads in one go, writes in one transaction with a
savepoint each, so that one `fsync` acknowledges many writers (group commit). A future resolves
only after the commit; when the commit fails, all of its writers are told.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from region_node.storage.errors import StorageUnavailable

Job = Callable[[sqlite3.Connection], Any]

MAX_TOGETHER = 128
MAX_WAITING = 4096


def connect(path: Path) -> sqlite3.Connection:
    """Open with the durability that an acknowledged write was promised, and prove it."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (journal, synchronous) != ("wal", 2):
        raise StorageUnavailable(
            f"{path.name}: journal {journal}, synchronous {synchronous}; needs wal and 2"
        )
    return connection


@dataclass(slots=True)
class _Order:
    job: Job
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    alone: bool = False
    result: Any = None
    fault: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        try:
            self.result = self.job(connection)
        except sqlite3.OperationalError as fault:
            self.fault = StorageUnavailable(f"SQLite: {fault}")
        except Exception as fault:  # noqa: BLE001 - handed to the caller who waits for it
            self.fault = fault


class SqliteWorker:
    """Runs jobs in order of arrival on one connection, in a thread of its own."""

    def __init__(self, path: Path, *, writes: bool) -> None:
        self._path = path
        self._writes = writes
        self._queue: queue.Queue[_Order | None] = queue.Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def run(self, job: Job, *, alone: bool = False) -> Any:
        """What *job* returns; *alone* for what cannot be part of a transaction."""
        loop = asyncio.get_running_loop()
        order = _Order(job, loop.create_future(), loop, alone)
        self._start()
        try:
            self._queue.put_nowait(order)
        except queue.Full:
            raise StorageUnavailable(f"{MAX_WAITING} operations wait already", retry_after_s=1) from None
        return await order.future

    def close(self) -> None:
        """Finish what waits, then close the connection."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _start(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    name = f"sqlite-{self._path.stem}-{'write' if self._writes else 'read'}"
                    self._thread = threading.Thread(target=self._main, name=name, daemon=True)
                    self._thread.start()

    def _main(self) -> None:
        connection: sqlite3.Connection | None = None
        ended = False
        while not ended:
            orders, ended = self._gather()
            if not orders:
                continue
            try:
                connection = connection or connect(self._path)
                self._perform(connection, orders)
            except (sqlite3.Error, StorageUnavailable) as fault:
                _fail(orders, fault)
            _deliver(orders)
        if connection is not None:
            connection.close()

    def _gather(self) -> tuple[list[_Order], bool]:
        orders: list[_Order] = []
        item = self._queue.get()
        while item is not None:
            orders.append(item)
            if len(orders) >= MAX_TOGETHER:
                return orders, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return orders, False
        return orders, True

    def _perform(self, connection: sqlite3.Connection, orders: list[_Order]) -> None:
        together = [order for order in orders if self._writes and not order.alone]
        for order in orders:
            if order not in together:
                order.run(connection)
        if not together:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for order in together:
                connection.execute("SAVEPOINT job")
                order.run(connection)
                connection.execute("ROLLBACK TO job" if order.fault else "RELEASE job")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _fail(orders: list[_Order], fault: Exception) -> None:
    told = fault if isinstance(fault, StorageUnavailable) else StorageUnavailable(f"SQLite: {fault}")
    for order in orders:
        order.fault = order.fault or told


def _deliver(orders: list[_Order]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Order]] = {}
    for order in orders:
        by_loop.setdefault(order.loop, []).append(order)
    for loop, own in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, own)


def _resolve(orders: list[_Order]) -> None:
    for order in orders:
        if order.future.done():
            continue
        if order.fault is not None:
            order.future.set_exception(order.fault)
        else:
            order.future.set_result(order.result)
