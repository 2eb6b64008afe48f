"""From an approved request to an archive that can be fetched: repeatable, under a name noted beforehand."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from locales.translator import translator_for
from region_node.features.rights.erasure.places import Places
from region_node.features.rights.export.archive import Archivist, Gpx
from region_node.features.rights.export.rows import Rows
from region_node.features.rights.model import Request, State
from region_node.features.rights.store import RightsStore
from region_node.objects.store import Objects
from region_node.security.sealed_streams import open_stream
from region_node.storage.person_keys import PersonKeyGone, PersonKeys
from region_node.storage.store import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """`gpx` writes a workout for a store of the person's rights; archives are kept for `kept`."""

    places: Places
    keys: PersonKeys
    objects: Objects
    gpx: Callable[[TenantStore], Gpx]
    kept: timedelta
    clock: Callable[[], datetime]

    async def make(self, rights: RightsStore, request_id: str) -> None:
        """Make the archive that *request_id* asks for; one that is not wanted any more is left out."""
        try:
            request = await self._begun(rights, request_id)
        except PersonKeyGone:
            request = None
        if request is None:
            await rights.archive_made(None, request_id)
            return
        now = self.clock()
        made = await (await self._archivist(rights, request)).make(request.archive, now)
        async with rights.changing(request_id) as present:
            done = present and present.moved(
                State.COMPLETE,
                ended_at=now.replace(microsecond=0),
                archive_bytes=made.size_bytes,
                archive_sha256=made.manifest_sha256,
                archive_until=now.replace(microsecond=0) + self.kept,
            )
            await rights.archive_made(done, request_id)

    async def opened(self, tenant: str, request: Request) -> AsyncIterator[bytes]:
        """The zip, piece by piece. Raises ObjectMissing where it is kept no more."""
        key = await self.keys.get(tenant, request.person_id)
        sealed = self.objects.chunks(request.archive)
        async for piece in open_stream(key, sealed, object_name=request.archive):
            yield piece

    async def _begun(self, rights: RightsStore, request_id: str) -> Request | None:
        """The request with the name of its archive: noted before the object is written."""
        async with rights.changing(request_id) as request:
            if request is None or request.state not in {State.APPROVED, State.WORKING}:
                return None
            if request.state is State.WORKING:
                return request
            name = self.objects.new_name(rights.store.jurisdiction)
            working = request.moved(State.WORKING, archive=name)
            await rights.put(working)
            return working

    async def _archivist(self, rights: RightsStore, request: Request) -> Archivist:
        return Archivist(
            rows=Rows(self.places, rights.store, request.person_id),
            gpx=self.gpx(rights.store),
            objects=self.objects,
            data_key=await self.keys.get(rights.store.tenant, request.person_id),
            translator=translator_for(request.language),
        )
