"""The composition root: the only place where features, stores and adapters meet."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
import structlog

from federation.adapters.nats_bus import NatsBus
from federation.errors import BusUnavailable
from federation.relay import Relay
from federation.topology import import_subject
from policies.signup import Deployment
from policies.vocabulary import DataCategory, Jurisdiction, Purpose
from region_node.active_packs import ActivePacks
from region_node.backends import Geography
from region_node.consent_wiring import ConsentParts
from region_node.control.database import ControlDatabase
from region_node.control.pack_versions import PackVersions
from region_node.control.records import Tenant
from region_node.control.tenants import TenantStore as ControlTenants
from region_node.features.accounts.closing import AccountCloser
from region_node.features.accounts.service import AccountService
from region_node.features.accounts.sessions import Sessions
from region_node.features.accounts.store import AccountStore
from region_node.features.consent.privacy import Whereabouts
from region_node.features.workouts.history.service import HistoryService
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import StoredWorkout
from region_node.features.workouts.service import WorkoutService
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.filing import Filing
from region_node.features.workouts.uploads.health import HealthKeeping
from region_node.features.workouts.uploads.model import ImportJob, Upload
from region_node.features.workouts.uploads.progress import Progress
from region_node.features.workouts.uploads.reading import ReadFile
from region_node.features.workouts.uploads.service import Reader as FileReader
from region_node.features.workouts.uploads.service import Sender, UploadService
from region_node.features.workouts.uploads.store import UploadStore
from region_node.ids import jurisdiction_of
from region_node.objects.store import Objects
from region_node.rights_wiring import RightsParts, terms_of
from region_node.rulings.access import Reader
from region_node.rulings.circumstances import Almanac, Question
from region_node.rulings.standing import Standing
from region_node.security.file_keyring import FileKeyRing
from region_node.security.passwords import Passwords
from region_node.security.tokens import TokenAuthority, TokenSigner
from region_node.settings import Settings
from region_node.storage.engine import Engine
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer
from region_node.storage.store import TenantStore
from region_node.stores import Stores
from region_node.throttle import SignInThrottle
from region_node.workers.history import HistoryWorker
from region_node.workers.imports import ImportWorker
from region_node.workers.originals import Originals
from region_node.workers.outboxes import NodeOutboxes
from region_node.workers.processes import ImportProcesses

AUTHORITY = TokenAuthority(issuer="meridian", audience="meridian-api")
REGION_EPOCH = 1
UPLOADS_PER_PROCESS = 4
MOST_ERRANDS = 1_000
HEALTH_QUESTION = Question(purpose=Purpose.ANALYSIS, category=DataCategory.HEART_RATE)
"""Whether an import may keep what tells about health."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Parts:
    """What was opened for this node."""

    settings: Settings
    place: Geography
    engine: Engine
    bus: NatsBus
    objects: Objects
    control: ControlDatabase
    ring: FileKeyRing


def report(event: str, fault: Exception) -> None:
    log.warning(event, exc_info=fault)


def _report_ruling(place: str) -> None:
    log.error("a ruling failed and was denied", place=place)


