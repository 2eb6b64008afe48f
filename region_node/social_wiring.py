"""Puts the parts of following together, and joins them to what leaves and what comes in; once per node."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from federation.catalogue import (
    CATALOGUE,
    FOLLOW_ACCEPTED,
    FOLLOW_ENDED,
    FOLLOW_REQUESTED,
    FOLLOW_REVOKED,
    PERSON_ERASED,
    PERSON_UPDATED,
    PROFILE_SHOWN,
    PROJECTION_RETRACTED,
    PURPOSE_WITHDRAWN,
    WORKOUT_CREATED,
    WORKOUT_UPDATED,
)
from federation.inbound import Reference
from federation.outgoing import Aggregate, Debt, Person, Records, State
from federation.relay import PointerLike
from policies.vocabulary import DataCategory, Jurisdiction, Purpose, Region
from region_node.features.accounts.store import AccountStore
from region_node.features.social.inbound import SocialInbound
from region_node.features.social.reading import Shown, SocialReader
from region_node.features.social.service import SocialService
from region_node.features.social.sharing import SharedAnswers, SharedFollows
from region_node.features.social.store import SocialStore
from region_node.federated.sources import RuledSource
from region_node.federation_network import Joined
from region_node.federation_wiring import FederationParts, utc_now
from region_node.ids import jurisdiction_of
from region_node.regions import Regions
from region_node.rulings.access import Reader
from region_node.rulings.circumstances import Question
from region_node.storage.outbox import Pointer
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy
from region_node.stores import Stores

_TELLS_A_NAME = (FOLLOW_REQUESTED, FOLLOW_ACCEPTED, PERSON_UPDATED)


_EDGES = (FOLLOW_REQUESTED, FOLLOW_ENDED, FOLLOW_ACCEPTED, FOLLOW_REVOKED)
_FEED = Question(purpose=Purpose.SOCIAL_FEED, category=DataCategory.IDENTIFIER)


@dataclass(frozen=True, kw_only=True)
class SocialParts:
    """`federation` is asked for when the node runs: it is made of what is joined here."""

    stores: Stores
    regions: Regions
    federation: Callable[[], FederationParts]
    announce: Callable[[Pointer], None]

    def social(self, tenant: str, jurisdiction: str, reader: Reader = Reader.OWN) -> SocialStore:
        """Raises NotHeldHere."""
        return SocialStore(self.stores.of(tenant, jurisdiction, Purpose.SOCIAL_FEED, reader=reader))

    def service(self, tenant: str, jurisdiction: str) -> SocialService:
        rights = self.stores.of(tenant, jurisdiction, Purpose.SOCIAL_FEED, rights=True)
        return SocialService(
            social=self.social(tenant, jurisdiction),
            rights=SocialStore(rights),
            announce=self.announce,
            lives=self._lives,
        )

    def reader(self, tenant: str, jurisdiction: str) -> SocialReader:
        return SocialReader(self.social(tenant, jurisdiction), self._shown)

    def join(self, joined: Joined) -> Joined:
        """Add what leaves, what is handled, and who follows whom, to *joined*."""
        joined.sources |= {
            FOLLOW_REQUESTED.kind: self._source(self._follows),
            FOLLOW_ACCEPTED.kind: self._source(self._answers),
            PROFILE_SHOWN.kind: RuledSource(self._profile, _only),
        }
        joined.follows, joined.asks = _Homes(self._answers), _Homes(self._follows)
        inbound = self.inbound
        joined.inbound.join(FOLLOW_REQUESTED.name, inbound.requested)
        for shown in (WORKOUT_CREATED, WORKOUT_UPDATED):
            joined.inbound.join(shown.name, inbound.workout_shown)
        for back in (PROJECTION_RETRACTED, PURPOSE_WITHDRAWN, PERSON_ERASED):
            joined.inbound.join(back.name, inbound.taken_back)
        return joined

    @cached_property
    def inbound(self) -> SocialInbound:
        return SocialInbound(books=self._books, known=self._known, fed=self._fed, announce=self.announce)

    async def after(self, pointer: PointerLike) -> None:
        """What else has to leave when an edge or a name has changed. Raises as `FederationParts.leave`."""
        event = CATALOGUE[pointer.type]
        person = Person(tenant=pointer.tenant, person_id=pointer.person_id)
        if event in _TELLS_A_NAME:
            profile = Aggregate(person=person, kind=PROFILE_SHOWN.kind, aggregate_id=person.person_id)
            await self.federation().egress.update(profile)
        other = self.regions.active.get(_home(pointer.aggregate_id)) if event in _EDGES else None
        if other is not None and event is FOLLOW_ACCEPTED:
            await self._show_recent(person, other)
        elif other is not None and event in (FOLLOW_ENDED, FOLLOW_REVOKED):
            await self._look_again(person, other)

    async def _look_again(self, person: Person, region: Region) -> None:
        """Where nobody follows any more, what is there is taken back."""
        parts = self.federation()
        if region == parts.network.region:
            return
        followers = await parts.joined.followers(person.tenant, person.person_id)
        if region not in {self.regions.active.get(one) for one in followers}:
            await parts.debts.republish(person, region)

    async def _show_recent(self, person: Person, region: Region) -> None:
        """A page of the newest workouts is owed to the follower's region, whatever it had before."""
        parts = self.federation()
        ids, _ = await parts.joined.sources[WORKOUT_UPDATED.kind].ids(person, "")
        number, since = await parts.sends.next_number(person), utc_now()
        debts = [
            Debt(
                person=person,
                region=region,
                number=number,
                since=since,
                kind=WORKOUT_UPDATED.kind,
                aggregate_id=one,
            )
            for one in ids
        ]
        await parts.sends.record(person, Records(debts=debts))
        parts.debts.hurry()

    def _follows(self, tenant: str, person_id: str) -> SharedFollows:
        return SharedFollows(self.social(tenant, jurisdiction_of(person_id), Reader.WORKER))

    def _answers(self, tenant: str, person_id: str) -> SharedAnswers:
        return SharedAnswers(self.social(tenant, jurisdiction_of(person_id), Reader.WORKER))

    def _source(self, of: Callable[[str, str], SharedFollows | SharedAnswers]) -> RuledSource:
        async def read(tenant: str, person_id: str, other_id: str) -> State | None:
            return await of(tenant, person_id).state(person_id, other_id)

        async def page(tenant: str, person_id: str, after: str) -> tuple[Sequence[str], str]:
            return await of(tenant, person_id).ids(person_id, after)

        return RuledSource(read, page)

    async def _profile(self, tenant: str, person_id: str, _aggregate_id: str) -> State | None:
        jurisdiction = jurisdiction_of(person_id)
        store = self.stores.of(tenant, jurisdiction, Purpose.SOCIAL_FEED, reader=Reader.WORKER)
        found = await AccountStore(store).shown_name(person_id)
        if found is None:
            return None
        name, version = found
        return State(version=version, values={"person_id": person_id, "display_name": name})

    async def _shown(self, references: Sequence[Reference]) -> Sequence[Shown | None]:
        found = await self.federation().projections.get_many(references)
        return [one.data if one else None for one in found]

    def _books(self, tenant: str) -> Iterable[SocialStore]:
        """What others say is kept, or ended, whatever the person lets be done with it now."""
        for jurisdiction in sorted(self.stores.held):
            yield SocialStore(self.stores.unruled(tenant, jurisdiction))

    async def _fed(self, tenant: str, person_id: str) -> bool:
        try:
            return (await self.stores.gate.ruling(tenant, person_id, _FEED)).allowed
        except PersonKeyGone:
            return False

    async def _known(self, tenant: str, person_id: str) -> bool:
        return await self.stores.gate.asked_now(tenant, person_id) is not None

    def _lives(self, jurisdiction: str) -> bool:
        return Jurisdiction(jurisdiction) in self.regions.active


@dataclass(frozen=True, slots=True)
class _Homes:
    """Nobody's, where the person lets no feed be made."""

    of: Callable[[str, str], SharedFollows | SharedAnswers]

    async def __call__(self, tenant: str, person_id: str) -> frozenset[Jurisdiction]:
        try:
            return await self.of(tenant, person_id).homes(person_id)
        except (RefusedByPolicy, PersonKeyGone):
            return frozenset()


def _home(person_id: str) -> Jurisdiction:
    return Jurisdiction(jurisdiction_of(person_id))


async def _only(_tenant: str, person_id: str, after: str) -> tuple[Sequence[str], str]:
    """One profile for each person."""
    return ((), "") if after else ((person_id,), "")
