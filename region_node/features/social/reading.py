"""Lists of people and the feed: own rows, filled in with what this region may show of others now."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from federation.catalogue import FOLLOW_ACCEPTED, PROFILE_SHOWN, WORKOUT_UPDATED, EventType
from federation.inbound import Reference
from region_node.features.social.model import Answer, FeedPlace, Follow, FollowRequest, FollowState
from region_node.features.social.resources import FeedItem, PersonItem
from region_node.features.social.store import SocialStore
from region_node.storage.engine import Key

MAX_ITEMS = 50
"""So that what an item is made of can be read together."""

Shown = Mapping[str, Any]
Projections = Callable[[Sequence[Reference]], Awaitable[Sequence[Shown | None]]]
"""What may be seen of at most 100 projections, in their order; None where nothing may."""


@dataclass(frozen=True, slots=True)
class SocialReader:
    """Of one tenant and jurisdiction."""

    social: SocialStore
    projections: Projections

    async def following(self, person_id: str, limit: int, after: str) -> tuple[list[PersonItem], str]:
        follows, further = await self.social.follows(person_id, limit, after)
        active = [follow for follow in follows if follow.active]
        people = [follow.followed_id for follow in active]
        names, accepted = await self._names(people), await self._answers(person_id, people)
        return [
            PersonItem(
                person_id=follow.followed_id,
                state=_state(follow, accepted.get(follow.followed_id)),
                display_name=names.get(follow.followed_id),
            )
            for follow in active
        ], further

    async def followers(
        self, person_id: str, state: FollowState, limit: int, after: str
    ) -> tuple[list[PersonItem], str]:
        """Who asks, or was accepted. Those who were refused or blocked are in neither list."""
        requests, further = await self.social.requests(person_id, limit, after)
        people = [request.follower_id for request in requests]
        answers = await self.social.answers(person_id, people)
        blocked = await self.social.blocked(person_id, people)
        wanted = [
            request.follower_id
            for request in requests
            if request.follower_id not in blocked
            and _state_of(request, answers.get(request.follower_id)) is state
        ]
        names = await self._names(wanted)
        return [
            PersonItem(person_id=one, state=state, display_name=names.get(one)) for one in wanted
        ], further

    async def feed(self, person_id: str, limit: int, after: Key) -> tuple[list[FeedItem], Key | None]:
        """What was taken back, is out of its lease, or is of somebody who is not followed, is not there."""
        places, further = await self.social.feed(person_id, limit, after)
        authors = list(dict.fromkeys(place.author_id for place in places))
        if not authors:
            return [], further
        seen = await self._seen(person_id, authors)
        kept = [place for place in places if place.author_id in seen]
        names = await self._names(list(seen))
        shown = await self.projections([self._of(WORKOUT_UPDATED, *_aggregate(place)) for place in kept])
        items = (_item(place, one, names) for place, one in zip(kept, shown, strict=True))
        return [item for item in items if item is not None], further

    async def _seen(self, person_id: str, authors: Sequence[str]) -> set[str]:
        """Those of *authors* whom the person follows, who have accepted that, and whom they do not block."""
        follows = await self.social.follows_of(person_id, authors)
        accepted = await self._answers(person_id, list(follows))
        blocked = await self.social.blocked(person_id, list(follows))
        return {
            one
            for one, follow in follows.items()
            if one not in blocked and _state(follow, accepted.get(one)) is FollowState.ACCEPTED
        }

    async def _names(self, people: Sequence[str]) -> dict[str, str]:
        shown = await self.projections([self._of(PROFILE_SHOWN, one, one) for one in people])
        return {
            one: str(found["display_name"])
            for one, found in zip(people, shown, strict=True)
            if found and "display_name" in found
        }

    async def _answers(self, person_id: str, people: Sequence[str]) -> dict[str, Shown]:
        own = self.social.reference(person_id)
        shown = await self.projections([self._of(FOLLOW_ACCEPTED, one, own) for one in people])
        return {one: found for one, found in zip(people, shown, strict=True) if found}

    def _of(self, event: EventType, subject: str, aggregate_id: str) -> Reference:
        return Reference(
            tenant=self.social.store.tenant,
            subject=subject,
            purpose=event.purpose,
            kind=event.kind,
            aggregate_id=aggregate_id,
        )


def _state(follow: Follow, answer: Shown | None) -> FollowState:
    accepted = answer is not None and answer.get("version") == follow.version
    return FollowState.ACCEPTED if accepted else FollowState.REQUESTED


def _state_of(request: FollowRequest, answer: Answer | None) -> FollowState | None:
    """None where it was refused."""
    if answer is None or not answer.counts_for(request):
        return FollowState.REQUESTED
    return FollowState.ACCEPTED if answer.accepted else None


def _aggregate(place: FeedPlace) -> tuple[str, str]:
    return place.author_id, place.workout_id


def _item(place: FeedPlace, shown: Shown | None, names: Mapping[str, str]) -> FeedItem | None:
    """None as well where the workout has another start by now: it has another place then."""
    if shown is None or "started_at" not in shown:
        return None
    known = {name: shown[name] for name in FeedItem.__struct_fields__ if name in shown}
    item = msgspec.convert(known | {"display_name": names.get(place.author_id)}, FeedItem)
    return item if item.started_at == place.started_at else None
