"""Puts the parts of workouts together: stores by purpose, services and workers; made once per node."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from federation.errors import BusUnavailable
from federation.outgoing import State
from federation.ports import Bus
from federation.topology import import_subject
from policies.vocabulary import DataCategory, Purpose
from region_node.features.accounts.store import AccountStore
from region_node.features.workouts.history.service import HistoryService
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import StoredWorkout
from region_node.features.workouts.service import WorkoutService
from region_node.features.workouts.sharing import SharedWorkouts
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.filing import Filing
from region_node.features.workouts.uploads.health import HealthKeeping
from region_node.features.workouts.uploads.model import ImportJob, Upload
from region_node.features.workouts.uploads.progress import Progress
from region_node.features.workouts.uploads.reading import ReadFile
from region_node.features.workouts.uploads.service import Reader as FileReader
from region_node.features.workouts.uploads.service import Sender, UploadService
from region_node.features.workouts.uploads.store import UploadStore
from region_node.federated.sources import RuledSource
from region_node.ids import jurisdiction_of
from region_node.objects.store import Objects
from region_node.rulings.access import Reader
from region_node.rulings.circumstances import Question
from region_node.security.file_keyring import FileKeyRing
from region_node.settings import ImportSettings
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import Stores
from region_node.workers.history import HistoryWorker
from region_node.workers.imports import ImportWorker
from region_node.workers.originals import Originals
from region_node.workers.processes import ImportProcesses

UPLOADS_PER_PROCESS = 4
MOST_ERRANDS = 1_000
HEALTH_QUESTION = Question(purpose=Purpose.ANALYSIS, category=DataCategory.HEART_RATE)
"""Whether an import may keep what tells about health."""


@dataclass(frozen=True, kw_only=True)
class WorkoutParts:
    """`announce` publishes what happened; close `processes` in the end."""

    stores: Stores
    ring: FileKeyRing
    objects: Objects
    bus: Bus
    settings: ImportSettings
    announce: Callable[[Pointer], None]
    log: Callable[[str, Exception], None]
    progress: Progress = field(default_factory=Progress)
    _services: dict[tuple[str, str], WorkoutService] = field(default_factory=dict)

    @cached_property
    def processes(self) -> ImportProcesses:
        return ImportProcesses(self.settings.processes)

    @cached_property
    def errands(self) -> "asyncio.Queue[Pointer]":
        return asyncio.Queue(MOST_ERRANDS)

    def uploads(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> UploadStore:
        return UploadStore(self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, reader=reader))

    def workouts(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> WorkoutStore:
        return WorkoutStore(self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, reader=reader))

    def workout_service(self, tenant: str, jurisdiction: str) -> WorkoutService:
        """Kept for each place: it is asked for with every request."""
        place = (tenant, jurisdiction)
        if place not in self._services:
            service = WorkoutService(self.workouts(tenant, jurisdiction), self.announce)
            self._services[place] = service
        return self._services[place]

    def shared(self, tenant: str, person_id: str) -> SharedWorkouts:
        """What a person's workouts may show to others. Raises NotHeldHere."""
        jurisdiction = jurisdiction_of(person_id)
        store = self.stores.of(tenant, jurisdiction, Purpose.SOCIAL_FEED, reader=Reader.WORKER)
        return SharedWorkouts(WorkoutStore(store))

    @cached_property
    def source(self) -> RuledSource:
        """Workouts as they may leave."""

        async def read(tenant: str, person_id: str, workout_id: str) -> State | None:
            return await self.shared(tenant, person_id).state(person_id, workout_id)

        async def page(tenant: str, person_id: str, after: str) -> tuple[Sequence[str], str]:
            return await self.shared(tenant, person_id).ids(person_id, after)

        return RuledSource(read, page)

    @cached_property
    def upload_service(self) -> UploadService:
        return UploadService(self.objects, self.hurry)

    async def sender(self, tenant: str, jurisdiction: str, person_id: str) -> Sender:
        """Asks the store for the key: another process may have destroyed what this one remembers.

        Raises:
            PersonKeyGone
        """
        ring = self.ring
        data_key = await self.stores.keys.read(tenant, person_id)
        if data_key is None:
            raise PersonKeyGone("no data key")
        return Sender(
            person_id=person_id,
            jurisdiction=jurisdiction,
            data_key=data_key,
            uploads=self.uploads(tenant, jurisdiction),
            content_keys=ring.index_key(jurisdiction, tenant, "content"),
            idempotency_keys=ring.index_key(jurisdiction, tenant, "idempotency"),
        )

    async def reader(self, tenant: str, jurisdiction: str, person_id: str) -> FileReader:
        """Of originals: getting back what one has sent is a right of one's own."""
        key = await self.stores.keys.get(tenant, person_id)
        uploads = UploadStore(self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, rights=True))
        return FileReader(person_id=person_id, data_key=key, uploads=uploads)

    async def forget_original(self, tenant: str, workout: StoredWorkout) -> None:
        jurisdiction = jurisdiction_of(workout.person_id)
        uploads, workouts = self.uploads(tenant, jurisdiction), self.workouts(tenant, jurisdiction)
        await self.upload_service.forget_original(uploads, workouts, workout.person_id, workout.upload_id)

    async def hurry(self, pointer: Pointer, attempt: str = "") -> None:
        """Put the work of *pointer* into the queue; the same attempt is stored once."""
        job = ImportJob(
            tenant=pointer.tenant,
            jurisdiction=pointer.jurisdiction,
            person_id=pointer.person_id,
            upload_id=pointer.aggregate_id,
            pointer_id=pointer.pointer_id,
            bucket=pointer.bucket,
            kind=pointer.type,
            version=pointer.version,
        )
        subject = import_subject(pointer.jurisdiction)
        await self.bus.publish(subject, msgspec.json.encode(job), pointer.pointer_id + attempt)

    def hurry_later(self, pointer: Pointer) -> None:
        """As `hurry`, without waiting for the queue: what it does not take now is brought by the sweep."""
        with suppress(asyncio.QueueFull):
            self.errands.put_nowait(pointer)

    async def run_errands(self) -> None:
        """Queue what was left to `hurry_later`, until cancelled."""
        while True:
            pointer = await self.errands.get()
            with suppress(BusUnavailable):
                await self.hurry(pointer)

    async def zone_of(self, tenant: str, person_id: str) -> ZoneInfo:
        store = self.stores.of(tenant, jurisdiction_of(person_id), Purpose.ANALYSIS)
        return ZoneInfo(await AccountStore(store).time_zone(person_id) or "UTC")

    def history_service(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> HistoryService:
        store = self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, reader=reader)
        return HistoryService(
            workouts=WorkoutStore(store),
            history=HistoryStore(store),
            leases=Leases(store),
            zone_of=self._zones(tenant),
            announce=self.announce,
        )

    def _zones(self, tenant: str) -> Callable[[str], Awaitable[ZoneInfo]]:
        return lambda person_id: self.zone_of(tenant, person_id)

    def filing(self, job: ImportJob) -> Filing:
        """Raises NotHeldHere."""
        return Filing(
            uploads=self.uploads(job.tenant, job.jurisdiction, Reader.WORKER),
            workouts=self.workouts(job.tenant, job.jurisdiction, Reader.WORKER),
            content_keys=self.ring.index_key(job.jurisdiction, job.tenant, "content"),
            announce=self.announce,
        )

    def health_keeping(self, job: ImportJob) -> HealthKeeping:
        """Of the place of *job*; taking back, too, is for the person's rights. Raises NotHeldHere."""
        tenant = job.tenant
        store = self.stores.of(tenant, job.jurisdiction, Purpose.ANALYSIS, reader=Reader.WORKER, rights=True)

        async def allowed(person_id: str) -> bool:
            return (await self.stores.gate.ruling(tenant, person_id, HEALTH_QUESTION)).allowed

        async def read(upload: Upload) -> list[ReadFile]:
            return await self.originals.read(tenant, upload, health=True)

        return HealthKeeping(
            uploads=UploadStore(store),
            workouts=WorkoutStore(store),
            allowed=allowed,
            read=read,
            announce=self.announce,
        )

    @cached_property
    def originals(self) -> Originals:
        return Originals(
            objects=self.objects,
            processes=self.processes,
            keys=self.stores.keys,
            in_memory=asyncio.Semaphore(self.settings.processes + 1),
        )

    def import_worker(self) -> ImportWorker:
        imports = self.settings
        return ImportWorker(
            bus=self.bus,
            originals=self.originals,
            filing=self.filing,
            health=self.health_keeping,
            progress=self.progress,
            max_attempts=imports.max_attempts,
            at_once=imports.processes * UPLOADS_PER_PROCESS,
            log=self.log,
        )

    def history_worker(self) -> HistoryWorker:
        def service(tenant: str, jurisdiction: str) -> HistoryService:
            return self.history_service(tenant, jurisdiction, Reader.WORKER)

        return HistoryWorker(self.bus, service, self.log)
