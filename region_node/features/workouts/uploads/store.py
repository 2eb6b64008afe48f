"""Rows of uploads and of what came out of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from region_node.features.workouts.uploads.model import IMPORT_WORK, Outcome, Upload, UploadState
from region_node.features.workouts.uploads.tables import IDEMPOTENCY_KEYS, UPLOAD_RESULTS, UPLOADS
from region_node.storage.engine import Delete, Key, Put, Row, Slice
from region_node.storage.outbox import WORK, Outbox, Pointer
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, number, text

RESULTS_TOGETHER = 20


@dataclass(frozen=True, slots=True)
class UploadStore:
    """Bound to one tenant and jurisdiction."""

    store: TenantStore

    async def get(self, person_id: str, upload_id: str) -> Upload | None:
        row = await self.store.get(UPLOADS, person_id, upload_id)
        return _upload(row) if row else None

    async def page(self, query: Slice) -> tuple[list[Upload], Key | None]:
        """Uploads of a person (the partition of *query*), newest first."""
        page = await self.store.slice(UPLOADS, query)
        return [_upload(row) for row in page.rows], page.after

    async def put(self, upload: Upload) -> None:
        await self.store.write(Put(UPLOADS, _row(upload)))

    async def put_queued(self, upload: Upload) -> Pointer:
        """The row and the pointer to its work, together."""
        pointer = self._pointer(upload)
        await self.store.write(Put(UPLOADS, _row(upload)), pointer.put())
        return pointer

    async def point_again(self, upload: Upload) -> Pointer:
        """Another pointer to work that waits already; whichever is followed first does it."""
        pointer = self._pointer(upload)
        await self.store.write(pointer.put())
        return pointer

    async def withdraw(self, upload: Upload, pointer: Pointer) -> None:
        """Take back an upload that nobody was told of."""
        key = (upload.person_id, upload.upload_id)
        await self.store.write(Delete(UPLOADS, key), pointer.put(done=True))

    def _pointer(self, upload: Upload) -> Pointer:
        outbox = Outbox(self.store)
        return outbox.pointer(WORK, IMPORT_WORK, upload.person_id, upload.upload_id, upload.version)

    async def put_ended(self, upload: Upload, pointer: Pointer) -> None:
        await self.store.write(Put(UPLOADS, _row(upload)), pointer.put(done=True))

    async def mark_done(self, pointer: Pointer) -> None:
        await Outbox(self.store).mark_done(pointer)

    async def put_results(self, upload: Upload, outcomes: Sequence[Outcome]) -> None:
        rows = [_result(upload, position, outcome) for position, outcome in enumerate(outcomes)]
        for begin in range(0, len(rows), RESULTS_TOGETHER):
            await self.store.write(
                *(Put(UPLOAD_RESULTS, row) for row in rows[begin : begin + RESULTS_TOGETHER])
            )

    async def results(self, upload: Upload, after: int, limit: int) -> tuple[list[Outcome], bool]:
        """Outcomes in the order of the file, from position *after* on, and whether there are more."""
        partition = (upload.person_id, upload.upload_id)
        query = Slice(partition=partition, limit=limit, lower=(after,))
        page = await self.store.slice(UPLOAD_RESULTS, query)
        decoded = [msgspec.json.decode(blob(row, "outcome"), type=Outcome) for row in page.rows]
        return decoded, page.after is not None

    async def claim_key(self, key: str, upload: Upload) -> str:
        """The upload that an idempotency key stands for: the caller's, or an earlier one."""
        claim = await self.store.claim(IDEMPOTENCY_KEYS, _claim(key, upload))
        return text(claim.row, "upload_id")

    async def take_over_key(self, key: str, holder: str, upload: Upload) -> bool:
        """Take a key whose upload is no more."""
        claim = await self.store.swap(IDEMPOTENCY_KEYS, {"upload_id": holder}, _claim(key, upload))
        return claim.won


def _claim(key: str, upload: Upload) -> Row:
    return {
        "idempotency_key": key,
        "person_id": upload.person_id,
        "upload_id": upload.upload_id,
        "content_key": upload.content_key,
    }


def _result(upload: Upload, position: int, outcome: Outcome) -> Row:
    return {
        "person_id": upload.person_id,
        "upload_id": upload.upload_id,
        "position": position,
        "outcome": msgspec.json.encode(outcome),
    }


def _row(upload: Upload) -> Row:
    return {**msgspec.structs.asdict(upload), "state": upload.state.value}


def _upload(row: Row) -> Upload:
    return Upload(
        person_id=text(row, "person_id"),
        upload_id=text(row, "upload_id"),
        version=number(row, "version"),
        state=UploadState(text(row, "state")),
        received_at=instant(row, "received_at"),
        size_bytes=number(row, "size_bytes"),
        object_name=text(row, "object_name"),
        content_key=text(row, "content_key"),
        attempts=number(row, "attempts"),
        code=text(row, "code"),
        results=number(row, "results"),
        file_name=text(row, "file_name"),
    )