class Container:
    """Everything that features need, made once per node."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.stores = Stores(
            parts.engine,
            parts.ring,
            parts.place.held,
            law=lambda: self.active_packs.engine,
            region=parts.settings.node.region,
            begin=self._standing,
            almanac=Almanac(floors=lambda: self.consent.law.notices.floors),
        )
        self.errands: asyncio.Queue[Pointer] = asyncio.Queue(MOST_ERRANDS)
        self.progress = Progress()
        self.passwords = Passwords()
        self.processes = ImportProcesses(parts.settings.imports.processes)
        self.outboxes = NodeOutboxes(self._all_stores)
        self.relay = Relay(parts.bus, self.outboxes, lambda fault: report("relay", fault))
        self.active_packs = ActivePacks(
            PackVersions(parts.control), self._region_keys, parts.place.held, on_fault=_report_ruling
        )
        self._tenants: tuple[Tenant, ...] = ()
        self._workout_services: dict[tuple[str, str], WorkoutService] = {}
        self._signer = TokenSigner(parts.ring.signing_keys()[0], AUTHORITY, clock=time.time)

    def _region_keys(self) -> frozenset[str]:
        return frozenset(key.public for key in self.parts.ring.signing_keys())

    async def refresh_tenants(self) -> None:
        """Learn of tenants that operators have added meanwhile."""
        self._tenants = await ControlTenants(self.parts.control).all()

    def _all_stores(self) -> list[TenantStore]:
        """What is announced names ids only, and tells of people who were restricted or erased as well."""
        return [
            self.stores.of(tenant.id, jurisdiction, Purpose.ACCOUNT, reader=Reader.WORKER, rights=True)
            for tenant in self._tenants
            for jurisdiction in sorted(self.parts.place.held)
        ]

    @cached_property
    def consent(self) -> ConsentParts:
        return ConsentParts(
            stores=self.stores,
            engine=lambda: self.active_packs.engine,
            region=self.parts.settings.node.region,
            ring=self.parts.ring,
            hurry=self.hurry_later,
        )

    def whereabouts(self, jurisdiction: Jurisdiction) -> Whereabouts:
        """Where data of a jurisdiction lies in this deployment."""
        place = self.parts.place
        pack = self.active_packs.engine.packs.by_jurisdiction.get(jurisdiction)
        regions = place.regions.regions_of(place.group.name)
        return Whereabouts(
            region=self.parts.settings.node.region,
            residency_group=str(place.group.name),
            regions=tuple((str(facts.name), facts.country) for facts in regions),
            residency=pack.residency if pack else None,
        )

    async def _standing(self, tenant: str, person_id: str) -> Standing | None:
        return await self.consent.standing(tenant, person_id)

    @cached_property
    def account_service(self) -> AccountService:
        settings = self.parts.settings
        return AccountService(
            packs=lambda: self.active_packs.engine.packs,
            deployment=self._deployment,
            accounts=self.accounts,
            sign_ins=self.sign_ins,
            login_key=self._login_key,
            passwords=self.passwords,
            sessions=Sessions(lambda: self._signer, settings.node.region, REGION_EPOCH),
            throttle=SignInThrottle(settings.http.sign_ins_per_minute),
            announce=self.relay.hand_over,
            begin_ledger=self.consent.begin,
            age_assurance="demo" if settings.age_assurance == "demo" else "self-declared",
        )

    @cached_property
    def rights(self) -> RightsParts:
        settings = self.parts.settings
        closer = AccountCloser(
            sign_ins=self.sign_ins,
            passwords=self.passwords,
            throttle=SignInThrottle(settings.http.sign_ins_per_minute),
        )
        return RightsParts(
            stores=self.stores,
            packs=lambda: self.active_packs.engine.packs,
            ring=self.parts.ring,
            objects=self.parts.objects,
            accounts=closer,
            consent=self.consent,
            announce=self.relay.hand_over,
            tenants=lambda: [tenant.id for tenant in self._tenants],
            region=settings.node.region,
            terms=terms_of(settings.rights),
            archives_kept=timedelta(days=settings.rights.archive_days),
            log=report,
        )

    def _deployment(self) -> Deployment:
        place = self.parts.place
        return Deployment(
            held=place.group.jurisdictions,
            enabled_subdivisions=place.regions.enabled_subdivisions,
            has_age_assurance=self.parts.settings.age_assurance == "demo",
        )

    def _login_key(self, tenant: str, jurisdiction: str, email: str) -> str:
        return self.parts.ring.index_key(jurisdiction, tenant, "login").digest(email).hex()

    def accounts(self, tenant: str, jurisdiction: str) -> AccountStore:
        return AccountStore(self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT))

    def sign_ins(self, tenant: str, jurisdiction: str) -> AccountStore:
        """Whoever has had processing restricted still signs in: there is no other way to their rights."""
        return AccountStore(self.stores.of(tenant, jurisdiction, Purpose.SECURITY, rights=True))

    def own_rights(self, tenant: str, jurisdiction: str) -> TenantStore:
        return self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True)

    def uploads(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> UploadStore:
        return UploadStore(self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, reader=reader))

    def workouts(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> WorkoutStore:
        return WorkoutStore(self.stores.of(tenant, jurisdiction, Purpose.ANALYSIS, reader=reader))

    def workout_service(self, tenant: str, jurisdiction: str) -> WorkoutService:
        place = (tenant, jurisdiction)
        if place not in self._workout_services:
            service = WorkoutService(self.workouts(tenant, jurisdiction), self.relay.hand_over)
            self._workout_services[place] = service
        return self._workout_services[place]

    @cached_property
    def upload_service(self) -> UploadService:
        return UploadService(self.parts.objects, self.hurry)

    async def sender(self, tenant: str, jurisdiction: str, person_id: str) -> Sender:
        ring = self.parts.ring
        return Sender(
            person_id=person_id,
            jurisdiction=jurisdiction,
            data_key=await self.stores.keys.get(tenant, person_id),
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
        await self.parts.bus.publish(subject, msgspec.json.encode(job), pointer.pointer_id + attempt)

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
            announce=self.relay.hand_over,
        )

    def _zones(self, tenant: str) -> Callable[[str], Awaitable[ZoneInfo]]:
        return lambda person_id: self.zone_of(tenant, person_id)

    def filing(self, job: ImportJob) -> Filing:
        """Raises NotHeldHere."""
        return Filing(
            uploads=self.uploads(job.tenant, job.jurisdiction, Reader.WORKER),
            workouts=self.workouts(job.tenant, job.jurisdiction, Reader.WORKER),
            content_keys=self.parts.ring.index_key(job.jurisdiction, job.tenant, "content"),
            announce=self.relay.hand_over,
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
            announce=self.relay.hand_over,
        )

    @cached_property
    def originals(self) -> Originals:
        return Originals(
            objects=self.parts.objects,
            processes=self.processes,
            keys=self.stores.keys,
            in_memory=asyncio.Semaphore(self.parts.settings.imports.processes + 1),
        )

    def import_worker(self) -> ImportWorker:
        imports = self.parts.settings.imports
        return ImportWorker(
            bus=self.parts.bus,
            originals=self.originals,
            filing=self.filing,
            health=self.health_keeping,
            progress=self.progress,
            max_attempts=imports.max_attempts,
            at_once=imports.processes * UPLOADS_PER_PROCESS,
            log=report,
        )

    def history_worker(self) -> HistoryWorker:
        def service(tenant: str, jurisdiction: str) -> HistoryService:
            return self.history_service(tenant, jurisdiction, Reader.WORKER)

        return HistoryWorker(self.parts.bus, service, report)
