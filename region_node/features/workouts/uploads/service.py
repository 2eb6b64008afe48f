"""Taking a file in: sealed into object storage piece by piece, a row, a work item, then the answer.

Nothing is acknowledged before all three are durable. What fails in between leaves at worst a row
whose work the sweep finds, or an object that nothing points to; repeating the request is safe.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from region_node.errors import NotFound
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.model import MAX_FILE_NAME_BYTES, Upload, UploadState, short_name
from region_node.features.workouts.uploads.problems import IdempotencyKeyReused, NothingToRetry
from region_node.features.workouts.uploads.store import UploadStore
from region_node.ids import new_id
from region_node.objects.errors import ObjectMissing
from region_node.objects.store import Objects
from region_node.security.derived_keys import IndexKey
from region_node.security.sealed_streams import StreamSealer, open_stream
from region_node.security.sealing import DataKey
from region_node.storage.errors import StorageUnavailable
from region_node.storage.outbox import Pointer

PAGE = 100
Hurry = Callable[[Pointer], Awaitable[None]]
"""Puts a work item into the queue and returns when it is durable there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who uploads, with what is needed to keep their file: one per request."""

    person_id: str
    jurisdiction: str
    data_key: DataKey
    uploads: UploadStore
    content_keys: IndexKey
    idempotency_keys: IndexKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a file of their own."""

    person_id: str
    data_key: DataKey
    uploads: UploadStore


@dataclass(frozen=True, slots=True)
class Received:
    object_name: str
    size_bytes: int
    content_key: str


@dataclass(frozen=True, slots=True)
class UploadService:
    objects: Objects
    hurry: Hurry

    async def receive(
        self, sender: Sender, file_name: str, chunks: AsyncIterator[bytes], idempotency_key: str | None
    ) -> Upload:
        """Take a file in; durable when this returns.

        Raises:
            IdempotencyKeyReused
            StorageUnavailable, ObjectsUnavailable, BusUnavailable: not acknowledged; try again.
        """
        received = await self._seal(sender, chunks)
        upload = _queued(sender, received, file_name)
        pointer = await sender.uploads.put_queued(upload)
        if idempotency_key is not None:
            earlier = await self._claim(sender, idempotency_key, upload)
            if earlier is not None:
                await sender.uploads.withdraw(upload, pointer)
                await self.objects.delete(upload.object_name)
                return await self._again(sender, earlier, upload)
        await self.hurry(pointer)
        return upload

    async def retry(self, uploads: UploadStore, person_id: str, upload_id: str) -> Upload:
        """Put a file that was refused or failed into the queue again.

        Raises:
            NotFound, NothingToRetry
        """
        upload = await uploads.get(person_id, upload_id)
        if upload is None:
            raise NotFound
        if upload.state not in {UploadState.REFUSED, UploadState.FAILED}:
            raise NothingToRetry
        changes = {"state": UploadState.QUEUED, "attempts": 0, "code": "", "version": upload.version + 1}
        again = msgspec.structs.replace(upload, **changes)
        await self.hurry(await uploads.put_queued(again))
        return again

    async def forget_original(
        self, uploads: UploadStore, workouts: WorkoutStore, person_id: str, upload_id: str
    ) -> None:
        """Delete a file once it has been read and none of the workouts that came from it is left."""
        upload = await uploads.get(person_id, upload_id)
        if upload is None or not upload.state.is_end:
            return
        position, more = 0, True
        while more:
            outcomes, more = await uploads.results(upload, position, PAGE)
            position += len(outcomes)
            ids = [outcome.workout_id for outcome in outcomes if outcome.workout_id]
            if any(await workouts.get_many(person_id, ids)):
                return
        await self.objects.delete(upload.object_name)

    async def original(self, reader: Reader, upload_id: str) -> tuple[Upload, AsyncIterator[bytes]]:
        """The file as it was sent, piece by piece.

        Raises:
            NotFound: no such upload, or, when the first piece is asked for, its file was deleted.
        """
        upload = await reader.uploads.get(reader.person_id, upload_id)
        if upload is None:
            raise NotFound
        return upload, self._opened(reader, upload.object_name)

    async def _opened(self, reader: Reader, name: str) -> AsyncIterator[bytes]:
        try:
            async for piece in open_stream(reader.data_key, self.objects.chunks(name), object_name=name):
                yield piece
        except ObjectMissing:
            raise NotFound from None

    async def _seal(self, sender: Sender, chunks: AsyncIterator[bytes]) -> Received:
        name = self.objects.new_name(sender.jurisdiction)
        sealer = StreamSealer(sender.data_key, jurisdiction=sender.jurisdiction, object_name=name)
        writer = self.objects.writing(name)
        digest, size = hashlib.sha256(), 0
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            await writer.write(sealer.update(chunk))
        await writer.write(sealer.finish())
        await writer.finish()
        content = sender.content_keys.digest(f"{sender.person_id}/{digest.hexdigest()}").hex()
        return Received(name, size, content)

    async def _claim(self, sender: Sender, idempotency_key: str, upload: Upload) -> Upload | None:
        """The earlier upload that this key stands for, or None where the key is now this upload's.

        The row of an upload is written before its claim, so whoever finds a claim finds the row.
        """
        key = sender.idempotency_keys.digest(f"{sender.person_id}/{idempotency_key}").hex()
        holder = await sender.uploads.claim_key(key, upload)
        if holder == upload.upload_id:
            return None
        earlier = await sender.uploads.get(upload.person_id, holder)
        if earlier is None and not await sender.uploads.take_over_key(key, holder, upload):
            raise StorageUnavailable("another request has just taken this idempotency key", retry_after_s=1)
        return earlier

    async def _again(self, sender: Sender, earlier: Upload, upload: Upload) -> Upload:
        """Answer a repeated request; its work may have been lost before the queue had it."""
        if earlier.content_key != upload.content_key:
            raise IdempotencyKeyReused
        if earlier.state is UploadState.QUEUED:
            await self.hurry(await sender.uploads.point_again(earlier))
        return earlier


def _queued(sender: Sender, received: Received, file_name: str) -> Upload:
    return Upload(
        person_id=sender.person_id,
        upload_id=new_id(),
        version=1,
        state=UploadState.QUEUED,
        received_at=datetime.now(UTC).replace(microsecond=0),
        size_bytes=received.size_bytes,
        object_name=received.object_name,
        content_key=received.content_key,
        attempts=0,
        code="",
        results=0,
        file_name=short_name(file_name, MAX_FILE_NAME_BYTES),
    )
