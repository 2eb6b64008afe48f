"""What of follows and answers leaves: each half as its owner's home has it now."""

from collections.abc import Sequence
from dataclasses import dataclass

from federation.outgoing import State
from policies.vocabulary import Jurisdiction
from region_node.features.social.store import SocialStore


@dataclass(frozen=True, slots=True)
class SharedFollows:
    """Follows of one home, bound by its store to the purpose of the feed."""

    social: SocialStore

    async def state(self, person_id: str, followed: str) -> State | None:
        """None where it has ended, or its owner has blocked the one whom *followed* refers to."""
        follow = await self.social.follow_by(person_id, followed)
        if follow is None or not follow.active:
            return None
        if await self.social.is_blocked(person_id, follow.followed_id):
            return None
        values = {"person_id": person_id, "followed_id": follow.followed_id, "version": follow.version}
        return State(version=follow.version, values=values, other=follow.followed_id)

    async def ids(self, person_id: str, after: str) -> tuple[Sequence[str], str]:
        follows, further = await self.social.follows(person_id, after=after)
        return [self.social.reference(follow.followed_id) for follow in follows], further

    async def homes(self, person_id: str) -> frozenset[Jurisdiction]:
        return await self.social.asked_jurisdictions(person_id)


@dataclass(frozen=True, slots=True)
class SharedAnswers:
    """As `SharedFollows`, of the answers that the followed give."""

    social: SocialStore

    async def state(self, person_id: str, follower: str) -> State | None:
        """None unless what was accepted is what is asked now, and nobody is blocked."""
        answer = await self.social.answer_by(person_id, follower)
        if answer is None or not answer.accepted:
            return None
        follower_id = answer.follower_id
        if await self.social.is_blocked(person_id, follower_id):
            return None
        if not answer.counts_for(await self.social.request(person_id, follower_id)):
            return None
        values = {"person_id": person_id, "follower_id": follower_id, "version": answer.version}
        return State(version=answer.version, values=values, other=follower_id)

    async def ids(self, person_id: str, after: str) -> tuple[Sequence[str], str]:
        return await self.social.answer_references(person_id, after)

    async def homes(self, person_id: str) -> frozenset[Jurisdiction]:
        return await self.social.accepted_jurisdictions(person_id)
