"""Following, answering, blocking: each changes one half, at the home of the person whose word it is."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from region_node.errors import NotFound
from region_node.features.social.model import Answer, Follow, FollowRequest
from region_node.features.social.problems import Blocked, NotYourself
from region_node.features.social.store import SocialStore
from region_node.ids import jurisdiction_of
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

_LEASE = "social"


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialService:
    """Of one tenant and jurisdiction. `lives` says whether people of a jurisdiction have a home anywhere.

    To follow and to accept take what policy asks for; to end and to block are everybody's right (`rights`).
    """

    social: SocialStore
    rights: SocialStore
    announce: Callable[[Pointer], None]
    lives: Callable[[str], bool]

    async def follow(self, person_id: str, other_id: str) -> Follow:
        """Ask to follow; repeating it asks once. Whether there is such a person, their home knows.

        Raises:
            NotFound: it is no person's id; NotYourself; Blocked; RefusedByPolicy.
        """
        self._require_other(person_id, other_id)
        await self.social.require_allowed(person_id)
        async with Leases(self.social.store).hold(_LEASE, person_id):
            if await self.social.is_blocked(person_id, other_id):
                raise Blocked
            before = await self.social.follow(person_id, other_id)
            if before is not None and before.active:
                return before
            version = before.version + 1 if before else 1
            follow = Follow(person_id=person_id, followed_id=other_id, version=version, active=True)
            self.announce(await self.social.put_follow(follow))
        return follow

    async def unfollow(self, person_id: str, other_id: str) -> None:
        """Raises NotFound: it is no person's id, as all below do."""
        _require_id(other_id)
        async with Leases(self.rights.store).hold(_LEASE, person_id):
            await self._end_follow(person_id, other_id)

    async def accept(self, person_id: str, follower_id: str) -> None:
        """Raises NotFound: nobody asks, or the caller has blocked them; RefusedByPolicy."""
        _require_id(follower_id)
        await self.social.require_allowed(person_id)
        async with Leases(self.social.store).hold(_LEASE, person_id):
            request = await self.social.request(person_id, follower_id)
            if request is None or await self.social.is_blocked(person_id, follower_id):
                raise NotFound
            await self._answer(request, accepted=True)

    async def refuse(self, person_id: str, follower_id: str) -> None:
        """Refuse, or end what was accepted; the same where nobody asks."""
        _require_id(follower_id)
        async with Leases(self.rights.store).hold(_LEASE, person_id):
            await self._refuse(person_id, follower_id)

    async def block(self, person_id: str, other_id: str) -> None:
        """End the edge both ways; what the other asks from now on is not kept.

        Raises:
            NotFound, NotYourself
        """
        self._require_other(person_id, other_id)
        async with Leases(self.rights.store).hold(_LEASE, person_id):
            await self.rights.put_block(person_id, other_id)
            await self._end_follow(person_id, other_id)
            await self._refuse(person_id, other_id)

    async def unblock(self, person_id: str, other_id: str) -> None:
        _require_id(other_id)
        async with Leases(self.rights.store).hold(_LEASE, person_id):
            await self.rights.delete_block(person_id, other_id)

    async def _end_follow(self, person_id: str, other_id: str) -> None:
        before = await self.rights.follow(person_id, other_id)
        if before is not None and before.active:
            ended = replace(before, version=before.version + 1, active=False)
            self.announce(await self.rights.put_follow(ended))

    async def _refuse(self, person_id: str, follower_id: str) -> None:
        request = await self.rights.request(person_id, follower_id)
        if request is not None:
            await self._answer(request, accepted=False)

    async def _answer(self, request: FollowRequest, *, accepted: bool) -> None:
        answer = Answer(
            person_id=request.person_id,
            follower_id=request.follower_id,
            version=request.version,
            accepted=accepted,
        )
        if await self.rights.answer(request.person_id, request.follower_id) != answer:
            self.announce(await self.rights.put_answer(answer))

    def _require_other(self, person_id: str, other_id: str) -> None:
        if person_id == other_id:
            raise NotYourself
        if not self.lives(_require_id(other_id)):
            raise NotFound


def _require_id(person_id: str) -> str:
    """The jurisdiction that the id of a person names."""
    try:
        return jurisdiction_of(person_id)
    except ValueError:
        raise NotFound from None
