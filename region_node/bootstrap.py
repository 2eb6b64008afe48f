"""The composition root: the only place where features, stores and adapters meet."""

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import structlog

from federation.adapters.nats_bus import NatsBus
from federation.catalogue import WORKOUT_CREATED
from federation.relay import PointerLike, Relay
from policies.signup import Deployment
from policies.vocabulary import Jurisdiction, Purpose
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
from region_node.federation_network import Joined, Network
from region_node.federation_wiring import FederationParts
from region_node.objects.store import Objects
from region_node.rights_wiring import RightsParts, terms_of
from region_node.rulings.access import Reader
from region_node.rulings.circumstances import Almanac
from region_node.rulings.standing import Standing
from region_node.security.file_keyring import FileKeyRing
from region_node.security.passwords import Passwords
from region_node.security.tokens import TokenAuthority, TokenSigner
from region_node.settings import Settings
from region_node.social_wiring import SocialParts
from region_node.storage.engine import Engine
from region_node.storage.outbox import EVENT, Pointer
from region_node.storage.store import TenantStore
from region_node.stores import Stores
from region_node.throttle import SignInThrottle
from region_node.workers.outboxes import NodeOutboxes
from region_node.workout_wiring import WorkoutParts

AUTHORITY = TokenAuthority(issuer="meridian", audience="meridian-api")
REGION_EPOCH = 1
log = structlog.get_logger()


@dataclass(frozen=True)
class Parts:
    """What was opened for this node."""

    settings: Settings
    place: Geography
    engine: Engine
    bus: NatsBus
    network: Network
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
        self.passwords = Passwords()
        self.outboxes = NodeOutboxes(self._all_stores)
        self.relay = Relay(
            parts.bus,
            self.outboxes,
            lambda fault: report("relay", fault),
            leave=self._leave,
        )
        self.active_packs = ActivePacks(
            PackVersions(parts.control), self._region_keys, parts.place.held, on_fault=_report_ruling
        )
        self._tenants: tuple[Tenant, ...] = ()
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
    def workouts(self) -> WorkoutParts:
        parts = self.parts
        return WorkoutParts(
            stores=self.stores,
            ring=parts.ring,
            objects=parts.objects,
            bus=parts.bus,
            settings=parts.settings.imports,
            announce=self.relay.hand_over,
            log=report,
        )

    @cached_property
    def consent(self) -> ConsentParts:
        return ConsentParts(
            stores=self.stores,
            engine=lambda: self.active_packs.engine,
            region=self.parts.settings.node.region,
            ring=self.parts.ring,
            hurry=self._hurry_standing,
        )

    async def _leave(self, pointer: PointerLike) -> None:
        await self.federation.leave(pointer)
        await self.social.after(pointer)

    def _hurry_standing(self, pointer: Pointer) -> None:
        """What a change of a person's standing leaves behind: an event to tell, or work to do."""
        (self.relay.hand_over if pointer.kind == EVENT else self.workouts.hurry_later)(pointer)

    @cached_property
    def federation(self) -> FederationParts:
        return FederationParts(
            network=self.parts.network,
            place=self.parts.place,
            stores=self.stores,
            tenants=lambda: [tenant.id for tenant in self._tenants],
            log=report,
            joined=self.social.join(Joined(sources={WORKOUT_CREATED.kind: self.workouts.source})),
        )

    @cached_property
    def social(self) -> SocialParts:
        return SocialParts(
            stores=self.stores,
            regions=self.parts.place.regions,
            federation=lambda: self.federation,
            announce=self.relay.hand_over,
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
            lifting_notice=timedelta(days=settings.rights.lifting_notice_days),
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
