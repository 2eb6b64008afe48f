"""Putting what was read into the store: content claimed once, parts first, summary and pointer together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from region_node.features.workouts.model import (
    MAX_LISTED_YEAR,
    ContentClaim,
    NewWorkout,
    StoredWorkout,
    workout_id_of,
)
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.model import Outcome, Upload
from region_node.features.workouts.uploads.reading import ReadFile
from region_node.features.workouts.uploads.store import UploadStore
from region_node.security.derived_keys import IndexKey
from region_node.storage.outbox import Pointer


class ContentInHand(Exception):
    """Another upload has claimed the same content and is still being imported: come back later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Of one tenant and jurisdiction; filing the same upload again changes nothing."""

    uploads: UploadStore
    workouts: WorkoutStore
    content_keys: IndexKey
    announce: Callable[[Pointer], None]

    async def file(self, upload: Upload, files: Sequence[ReadFile]) -> list[Outcome]:
        """What became of each workout, and of each file without one, in their order.

        Raises:
            ContentInHand
        """
        outcomes: list[Outcome] = []
        for position, read in enumerate(files):
            if not read.workouts:
                outcomes.append(_refused(read))
            outcomes += [await self._one(upload, position, read, new) for new in read.workouts]
        return outcomes

    async def _one(self, upload: Upload, position: int, read: ReadFile, new: NewWorkout) -> Outcome:
        own = workout_id_of(upload.upload_id, position, new.part)
        key = self.content_keys.digest(f"{upload.person_id}/{new.content}").hex()
        holder = await self._holder(key, upload, own)
        if holder == own and await self.workouts.get(upload.person_id, own) is None:
            await self.workouts.put_parts(upload.person_id, own, new.parts)
            await self.workouts.put_health_parts(upload.person_id, own, new.health_parts)
            stored = _stored(upload, own, key, new)
            self.announce(await self.workouts.create(stored, new.heading, new.health_heading))
        return Outcome(
            file=read.name,
            part=new.part,
            workout_id=holder,
            known=holder != own,
            warnings=new.heading.warnings,
        )

    async def _holder(self, content_key: str, upload: Upload, own: str) -> str:
        """The workout that this content is: an earlier one that stands, or the one to be made now."""
        wanted = ContentClaim(
            content_key=content_key,
            person_id=upload.person_id,
            workout_id=own,
            upload_id=upload.upload_id,
        )
        holder = await self.workouts.claim_content(wanted)
        if holder == wanted or await self._stands(holder):
            return holder.workout_id
        other = await self.uploads.get(holder.person_id, holder.upload_id)
        if other is not None and other.upload_id != upload.upload_id and not other.state.is_end:
            raise ContentInHand
        if await self._stands(holder):  # it may have been made just before its upload ended
            return holder.workout_id
        if not await self.workouts.take_over_content(holder, wanted):
            raise ContentInHand
        return own

    async def _stands(self, claim: ContentClaim) -> bool:
        return await self.workouts.get(claim.person_id, claim.workout_id) is not None


def _refused(read: ReadFile) -> Outcome:
    return Outcome(file=read.name, part=1, code=read.code, title=read.title, detail=read.detail)


def _stored(upload: Upload, workout_id: str, content_key: str, new: NewWorkout) -> StoredWorkout:
    return StoredWorkout(
        person_id=upload.person_id,
        workout_id=workout_id,
        version=1,
        upload_id=upload.upload_id,
        content_key=content_key,
        listed_at=_listed_at(upload, new),
        duplicate_of="",
        details=new.heading.details,
        analysis=new.analysis,
        health=new.health,
    )


def _listed_at(upload: Upload, new: NewWorkout) -> datetime:
    """To the millisecond, as rows keep instants; by its upload where the clock was never set, or absurdly."""
    started_at = new.heading.started_at
    if started_at is None or started_at.year > MAX_LISTED_YEAR:
        started_at = upload.received_at
    return started_at.replace(microsecond=started_at.microsecond // 1000 * 1000)
