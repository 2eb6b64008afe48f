"""Levels and pauses of peers in a table that all nodes of the region share, asked every second."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from federation.catalogue import EventType
from federation.peers import Level, PeerRules, PeerSettings, require_not_milder, require_types
from policies.vocabulary import Region
from region_node.federated.send_tables import PEER_SETTINGS
from region_node.storage.engine import MAX_PAGE, SHARED, Engine, Row, Slice
from region_node.storage.errors import StorageError, StorageUnavailable
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import JURISDICTION, TENANT
from region_node.storage.values import text

ASK_EVERY_S = 1.0
MOST_SWAPS = 5
SCOPE = "peers"
EVERYTHING = "*"
TYPE = "type:"
NOT_PAUSED: Row = {"level": Level.OPEN.value, "paused": False, "why": ""}


@dataclass(frozen=True, kw_only=True)
class PeerBook:
    """One per process; `rules` are as they were asked last. Nothing is sent before the first answer."""

    engine: Engine
    here: Region
    regions: frozenset[Region]
    changed: Callable[[], None] = lambda: None
    _rules: list[PeerRules] = field(default_factory=list)

    @property
    def rules(self) -> PeerRules:
        return (
            self._rules[-1]
            if self._rules
            else PeerRules(here=self.here, regions=self.regions, all_paused=True)
        )

    def takes(self, region: Region, event: EventType) -> bool:
        return self.rules.takes(region, event)

    def held(self, region: Region, event: EventType) -> bool:
        return self.rules.held(region, event)

    async def run(self) -> None:
        """Ask until cancelled; while the store is away the last answer stands."""
        while True:
            with suppress(StorageError):
                await self.ask()
            await asyncio.sleep(ASK_EVERY_S)

    async def ask(self) -> PeerRules:
        query = Slice(partition=(SYSTEM_TENANT, SCOPE), limit=MAX_PAGE)
        page = await self.engine.slice(SHARED, PEER_SETTINGS, query)
        found = _rules(self.here, self.regions, {text(row, "name"): row for row in page.rows})
        if found != self.rules:
            self._rules[:] = [found]
            self.changed()
        return found

    async def set_level(
        self, region: Region, level: Level, why: str, instead_of: Level | None = None
    ) -> None:
        """Raises MilderLevel, StorageUnavailable."""

        def changed(present: Row) -> Row:
            require_not_milder(region, level, Level(text(present, "level")), instead_of)
            return {**present, "level": level.value, "why": why}

        await self._change(region, changed)

    async def pause(self, region: Region, *, paused: bool, why: str = "") -> None:
        """Keep back, or send again, what is for *region*."""
        await self._change(region, lambda row: {**row, "paused": paused, "why": why})

    async def pause_type(self, event_type: str, *, paused: bool, why: str = "") -> None:
        """Raises UnknownType."""
        require_types([event_type])
        await self._change(TYPE + event_type, lambda row: {**row, "paused": paused, "why": why})

    async def pause_all(self, *, paused: bool, why: str = "") -> None:
        await self._change(EVERYTHING, lambda row: {**row, "paused": paused, "why": why})

    async def _change(self, name: str, changed: Callable[[Row], Row]) -> None:
        key = (SYSTEM_TENANT, SCOPE, name)
        owned: Row = {"scope": SCOPE, "name": name, TENANT: SYSTEM_TENANT, JURISDICTION: SHARED}
        for _ in range(MOST_SWAPS):
            row = await self.engine.get(SHARED, PEER_SETTINGS, key)
            wanted = {**changed({**NOT_PAUSED, **(row or {})}), **owned}
            if row is None:
                claim = await self.engine.claim(SHARED, PEER_SETTINGS, wanted)
            else:
                before = {column: row[column] for column in NOT_PAUSED}
                claim = await self.engine.swap(SHARED, PEER_SETTINGS, before, wanted)
            if claim.won:
                await self.ask()
                return
        raise StorageUnavailable("somebody else changes the same peer", 1)


def _rules(here: Region, regions: frozenset[Region], rows: Mapping[str, Row]) -> PeerRules:
    settings = {
        Region(name): PeerSettings(
            level=Level(text(row, "level")), paused=bool(row["paused"]), why=text(row, "why")
        )
        for name, row in rows.items()
        if name != EVERYTHING and not name.startswith(TYPE)
    }
    paused = {
        name.removeprefix(TYPE) for name, row in rows.items() if name.startswith(TYPE) and row["paused"]
    }
    return PeerRules(
        here=here,
        regions=regions,
        settings=settings,
        paused_types=frozenset(paused),
        all_paused=bool(rows.get(EVERYTHING, {}).get("paused")),
    )
