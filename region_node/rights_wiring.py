"""Puts the parts of rights together; `bootstrap` makes it once per node."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import msgspec

from policies.vocabulary import Purpose
from region_node.features.accounts.closing import AccountCloser
from region_node.features.rights.erasure.eraser import Eraser, Terms
from region_node.features.rights.erasure.places import Places
from region_node.features.rights.model import Kind
from region_node.features.rights.ports import Changes
from region_node.features.rights.service import RightsService
from region_node.features.rights.store import RightsStore
from region_node.ids import jurisdiction_of
from region_node.objects.store import Objects
from region_node.rulings.standing import STANDINGS, Standing
from region_node.schema import TABLES
from region_node.security.file_keyring import FileKeyRing
from region_node.settings import RightsSettings
from region_node.storage.outbox import Pointer
from region_node.storage.values import blob
from region_node.stores import Stores
from region_node.workers.rights import RightsWorker


class OneProcess:
    """Nobody else has to be told: keys and sessions are looked up in this process alone."""

    async def announce(self, tenant: str, jurisdiction: str, person_id: str) -> None:
        """Done already by whoever changed it."""


@dataclass(frozen=True, kw_only=True)
class RightsParts:
    """`tenants` gives the ids of all; `places` says which jurisdictions are held here."""

    stores: Stores
    ring: FileKeyRing
    objects: Objects
    accounts: AccountCloser
    changes: Changes
    announce: Callable[[Pointer], None]
    tenants: Callable[[], Iterable[str]]
    region: str
    terms: Terms
    log: Callable[[str, Exception], None]

    def rights(self, tenant: str, jurisdiction: str) -> RightsStore:
        """Raises NotHeldHere."""
        return RightsStore(self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True))

    def all_rights(self) -> list[RightsStore]:
        held = sorted(self.stores.held)
        return [self.rights(tenant, jurisdiction) for tenant in self.tenants() for jurisdiction in held]

    async def standing(self, tenant: str, person_id: str) -> Standing | None:
        store = self.stores.of(tenant, jurisdiction_of(person_id), Purpose.ACCOUNT, rights=True)
        row = await store.get(STANDINGS, person_id)
        return msgspec.json.decode(blob(row, "body"), type=Standing) if row else None

    def due_at(self, jurisdiction: str, kind: Kind, opened_at: datetime) -> tuple[datetime, str]:
        return opened_at + timedelta(days=28), f"{jurisdiction} {kind}"

    @cached_property
    def service(self) -> RightsService:
        return RightsService(
            rights=self.rights,
            accounts=self.accounts,
            standings=self,
            deadlines=self,
            hurry=self.worker.wake.set,
            clock=_now,
        )

    @cached_property
    def eraser(self) -> Eraser:
        return Eraser(
            engine=self.stores.engine,
            keys=self.stores.keys,
            objects=self.objects,
            places=Places(self.stores.engine, TABLES),
            accounts=self.accounts,
            changes=self.changes,
            announce=self.announce,
            signing_key=lambda: self.ring.signing_keys()[0],
            region=self.region,
            terms=self.terms,
            clock=_now,
        )

    @cached_property
    def worker(self) -> RightsWorker:
        return RightsWorker(stores=self.all_rights, eraser=self.eraser, log=self.log)


def terms_of(settings: RightsSettings) -> Terms:
    return Terms(
        late_after=timedelta(seconds=settings.late_after_s),
        disks_within=timedelta(days=settings.disks_within_days),
        key_epoch_within=timedelta(days=settings.key_backups_within_days),
    )


def _now() -> datetime:
    return datetime.now(UTC)
