"""One home of people who are followed, and deliveries from the homes of those who follow them."""

from dataclasses import dataclass, field

from federation.catalogue import (
    FOLLOW_REQUESTED,
    PERSON_ERASED,
    PROJECTION_RETRACTED,
    PURPOSE_WITHDRAWN,
    WORKOUT_UPDATED,
)
from federation.codec import SCHEMAS
from federation.inbound import Arrived, Way
from federation.topology import Lane
from policies.vocabulary import Purpose
from region_node.features.social.inbound import SocialInbound
from region_node.features.social.model import reference_to
from region_node.features.social.service import SocialService
from region_node.features.social.sharing import SharedAnswers
from region_node.features.social.store import SocialStore
from tests.support.envelopes import envelope_of
from tests.support.federation import BR

TENANT = "t1"


def arrived(event, subject, aggregate_id, number, **data):
    """*event* as ingress hands it over."""
    _, schema = SCHEMAS[event.number, event.version]
    envelope = envelope_of(
        event, tenant=TENANT, subject=subject, aggregateid=aggregate_id, sendnumber=str(number)
    )
    return Arrived(
        way=Way(BR, Lane.INTERACTIVE), envelope=envelope, event=event, data=schema(person_id=subject, **data)
    )


def asks(follower_id, person_id, number, version):
    data = {"followed_id": person_id, "version": version}
    return arrived(FOLLOW_REQUESTED, follower_id, reference_to(TENANT, person_id), number, **data)


def ends(follower_id, person_id, number):
    data = {"purpose": Purpose.SOCIAL_FEED, "kind": "follow"}
    return arrived(PROJECTION_RETRACTED, follower_id, reference_to(TENANT, person_id), number, **data)


def withdraws(follower_id, number):
    return arrived(PURPOSE_WITHDRAWN, follower_id, follower_id, number, purpose=Purpose.SOCIAL_FEED)


def is_erased(person_id, number):
    return arrived(PERSON_ERASED, person_id, person_id, number)


def shows(author_id, workout_id, number, **data):
    return arrived(WORKOUT_UPDATED, author_id, workout_id, number, workout_id=workout_id, **data)


@dataclass
class Home:
    stores: object
    told: list = field(default_factory=list)

    @property
    def book(self):
        return SocialStore(self.stores.unruled(TENANT, "eu"))

    @property
    def own(self):
        return SocialStore(self.stores.of(TENANT, "eu", Purpose.SOCIAL_FEED))

    @property
    def service(self):
        rights = SocialStore(self.stores.of(TENANT, "eu", Purpose.SOCIAL_FEED, rights=True))
        lives = {"br", "eu", "us", "us-ca"}.__contains__
        return SocialService(social=self.own, rights=rights, announce=self.told.append, lives=lives)

    @property
    def inbound(self):
        return SocialInbound(
            books=lambda _: [self.book], known=self._known, fed=self._fed, announce=self.told.append
        )

    async def take(self, one):
        if one.takes_back:
            await self.inbound.taken_back(one)
        elif one.event is FOLLOW_REQUESTED:
            await self.inbound.requested(one)
        else:
            await self.inbound.workout_shown(one)

    async def is_accepted(self, person_id, follower_id):
        """Whether the follower's home is told so."""
        return await SharedAnswers(self.own).state(person_id, reference_to(TENANT, follower_id)) is not None

    async def _known(self, tenant, person_id):
        return await self.stores.gate.asked_now(tenant, person_id) is not None

    async def _fed(self, _tenant, _person_id):
        return True
