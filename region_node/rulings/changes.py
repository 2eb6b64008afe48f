"""The change sequence: how every process learns within 100 ms that somebody's standing has changed.

Each process that changes standings has one small row, with a number that it raises and marks of the people
whom its last changes were about. Nobody else writes that row, so nobody has to wait or to compare; the row is
durable, and seen by whoever asks afterwards, before a change counts as accepted. Each process asks for all
rows every ASK_EVERY_S. What it knows is good for GOOD_FOR_S from the moment of asking, by a clock that nobody
sets; later than that, standings are read from their rows. What was read longer ago than READ_AGAIN_S is read
again in any case: a change may have landed after the process that wrote it died. Queues and the clocks of
others play no part.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from policies.vocabulary import DataCategory
from region_node.ids import new_id
from region_node.storage.engine import MAX_PAGE, SHARED, Engine, Page, Put, Row, Slice
from region_node.storage.errors import StorageError
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import JURISDICTION, TENANT, Budget, Column, ColumnType, SpaceKind, Table
from region_node.storage.values import blob, number, text

ASK_EVERY_S = 0.025
GOOD_FOR_S = 0.075
READ_AGAIN_S = 30.0
"""The oldest reading that counts where nothing was announced."""

ASKED_WHILE_USED_S = 2.0
"""How long after the last ruling the asking goes on: an idle process asks nobody."""
LONGEST_GAP_S = 600.0
"""After a longer silence all that is remembered is dropped: rows of processes that ended may be gone."""

MARK_BYTES = 8
MARKS = 64
SCOPE = "standings"

STANDING_CHANGES = Table(
    name="standing_changes",
    partition=("scope",),
    clustering=("writer",),
    columns={
        "scope": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "writer": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "number": Column(ColumnType.INT, DataCategory.NON_PERSONAL),
        "marks": Column(ColumnType.BYTES, DataCategory.PSEUDONYM),
    },
    space=SpaceKind.SHARED,
    ttl_s=3600,
    budget=Budget(rows=MAX_PAGE, row_bytes=1_000),
)
"""`marks` are hashes of the last people, oldest first; all in one place, so that one question asks all."""

Mark = bytes


def mark_of(tenant: str, person_id: str) -> Mark:
    return hashlib.blake2b(f"{tenant}/{person_id}".encode(), digest_size=MARK_BYTES).digest()


class Remembered(Protocol):
    """What has to forget somebody when their standing changes."""

    def forget(self, mark: Mark) -> None: ...
    def forget_all(self) -> None: ...


class Changes:
    """One per process. Without `run` it still announces, and nothing counts as good."""

    def __init__(
        self, engine: Engine, remembered: Remembered, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine
        self._remembered = remembered
        self._clock = clock
        self._writer = new_id()
        self._own: list[Mark] = []
        self._number = 0
        self._written = 0
        self._writing = asyncio.Lock()
        self._known: dict[str, int] = {}
        self._asked = float("-inf")
        self._used = float("-inf")
        self._wanted = asyncio.Event()

    async def announce(self, tenant: str, person_id: str) -> None:
        """Tell every process; returns when whoever asks from now on will know.

        Call it after the standing is written, and accept the change only when it returns.

        Raises:
            StorageUnavailable: nobody may know yet; repeat it.
        """
        mark = mark_of(tenant, person_id)
        self._remembered.forget(mark)
        self._own = [*self._own, mark][-MARKS:]
        self._number += 1
        wanted = self._number
        async with self._writing:
            if self._written < wanted:  # else another announcement has taken this one along
                await self._write()

    async def _write(self) -> None:
        number_, marks = self._number, b"".join(self._own)
        row: Row = {"scope": SCOPE, "writer": self._writer, "number": number_, "marks": marks}
        row |= {TENANT: SYSTEM_TENANT, JURISDICTION: SHARED}
        await self._engine.write_everywhere(SHARED, [Put(STANDING_CHANGES, row)])
        self._written = number_

    def is_good(self, read_at: float) -> bool:
        """Whether what was read at *read_at*, and was not forgotten since, may be used now."""
        now = self._used = self._clock()
        if not self._wanted.is_set():
            self._wanted.set()
        age = now - read_at
        return age <= GOOD_FOR_S or (now - self._asked <= GOOD_FOR_S and age <= READ_AGAIN_S)

    async def run(self) -> None:
        """Ask until cancelled; a store that is away is asked again, and nothing is good meanwhile."""
        while True:
            if self._clock() - self._used > ASKED_WHILE_USED_S:
                self._wanted.clear()
                await self._wanted.wait()
            begin = self._clock()
            with suppress(StorageError):
                await self.ask()
            await asyncio.sleep(max(0.0, begin + ASK_EVERY_S - self._clock()))

    async def ask(self) -> None:
        """Learn what has changed; what is remembered is then good from the moment of asking."""
        begin = self._clock()
        query = Slice(partition=(SYSTEM_TENANT, SCOPE), limit=MAX_PAGE)
        self._learn(await self._engine.slice(SHARED, STANDING_CHANGES, query), begin)
        self._asked = begin

    def _learn(self, page: Page, begin: float) -> None:
        if page.after is not None or begin - self._asked > LONGEST_GAP_S:
            self._remembered.forget_all()
        known = self._known
        self._known = {text(row, "writer"): number(row, "number") for row in page.rows}
        for row in page.rows:
            writer, marks = text(row, "writer"), blob(row, "marks")
            self._forget_last(self._known[writer] - known.get(writer, 0), marks)

    def _forget_last(self, count: int, marks: bytes) -> None:
        if count * MARK_BYTES > len(marks):
            self._remembered.forget_all()
            return
        for place in range(len(marks) - count * MARK_BYTES, len(marks), MARK_BYTES):
            self._remembered.forget(marks[place : place + MARK_BYTES])
