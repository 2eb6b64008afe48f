"""Watches a running node: which rows about people were read, and what policy was asked, by operation."""

from contextvars import ContextVar
from dataclasses import dataclass, field

import pytest

from region_node import backends, lifecycle
from region_node.features.consent.tables import CONSENT_ENTRIES, GUARDIAN_TABLES
from region_node.federated.send_tables import TABLES as SEND_TABLES
from region_node.http.pipeline import Pipeline
from region_node.rulings.gate import Gate
from region_node.rulings.standing import STANDINGS
from region_node.storage.person_keys import DATA_KEYS
from region_node.storage.subjects import TABLES as SUBJECT_INDEXES

OPERATION: ContextVar[str] = ContextVar("operation", default="start of the node")

RESTED_ON = {
    table.name
    for table in (DATA_KEYS, STANDINGS, CONSENT_ENTRIES, *GUARDIAN_TABLES, *SUBJECT_INDEXES, *SEND_TABLES)
}
"""What rulings rest on, what says where somebody's rows are, and what rulings left behind: asking first would
have no end."""


@dataclass
class Seen:
    """`reads` and `asked` have operation, table and person; `purposes` what each operation asked for."""

    reads: set = field(default_factory=set)
    asked: set = field(default_factory=set)
    purposes: set = field(default_factory=set)

    def note(self, table, rows):
        if not any(column.category.is_personal for column in table.columns.values()):
            return
        for row in rows:
            people = {row[name] for name in table.subject if row and row.get(name)}
            self.reads |= {(OPERATION.get(), table.name, person) for person in people}

    def unruled(self):
        """Reads of which nobody was asked, without the people."""
        found = {(operation, table) for operation, table, _ in self.reads - self.asked}
        return sorted(place for place in found if place[1] not in RESTED_ON)


class WatchedEngine:
    """Fills the Engine port over another engine, and notes every row that comes out of it."""

    def __init__(self, engine, seen):
        self._engine = engine
        self._seen = seen

    def __getattr__(self, name):
        return getattr(self._engine, name)

    async def get(self, space, table, key):
        row = await self._engine.get(space, table, key)
        self._seen.note(table, [row] if row else [])
        return row

    async def get_many(self, space, table, keys):
        rows = await self._engine.get_many(space, table, keys)
        self._seen.note(table, filter(None, rows))
        return rows

    async def slice(self, space, table, query):
        page = await self._engine.slice(space, table, query)
        self._seen.note(table, page.rows)
        return page

    async def scan(self, space, table, after, limit):
        rows, further = await self._engine.scan(space, table, after, limit)
        self._seen.note(table, rows)
        return rows, further

    async def claim(self, space, table, row):
        claim = await self._engine.claim(space, table, row)
        self._seen.note(table, [] if claim.won else [claim.row])
        return claim

    async def swap(self, space, table, expected, row):
        claim = await self._engine.swap(space, table, expected, row)
        self._seen.note(table, [] if claim.won else [claim.row])
        return claim


@pytest.fixture
def seen(monkeypatch):
    """Watches the node that is started after it."""
    watch = Seen()
    open_engine, handle, kept, withheld = (
        backends.open_engine,
        Pipeline.handle,
        lifecycle._kept,
        Gate.withheld,
    )

    async def watched_engine(*arguments):
        return WatchedEngine(await open_engine(*arguments), watch)

    async def in_route(pipeline, request, **path):
        OPERATION.set(pipeline.spec.operation_id)
        return await handle(pipeline, request, **path)

    async def in_work(work):
        OPERATION.set(work.name)
        await kept(work)

    async def asked(gate, tenant, person_id, access, table):
        watch.asked.add((OPERATION.get(), table.name, person_id))
        watch.purposes.add((OPERATION.get(), access.purpose, access.rights))
        return await withheld(gate, tenant, person_id, access, table)

    monkeypatch.setattr(backends, "open_engine", watched_engine)
    monkeypatch.setattr(Pipeline, "handle", in_route)
    monkeypatch.setattr(lifecycle, "_kept", in_work)
    monkeypatch.setattr(Gate, "withheld", asked)
    return watch
