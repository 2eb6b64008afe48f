"""Rows of requests, of erasures under way and of what is left of them, of one tenant and jurisdiction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec

from region_node.features.rights.erasure.model import QUEUE, Erasure, Step, erasure_of, erasure_row
from region_node.features.rights.model import Kind, Request
from region_node.features.rights.tables import (
    ARCHIVES_TO_MAKE,
    DISKS_TO_CLEAR,
    ERASURE_MANIFESTS,
    ERASURE_PROOFS,
    ERASURES,
    RIGHTS_BY_DUE,
    RIGHTS_BY_PERSON,
    RIGHTS_DETAILS,
    RIGHTS_LATEST,
    RIGHTS_REQUESTS,
)
from region_node.storage.engine import MAX_PAGE, Delete, DeletePartition, Key, Put, Row, Slice
from region_node.storage.leases import Leases
from region_node.storage.schema import ZERO, ColumnType
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, text

NEVER = ZERO[ColumnType.INSTANT]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list that officers work by."""

    request_id: str
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`cleared_at` is when no file held the bytes any more; None before."""

    request_id: str
    link: bytes
    receipt: str
    cleared_at: datetime | None


class Overtaken(Exception):
    """Another worker has gone further with this erasure: leave it to them."""


@dataclass(frozen=True, slots=True)
class RightsStore:
    store: TenantStore

    async def get(self, request_id: str) -> Request | None:
        row = await self.store.get(RIGHTS_REQUESTS, request_id)
        return msgspec.json.decode(blob(row, "body"), type=Request) if row else None

    async def put(self, request: Request, before: Request | None = None) -> None:
        """The request with its line in the list of what is due; *before* is what stood there."""
        gone = [Delete(RIGHTS_BY_DUE, _due_key(before))] if before and before.due_at != request.due_at else []
        await self.store.write(*gone, *_writes(request))

    @asynccontextmanager
    async def changing(self, request_id: str) -> AsyncIterator[Request | None]:
        """The request as it stands, which nobody else changes while the block lasts; it has to be short."""
        async with Leases(self.store).hold_briefly("rights", request_id):
            yield await self.get(request_id)

    @asynccontextmanager
    async def opening(self, person_id: str, kind: Kind) -> AsyncIterator[Request | None]:
        """The newest request of *kind*; nobody else opens one for the person while the block lasts."""
        async with Leases(self.store).hold_briefly("rights-of", f"{person_id}/{kind}"):
            yield await self.latest(person_id, kind)

    async def latest(self, person_id: str, kind: Kind) -> Request | None:
        row = await self.store.get(RIGHTS_LATEST, person_id, kind.value)
        return await self.get(text(row, "request_id")) if row else None

    async def open(self, request: Request, details: str = "") -> None:
        """A new request with what the person wrote: all or nothing."""
        ids = {"person_id": request.person_id, "request_id": request.request_id}
        written = [Put(RIGHTS_DETAILS, {**ids, "details": details})] if details else []
        await self.store.write(*_writes(request), _newest(request), *written)

    async def details(self, request_id: str) -> str:
        """What the person wrote; empty where nothing was written."""
        row = await self.store.get(RIGHTS_DETAILS, request_id)
        return text(row, "details") if row else ""

    async def of_person(self, person_id: str, after: Key, limit: int) -> tuple[list[Request], Key | None]:
        """Newest first."""
        query = Slice(partition=(person_id,), limit=limit, after=after)
        page = await self.store.slice(RIGHTS_BY_PERSON, query)
        rows = await self.store.get_many(RIGHTS_REQUESTS, [(row["request_id"],) for row in page.rows])
        found = [msgspec.json.decode(blob(row, "body"), type=Request) for row in rows if row]
        return found, page.after

    async def due(self, month: str, after: Key, limit: int) -> tuple[list[Due], Key | None]:
        """What is due in *month* (``2027-01``), the most urgent first."""
        page = await self.store.slice(RIGHTS_BY_DUE, Slice(partition=(month,), limit=limit, after=after))
        names = ("request_id", "kind", "state")
        found = [
            Due(
                **{name: text(row, name) for name in names},
                opened_at=instant(row, "opened_at"),
                due_at=instant(row, "due_at"),
            )
            for row in page.rows
        ]
        return found, page.after

    async def queue_archive(self, request: Request, details: str = "") -> None:
        """Approved: its archive is made, whatever happens to the node. New, or as it was opened."""
        ids: Row = {"person_id": request.person_id, "request_id": request.request_id}
        written = [Put(RIGHTS_DETAILS, {**ids, "details": details})] if details else []
        queued = Put(ARCHIVES_TO_MAKE, {"queue": QUEUE, **ids})
        await self.store.write(*_writes(request), _newest(request), queued, *written)

    async def archives_to_make(self) -> list[str]:
        """Ids of the requests that wait longest."""
        page = await self.store.slice(ARCHIVES_TO_MAKE, Slice(partition=(QUEUE,), limit=MAX_PAGE))
        return [text(row, "request_id") for row in page.rows]

    async def archive_made(self, request: Request | None, request_id: str) -> None:
        """*request* as it stands now; None where it is gone."""
        writes = _writes(request) if request else []
        await self.store.write(*writes, Delete(ARCHIVES_TO_MAKE, (QUEUE, request_id)))

    async def begin_erasure(self, erasure: Erasure, request: Request) -> None:
        """Approved: from here on it is carried through, whatever happens to the node."""
        begun = Put(ERASURES, erasure_row(erasure))
        await self.store.write_everywhere(begun, *_writes(request), _newest(request))

    async def advance(self, before: Step, erasure: Erasure) -> None:
        """Note a step that was done after *before*.

        Raises:
            Overtaken: it stands elsewhere, or has ended: another worker was faster.
        """
        async with Leases(self.store).hold_briefly("erasure-step", erasure.request_id):
            found = await self.erasure(erasure.request_id)
            if found is None or found.step is not before:
                raise Overtaken
            await self.store.write_everywhere(Put(ERASURES, erasure_row(erasure)))

    async def erasure(self, request_id: str) -> Erasure | None:
        row = await self.store.get(ERASURES, QUEUE, request_id)
        return erasure_of(row) if row else None

    async def erasures(self) -> AsyncIterator[Erasure]:
        """All that are under way, oldest first."""
        after: Key | None = ()
        while after is not None:
            page = await self.store.slice(ERASURES, Slice(partition=(QUEUE,), limit=MAX_PAGE, after=after))
            for row in page.rows:
                yield erasure_of(row)
            after = page.after

    async def claim_proof(self, proof: Proof) -> Proof:
        """The proof that stands: this one, or that of an earlier attempt."""
        row: Row = {
            "request_id": proof.request_id,
            "link": proof.link,
            "receipt": proof.receipt,
            "cleared_at": NEVER,
        }
        return _proof((await self.store.claim(ERASURE_PROOFS, row)).row)

    async def proof(self, request_id: str) -> Proof | None:
        row = await self.store.get(ERASURE_PROOFS, request_id)
        return _proof(row) if row else None

    async def end_erasure(self, erasure: Erasure, disks_by: datetime, erased_at: datetime) -> None:
        """The proof stands: forget whom it was about."""
        disks: Row = {
            "queue": QUEUE,
            "due_at": disks_by,
            "request_id": erasure.request_id,
            "erased_at": erased_at,
        }
        line: Row = {
            "month": _month(erasure.due_at),
            "due_at": erasure.due_at,
            "request_id": erasure.request_id,
            "kind": "erasure",
            "state": "complete",
            "opened_at": erasure.opened_at,
        }
        await self.store.write_everywhere(
            Put(DISKS_TO_CLEAR, disks),
            Put(RIGHTS_BY_DUE, line),
            DeletePartition(ERASURE_MANIFESTS, (erasure.request_id,)),
            Delete(ERASURES, (QUEUE, erasure.request_id)),
        )

    async def disks_to_clear(self) -> Sequence[Row]:
        """The oldest erasures whose bytes may still lie in files."""
        page = await self.store.slice(DISKS_TO_CLEAR, Slice(partition=(QUEUE,), limit=MAX_PAGE))
        return page.rows

    async def cleared(self, row: Row, at: datetime) -> None:
        """No file holds what *row* speaks of any more."""
        proof = await self.store.get(ERASURE_PROOFS, row["request_id"])
        if proof is not None:
            await self.store.swap(ERASURE_PROOFS, {"link": proof["link"]}, {**proof, "cleared_at": at})
        await self.store.write(Delete(DISKS_TO_CLEAR, (QUEUE, row["due_at"], row["request_id"])))


def _proof(row: Row) -> Proof:
    at = instant(row, "cleared_at")
    return Proof(
        request_id=text(row, "request_id"),
        link=blob(row, "link"),
        receipt=text(row, "receipt"),
        cleared_at=None if at == NEVER else at,
    )


def _writes(request: Request) -> list[Put]:
    ids: Row = {"person_id": request.person_id, "request_id": request.request_id}
    return [
        Put(RIGHTS_REQUESTS, _row(request)),
        Put(RIGHTS_BY_DUE, _due(request)),
        Put(RIGHTS_BY_PERSON, {**ids, "opened_at": request.opened_at}),
    ]


def _newest(request: Request) -> Put:
    ids: Row = {"person_id": request.person_id, "request_id": request.request_id}
    return Put(RIGHTS_LATEST, {**ids, "kind": request.kind.value})


def _row(request: Request) -> Row:
    return {
        "request_id": request.request_id,
        "person_id": request.person_id,
        "version": request.version,
        "kind": request.kind.value,
        "state": request.state.value,
        "due_at": request.due_at,
        "object_name": request.archive,
        "body": msgspec.json.encode(request),
    }


def _due(request: Request) -> Row:
    return {
        "month": _month(request.due_at),
        "due_at": request.due_at,
        "request_id": request.request_id,
        "kind": request.kind.value,
        "state": request.state.value,
        "opened_at": request.opened_at,
    }


def _due_key(request: Request) -> Key:
    return (_month(request.due_at), request.due_at, request.request_id)


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"
