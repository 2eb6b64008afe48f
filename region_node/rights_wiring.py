"""Puts the parts of rights together; `bootstrap` makes it once per node."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial

from policies.deadlines import Deadlines, deadlines_of
from policies.pack import PackSet
from policies.vocabulary import Jurisdiction, Purpose
from region_node.consent_wiring import ConsentParts
from region_node.features.accounts.closing import AccountCloser
from region_node.features.consent.ledger import Ledger
from region_node.features.consent.model import Draft, Entry, EntryState, Method
from region_node.features.rights.erasure.eraser import Eraser, Terms
from region_node.features.rights.erasure.places import Places
from region_node.features.rights.export.making import Archives
from region_node.features.rights.lifting import Restrictions
from region_node.features.rights.officers import Officer
from region_node.features.rights.service import RightsService
from region_node.features.rights.store import RightsStore
from region_node.features.workouts.gpx_writer import gpx_of
from region_node.features.workouts.store import WorkoutStore
from region_node.objects.store import Objects
from region_node.rulings.standing import Standing
from region_node.schema import TABLES
from region_node.security.file_keyring import FileKeyRing
from region_node.security.signing_keys import SigningKey
from region_node.settings import RightsSettings
from region_node.storage.outbox import Pointer
from region_node.stores import Stores
from region_node.workers.keeping import Keeping
from region_node.workers.retention import Retention
from region_node.workers.rights import RightsWorker


@dataclass(frozen=True, slots=True)
class LedgerProtections:
    """Restrictions and holds are entries of the person's own ledger; what stands already adds none."""

    ledger: Ledger

    async def restrict(self, tenant: str, person_id: str, actor: str) -> None:
        await self._record((tenant, person_id), actor, "restricted", EntryState.RESTRICTED, wanted=True)

    async def release(self, tenant: str, person_id: str, actor: str) -> str:
        added = await self._record(
            (tenant, person_id), actor, "restricted", EntryState.RELEASED, wanted=False
        )
        return added[-1].hash if added else ""

    async def hold(self, tenant: str, person_id: str, actor: str, *, stands: bool) -> None:
        state = EntryState.HOLD if stands else EntryState.HOLD_RELEASED
        await self._record((tenant, person_id), actor, "legal_hold", state, wanted=stands)

    async def _record(
        self, whose: tuple[str, str], actor: str, what: str, state: EntryState, *, wanted: bool
    ) -> Sequence[Entry]:
        method = Method.API if actor == whose[1] else Method.CLI

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            stands = bool(getattr(standing, what))
            return () if stands is wanted else (Draft(state=state, method=method, actor=actor),)

        return (await self.ledger.record(*whose, decide)).entries


@dataclass(frozen=True, kw_only=True)
class RightsParts:
    """`tenants` gives the ids of all; `places` says which jurisdictions are held here."""

    stores: Stores
    packs: Callable[[], PackSet]
    ring: FileKeyRing
    objects: Objects
    accounts: AccountCloser
    consent: ConsentParts
    announce: Callable[[Pointer], None]
    tenants: Callable[[], Iterable[str]]
    region: str
    terms: Terms
    archives_kept: timedelta
    lifting_notice: timedelta
    log: Callable[[str, Exception], None]

    def rights(self, tenant: str, jurisdiction: str) -> RightsStore:
        """Raises NotHeldHere."""
        return RightsStore(self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True))

    def all_rights(self) -> list[RightsStore]:
        held = sorted(self.stores.held)
        return [self.rights(tenant, jurisdiction) for tenant in self.tenants() for jurisdiction in held]

    def of(self, jurisdiction: str) -> Deadlines:
        return deadlines_of(self.packs().by_jurisdiction[Jurisdiction(jurisdiction)])

    @cached_property
    def service(self) -> RightsService:
        return RightsService(
            rights=self.rights,
            accounts=self.accounts,
            standings=self.consent,
            protections=LedgerProtections(self.consent.ledger),
            opened=self.archives.opened,
            clocks=self,
            hurry=self.worker.wake.set,
            clock=_now,
        )

    @cached_property
    def restrictions(self) -> Restrictions:
        return Restrictions(
            service=self.service,
            notice=self.lifting_notice,
            region=self.region,
            signing_key=self._signing_key,
        )

    def _signing_key(self) -> SigningKey:
        return self.ring.signing_keys()[0]

    @cached_property
    def eraser(self) -> Eraser:
        return Eraser(
            engine=self.stores.engine,
            keys=self.stores.keys,
            objects=self.objects,
            places=self.places,
            accounts=self.accounts,
            guardianships=self.consent.guardians,
            standings=self.consent,
            changes=self.stores.changes,
            announce=self.announce,
            signing_key=self._signing_key,
            region=self.region,
            terms=self.terms,
            clock=_now,
        )

    @cached_property
    def places(self) -> Places:
        return Places(self.stores.engine, TABLES)

    @cached_property
    def archives(self) -> Archives:
        return Archives(
            places=self.places,
            keys=self.stores.keys,
            objects=self.objects,
            gpx=lambda store: partial(gpx_of, WorkoutStore(store)),
            kept=self.archives_kept,
            clock=_now,
        )

    def officer(self, tenant: str, operator_id: str) -> Officer:
        return Officer(service=self.service, tenant=tenant, operator_id=operator_id, clock=_now)

    @cached_property
    def retention(self) -> Retention:
        keeping = Keeping(
            stores=self.stores,
            objects=self.objects,
            packs=self.packs,
            tables=TABLES,
            store=lambda tenant, jurisdiction: self.rights(tenant, jurisdiction).store,
            standing=self.consent.standing,
            clock=_now,
        )
        return Retention(
            keeping=keeping, engine=self.stores.engine, rights=self.all_rights, log=self.log, clock=_now
        )

    @cached_property
    def worker(self) -> RightsWorker:
        return RightsWorker(stores=self.all_rights, eraser=self.eraser, archives=self.archives, log=self.log)


def terms_of(settings: RightsSettings) -> Terms:
    return Terms(
        late_after=timedelta(seconds=settings.late_after_s),
        disks_within=timedelta(days=settings.disks_within_days),
        key_epoch_within=timedelta(days=settings.key_backups_within_days),
    )


def _now() -> datetime:
    return datetime.now(UTC)
