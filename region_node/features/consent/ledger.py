"""The ledger of each person: the only way by which an entry comes to be.

Entries and the standing they come to are written in one logged batch under the person's lease, in every
datacenter of the group where all can be reached. The change is announced before the caller is answered, also
where nothing was added: the announcement of an earlier attempt may have failed. A write that failed or was
cancelled is announced too: it may have landed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from policies.vocabulary import Jurisdiction
from region_node.errors import NotFound
from region_node.features.consent.model import (
    NO_HASH,
    Draft,
    Entry,
    EntryState,
    Method,
    Resident,
    age_band,
    new_salt,
    resident_of,
    to_millisecond,
)
from region_node.features.consent.problems import LedgerFull
from region_node.features.consent.replay import step
from region_node.features.consent.store import ConsentStore
from region_node.features.consent.tables import MAX_ENTRIES
from region_node.ids import jurisdiction_of
from region_node.rulings.standing import Standing
from region_node.storage.errors import StorageError, StorageUnavailable
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer
from region_node.storage.store import TenantStore

MAX_ENTRIES_A_DAY = 200
DAY = timedelta(days=1)
MAX_HELD_S = 7.0
RESERVED = 1_000
"""The last places of a partition: for what protects a person, never for what they grant."""

MAX_DUE = 40
"""Entries that end by themselves, in one batch; the rest waits for the next."""

MAX_ANSWERS = 40
"""Purposes, categories and recipients that one standing may answer for."""

_GRANTS = {EntryState.GIVEN, EntryState.ASKED, EntryState.OBJECTION_WITHDRAWN, EntryState.SIGNAL_ENDED}

Decide = Callable[[Standing, datetime], Sequence[Draft]]
"""Given the standing and the instant, what is to be recorded: empty where it stands so already."""


def nothing(_standing: Standing, _at: datetime) -> Sequence[Draft]:
    """Decides to record nothing of its own: only what is due."""
    return ()


class Changes(Protocol):
    async def announce(self, tenant: str, person_id: str) -> None:
        """Tell every process of the node that a standing has changed; returns once they are bound to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What an act came to; `entries` is empty where things stood so already.

    `replicated` is False where another datacenter was away: accepted, and flagged.
    """

    entries: tuple[Entry, ...]
    standing: Standing
    at: datetime
    replicated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """`residents` finds who has no ledger yet; `due` says what ends by itself before anything is recorded."""

    stores: Callable[[str, str], TenantStore]
    residents: Callable[[str, str], Awaitable[Resident | None]]
    changes: Changes
    hurry: Callable[[Pointer], None]
    """Told of the work and the event that a change leaves behind; pointers to them are durable already."""
    pack_version: Callable[[Jurisdiction], str]
    due: Decide
    clock: Callable[[], datetime]
    _announcing: set[asyncio.Task[None]] = field(default_factory=set, compare=False)

    def store(self, tenant: str, person_id: str) -> ConsentStore:
        return ConsentStore(self.stores(tenant, jurisdiction_of(person_id)))

    async def standing(self, tenant: str, person_id: str) -> Standing:
        """Where the person stands; begins the ledger of somebody who has none yet.

        Raises:
            NotFound: there is no such person.
        """
        found = await self.store(tenant, person_id).latest(person_id)
        return found.standing if found else (await self.record(tenant, person_id, nothing)).standing

    async def begin(self, tenant: str, person_id: str, resident: Resident) -> Standing:
        """Begin the ledger of a new person; repeating it changes nothing."""

        async def known(_tenant: str, _person_id: str) -> Resident:
            return resident

        return (await self._record(tenant, person_id, nothing, known)).standing

    async def record(self, tenant: str, person_id: str, decide: Decide) -> Recorded:
        """Record what *decide* says of the standing of this moment; it may refuse by raising.

        Raises:
            NotFound: there is no such person.
            LedgerFull: too much was granted in a day; withdrawals and objections are always taken.
        """
        return await self._record(tenant, person_id, decide, self.residents)

    async def _record(
        self,
        tenant: str,
        person_id: str,
        decide: Decide,
        residents: Callable[[str, str], Awaitable[Resident | None]],
    ) -> Recorded:
        store = self.store(tenant, person_id)
        async with (
            AsyncExitStack() as after,
            Leases(store.store).hold("ledger", person_id),
            _well_inside_the_lease(),
        ):
            chain = await self._open(store, person_id)
            if chain.standing is None:
                resident = await residents(tenant, person_id)
                if resident is None:
                    raise NotFound
                chain.add(_beginning(resident))
            await self._extend(chain, decide)
            await after.enter_async_context(self._announced(tenant, person_id))
            replicated, left = await store.append(chain.added, chain.present) if chain.added else (True, [])
        for pointer in left:
            self.hurry(pointer)
        return Recorded(
            entries=tuple(chain.added), standing=chain.present, at=chain.at, replicated=replicated
        )

    @asynccontextmanager
    async def _announced(self, tenant: str, person_id: str) -> AsyncIterator[None]:
        """Announce at the end, whatever came of the write; raises what the write raised, if it did."""
        try:
            yield
        except BaseException:
            with suppress(StorageError):
                await self._announce(tenant, person_id)
            raise
        await self._announce(tenant, person_id)

    async def _announce(self, tenant: str, person_id: str) -> None:
        """Goes on where the caller is cancelled."""
        task = asyncio.create_task(self.changes.announce(tenant, person_id))
        self._announcing.add(task)
        task.add_done_callback(self._announcing.discard)
        await asyncio.shield(task)

    async def _open(self, store: ConsentStore, person_id: str) -> "_Chain":
        latest = await store.latest(person_id)
        return _Chain(
            store=store,
            person_id=person_id,
            standing=latest.standing if latest else None,
            head=latest.head if latest else NO_HASH.hex(),
            pack_version=self.pack_version(Jurisdiction(jurisdiction_of(person_id))),
            clock=self.clock,
            at=to_millisecond(self.clock()),
            added=[],
        )

    async def _extend(self, chain: "_Chain", decide: Decide) -> None:
        for draft in self.due(chain.present, chain.at)[:MAX_DUE]:
            chain.add(draft)
        wanted = decide(chain.present, chain.at)
        if any(draft.state in _GRANTS for draft in wanted):
            await chain.require_room()
        for draft in wanted:
            chain.add(draft)


@dataclass(slots=True, kw_only=True)
class _Chain:
    """The end of a person's chain while it grows, in memory until it is written."""

    store: ConsentStore
    person_id: str
    standing: Standing | None
    head: str
    pack_version: str
    clock: Callable[[], datetime]
    at: datetime
    added: list[Entry]

    @property
    def present(self) -> Standing:
        if self.standing is None:
            raise NotFound
        return self.standing

    def add(self, draft: Draft) -> None:
        born = self.standing.birth_date if self.standing else resident_of(draft.details).birth_date
        entry = Entry(
            tenant=self.store.store.tenant,
            jurisdiction=self.store.store.jurisdiction,
            person_id=self.person_id,
            seq=self.standing.version + 1 if self.standing else 1,
            received_at=self.at,
            stored_at=to_millisecond(self.clock()),
            age_band=age_band(born, self.at.date()),
            pack_version=self.pack_version,
            draft=draft,
            salt=new_salt(),
            previous=self.head,
        ).closed()
        self.standing = step(self.standing, entry)
        self.head = entry.hash
        self.added.append(entry)

    async def require_room(self) -> None:
        """Raises LedgerFull."""
        standing = self.present
        if standing.version >= MAX_ENTRIES - RESERVED:
            raise LedgerFull(retry_after_s=DAY.total_seconds())
        if len(standing.consents) + len(standing.past) >= MAX_ANSWERS:
            raise LedgerFull(retry_after_s=DAY.total_seconds())
        oldest = standing.version - MAX_ENTRIES_A_DAY + 1
        entry = await self.store.entry(self.person_id, oldest) if oldest > 0 else None
        if entry is not None and entry.received_at > self.at - DAY:
            wait = entry.received_at + DAY - self.at
            raise LedgerFull(retry_after_s=wait.total_seconds())


@asynccontextmanager
async def _well_inside_the_lease() -> AsyncIterator[None]:
    """A write that begins after the lease has ended could take the place of another writer's entry."""
    try:
        async with asyncio.timeout(MAX_HELD_S):
            yield
    except TimeoutError:
        raise StorageUnavailable("the ledger could not be written in time") from None


def _beginning(resident: Resident) -> Draft:
    return Draft(state=EntryState.BEGUN, method=Method.SIGN_UP, details=resident.details())
