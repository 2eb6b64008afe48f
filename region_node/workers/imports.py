"""The import worker: from a work item to workouts, however often the item is delivered.

The `uploads` row decides: one that has ended is acknowledged and left alone. Ids of workouts follow
from the upload, content is claimed once, and every write can be repeated, so a worker killed at any
point is followed by another that ends in the same state. After `max_attempts` that died or
failed, the upload ends as `failed`, visible to its owner and ready for a retry. What had to wait for
a store, a broker or another upload is no attempt, so an outage fails nobody's file.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from federation.errors import BusError, BusUnavailable
from federation.ports import Bus, Delivery, Pull
from federation.topology import IMPORTS
from locales.messages import N_
from region_node.features.workouts.uploads.filing import ContentInHand, Filing
from region_node.features.workouts.uploads.health import HealthKeeping
from region_node.features.workouts.uploads.model import ImportJob, Outcome, Upload, UploadState
from region_node.features.workouts.uploads.progress import Progress
from region_node.features.workouts.uploads.store import UploadStore
from region_node.objects.errors import ObjectError, ObjectMissing
from region_node.rulings.standing import STANDING_WORK
from region_node.storage.errors import StorageError
from region_node.storage.outbox import WORK, Pointer
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import NotHeldHere
from region_node.workers.originals import Originals

PULL_WAIT_S = 5.0
PAUSE_S = 1.0
MAX_DELAY_S = 30.0
STILL_WORKING_EVERY_S = 10.0
FAILED_TITLE = N_("The file could not be imported")
GONE_TITLE = N_("The file is no longer there")
GONE_DETAIL = N_("Its original was deleted before it could be read. Please send it again.")
FAILED_DETAIL = N_("Reading it failed several times. It is kept, and can be tried again.")
Log = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWorker:
    bus: Bus
    originals: Originals
    filing: Callable[[ImportJob], Filing]
    health: Callable[[ImportJob], HealthKeeping]
    progress: Progress
    max_attempts: int
    at_once: int
    """Uploads in hand: more than processes, since most of the time of one is waiting for the database."""
    log: Log
    cut_short: set[str] = field(default_factory=set)
    """Uploads whose last attempt ended through no fault of theirs: the next one is the same attempt."""

    async def run(self) -> None:
        """Work until cancelled; a broker or database that is away is waited for."""
        working: set[str] = set()
        tasks: set[asyncio.Task[None]] = set()
        pull: Pull | None = None
        async with asyncio.TaskGroup() as group:
            while True:
                if len(tasks) >= self.at_once:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                try:
                    # Kept when the broker goes away: what it still brings is not left to a lost reader.
                    pull = pull or await self.bus.pull(IMPORTS)
                    for delivery in await pull.next(self.at_once - len(tasks), PULL_WAIT_S):
                        task = group.create_task(self._one(delivery, working))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                except BusUnavailable:
                    await asyncio.sleep(PAUSE_S)

    async def _one(self, delivery: Delivery, working: set[str]) -> None:
        try:
            job = msgspec.json.decode(delivery.body, type=ImportJob)
        except msgspec.DecodeError as fault:
            self.log("a work item that nobody here wrote was left out", fault)
            await self._done(delivery)
            return
        if job.upload_id in working:
            await self._later(delivery)
            return
        working.add(job.upload_id)
        keeper = asyncio.create_task(_keep(delivery))
        try:
            await (self._settle(job) if job.kind == STANDING_WORK else self._import(job))
            await self._done(delivery)
        except asyncio.CancelledError:
            await self._later(delivery)  # the node stops: another need not wait until this one counts as lost
            raise
        except (StorageError, ObjectError, ContentInHand) as fault:
            self.log("import is tried again", fault)
            self.cut_short.add(job.upload_id)
            await self._later(delivery)
        except Exception as fault:  # noqa: BLE001 - one file must not stop the worker; attempts have a limit
            self.log("import failed", fault)
            await self._later(delivery)
        finally:
            keeper.cancel()
            working.discard(job.upload_id)

    async def _done(self, delivery: Delivery) -> None:
        try:
            await delivery.ack()
        except BusError as fault:
            self.log("work is done, but the queue does not know; it comes again", fault)

    async def _later(self, delivery: Delivery) -> None:
        try:
            await delivery.retry_after(min(MAX_DELAY_S, float(delivery.attempt)))
        except BusError as fault:
            self.log("could not hand work back; it comes again by itself", fault)

    async def _import(self, job: ImportJob) -> None:
        try:
            uploads = self.filing(job).uploads
            upload = await uploads.get(job.person_id, job.upload_id)
        except (NotHeldHere, PersonKeyGone):
            return
        if upload is None:
            return
        if upload.state.is_end:
            await uploads.mark_done(pointer_of(job, upload.version))
            return
        again = job.upload_id in self.cut_short
        self.cut_short.discard(job.upload_id)
        if upload.attempts >= self.max_attempts and not again:
            failed = Outcome(
                file=upload.file_name, part=1, code="failed", title=FAILED_TITLE, detail=FAILED_DETAIL
            )
            await self._end(uploads, job, upload, [failed])
            return
        changes = {
            "state": UploadState.READING,
            "attempts": upload.attempts + (not again),
            "version": upload.version + 1,
        }
        upload = msgspec.structs.replace(upload, **changes)
        await uploads.put(upload)
        self.progress.tell(upload)
        health = self.health(job)
        allowed = await health.allowed(job.person_id)
        try:
            files = await self.originals.read(job.tenant, upload, health=allowed)
        except ObjectMissing:
            gone = Outcome(
                file=upload.file_name, part=1, code="missing", title=GONE_TITLE, detail=GONE_DETAIL
            )
            await self._end(uploads, job, upload, [gone])
            return
        outcomes = await self.filing(job).file(upload, files)
        if await health.allowed(job.person_id) != allowed:
            await health.settle(job.person_id)  # who settled it meanwhile may have come before these workouts
        await self._end(uploads, job, upload, outcomes)

    async def _settle(self, job: ImportJob) -> None:
        """Do what follows from a changed standing."""
        try:
            health = self.health(job)
            await health.settle(job.person_id)
            await health.uploads.mark_done(pointer_of(job, job.version))
        except (NotHeldHere, PersonKeyGone):
            return

    async def _end(
        self, uploads: UploadStore, job: ImportJob, upload: Upload, outcomes: list[Outcome]
    ) -> None:
        await uploads.put_results(upload, outcomes)
        state, code = _verdict(outcomes)
        changes = {"state": state, "code": code, "results": len(outcomes), "version": upload.version + 1}
        ended = msgspec.structs.replace(upload, **changes)
        await uploads.put_ended(ended, pointer_of(job, ended.version))
        self.progress.tell(ended)


def pointer_of(job: ImportJob, version: int) -> Pointer:
    return Pointer(
        tenant=job.tenant,
        jurisdiction=job.jurisdiction,
        kind=WORK,
        type=job.kind,
        person_id=job.person_id,
        aggregate_id=job.upload_id,
        version=version,
        pointer_id=job.pointer_id,
        bucket=job.bucket,
    )


def _verdict(outcomes: list[Outcome]) -> tuple[UploadState, str]:
    """An upload is done when anything in it became, or already was, a workout."""
    if any(outcome.workout_id for outcome in outcomes):
        return UploadState.DONE, ""
    code = next((outcome.code for outcome in outcomes), "missing")
    return (UploadState.FAILED if code in {"failed", "missing"} else UploadState.REFUSED), code


async def _keep(delivery: Delivery) -> None:
    while True:
        await asyncio.sleep(STILL_WORKING_EVERY_S)
        try:
            await delivery.still_working()
        except BusError:
            continue
