"""Live news of uploads in this process; rows stay the truth, so a follower also reads them now and then."""

import asyncio
from collections.abc import AsyncIterator

from region_node.features.workouts.uploads.model import Upload
from region_node.features.workouts.uploads.store import UploadStore

MAX_FOLLOWERS = 2_000
LOOK_EVERY_S = 1.0


class TooManyFollowers(Exception):
    retry_after_s = 5


class Progress:
    def __init__(self) -> None:
        self._followers: dict[str, set[asyncio.Event]] = {}
        self._count = 0

    def tell(self, upload: Upload) -> None:
        for changed in self._followers.get(upload.upload_id, ()):
            changed.set()

    async def follow(self, uploads: UploadStore, person_id: str, upload_id: str) -> AsyncIterator[Upload]:
        """Each state of an upload from now on, the present one first, until it has ended.

        Raises:
            TooManyFollowers: poll instead.
        """
        if self._count >= MAX_FOLLOWERS:
            raise TooManyFollowers
        changed = asyncio.Event()
        self._count += 1
        self._followers.setdefault(upload_id, set()).add(changed)
        try:
            version = 0
            while True:
                changed.clear()
                upload = await uploads.get(person_id, upload_id)
                if upload is None:
                    return
                if upload.version != version:
                    version = upload.version
                    yield upload
                if upload.state.is_end:
                    return
                await _wait(changed)
        finally:
            self._count -= 1
            followers = self._followers[upload_id]
            followers.discard(changed)
            if not followers:
                del self._followers[upload_id]


async def _wait(changed: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(changed.wait(), LOOK_EVERY_S)
    except TimeoutError:
        return
