"""Sealed files in object storage: a folder (or bucket prefix) per jurisdiction, random names.

What is written here is sealed already, chunk by chunk; this module never sees a person's bytes in
the clear. On a local folder a file is on disk, with its name, before `finish` returns.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Self

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore

from region_node.ids import new_id
from region_node.objects.errors import ObjectMissing, ObjectsUnavailable

LIST_PAGE = 1000
PART_BYTES = 5 * 1024 * 1024
MIN_FREE_BYTES = 64 * 1024 * 1024


class Objects:
    """Opened on a local folder, or on any store that obstore knows."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._folder = Path(store.prefix) if isinstance(store, LocalStore) and store.prefix else None

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(LocalStore(folder, mkdir=True))

    def new_name(self, jurisdiction: str) -> str:
        name = new_id()
        return f"{jurisdiction}/{name[-2:]}/{name}"

    def writing(self, name: str) -> "ObjectWriter":
        return ObjectWriter(self._store, self._folder, name)

    async def read(self, name: str) -> bytes:
        """A whole object.

        Raises:
            ObjectMissing, ObjectsUnavailable
        """
        try:
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError) as fault:
            raise ObjectMissing(name) from fault
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault

    async def chunks(self, name: str) -> AsyncIterator[bytes]:
        """An object piece by piece, as it comes from storage."""
        try:
            found = await obstore.get_async(self._store, name)
            async for piece in found.stream(min_chunk_size=256 * 1024):
                yield bytes(piece)
        except (NotFoundError, FileNotFoundError) as fault:
            raise ObjectMissing(name) from fault
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault

    async def delete(self, name: str) -> None:
        """Remove an object; one that is not there is fine."""
        try:
            await obstore.delete_async(self._store, name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault

    async def listed(self, jurisdiction: str) -> AsyncIterator[tuple[str, datetime]]:
        """Every object of a jurisdiction, in no order, with the instant it was written."""
        try:
            async for page in obstore.list(self._store, f"{jurisdiction}/", chunk_size=LIST_PAGE):
                for found in page:
                    yield found["path"], found["last_modified"]
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault

    async def ping(self) -> None:
        """Raise ObjectsUnavailable where a large file would not find room now."""
        if self._folder is not None and shutil.disk_usage(self._folder).free < MIN_FREE_BYTES:
            raise ObjectsUnavailable("too little room for files")


class ObjectWriter:
    """Writes one object: `write` each piece, then `finish`; before that no object appears."""

    def __init__(self, store: ObjectStore, folder: Path | None, name: str) -> None:
        self._folder = folder
        self._name = name
        self._file = obstore.open_writer_async(store, name, buffer_size=PART_BYTES)

    async def write(self, piece: bytes) -> None:
        try:
            await self._file.write(piece)
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault

    async def finish(self) -> None:
        try:
            await self._file.close()
            if self._folder is not None:
                await asyncio.to_thread(_to_disk, self._folder / self._name)
        except (BaseError, OSError) as fault:
            raise ObjectsUnavailable(type(fault).__name__) from fault


def _to_disk(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
