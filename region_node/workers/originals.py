"""Reads originals: opens the sealed file, and hands it to an import process."""

import asyncio
from dataclasses import dataclass

import msgspec

from region_node.features.workouts.uploads.model import Upload
from region_node.features.workouts.uploads.reading import ReadFile, read_upload
from region_node.objects.store import Objects
from region_node.security.sealed_streams import open_bytes
from region_node.storage.person_keys import PersonKeys
from region_node.workers.processes import ImportProcesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Originals:
    """`in_memory` bounds how many whole files are in memory."""

    objects: Objects
    processes: ImportProcesses
    keys: PersonKeys
    in_memory: asyncio.Semaphore

    async def read(self, tenant: str, upload: Upload, *, health: bool) -> list[ReadFile]:
        """The files of an upload and their workouts, with what tells about *health* or without.

        Raises:
            ObjectMissing: the original was deleted.
            PersonKeyGone, ObjectsUnavailable, ProcessDied
        """
        key = await self.keys.get(tenant, upload.person_id)
        async with self.in_memory:
            sealed = await self.objects.read(upload.object_name)
            data = await asyncio.to_thread(open_bytes, key, sealed, object_name=upload.object_name)
            read = await self.processes.run(read_upload, upload.file_name, data, upload.upload_id, health)
        return msgspec.msgpack.decode(read, type=list[ReadFile])
