"""What comes in: requests to follow, what ends them, and places in the feeds of followers who live here.

Everything may come again, late, and in any order. Of requests the one with the highest send number of the
follower's home stands; places in feeds hold references, and what they refer to is read as a projection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from federation.catalogue import FOLLOW_REQUESTED, Scope
from federation.inbound import Arrived
from policies.vocabulary import Purpose
from region_node.features.social.model import FeedPlace, FollowRequest
from region_node.features.social.store import SocialStore
from region_node.ids import jurisdiction_of
from region_node.storage.outbox import Pointer

Books = Callable[[str], Iterable[SocialStore]]
"""By tenant, a store for each jurisdiction that this region holds."""

Asked = Callable[[str, str], Awaitable[bool]]
"""An answer about a person of a tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocialInbound:
    """`books` keep what others say, whatever a person allows now.

    `known` says whether there is such a person, `fed` whether they let a feed be made for them.
    """

    books: Books
    known: Asked
    fed: Asked
    announce: Callable[[Pointer], None]

    async def requested(self, arrived: Arrived) -> None:
        """Who is not there, or has blocked the other, is not asked."""
        tenant, follower_id = arrived.envelope.tenant, arrived.envelope.subject
        person_id = str(getattr(arrived.data, "followed_id", ""))
        version = getattr(arrived.data, "version", None)
        book = self._book(tenant, person_id)
        if book is None or book.reference(person_id) != arrived.envelope.aggregateid:
            return
        if not isinstance(version, int) or not await self.known(tenant, person_id):
            return
        if await book.is_blocked(person_id, follower_id):
            return
        request = FollowRequest(person_id=person_id, follower_id=follower_id, version=version)
        self._tell(await book.put_request(request, arrived.number))

    async def taken_back(self, arrived: Arrived) -> None:
        """End what *arrived* takes back: one request, all of a person's, or everything that names them."""
        reference, scope = arrived.reference, arrived.takes_back
        if scope is Scope.AGGREGATE:
            if reference.kind == FOLLOW_REQUESTED.kind:
                await self._end(arrived, reference.aggregate_id)
        elif scope is Scope.PERSON or arrived.purpose is Purpose.SOCIAL_FEED:
            await self._end_all(arrived)

    async def workout_shown(self, arrived: Arrived) -> None:
        """A place in the feed of each follower here; one that is not told when it began has none."""
        started_at = getattr(arrived.data, "started_at", None)
        if not isinstance(started_at, datetime):
            return
        tenant, author_id = arrived.envelope.tenant, arrived.envelope.subject

        async def show(book: SocialStore, person_id: str) -> None:
            place = FeedPlace(
                person_id=person_id,
                started_at=started_at,
                author_id=author_id,
                workout_id=arrived.envelope.aggregateid,
            )
            if await self.fed(tenant, person_id):
                await book.put_place(place)

        for book in self.books(tenant):
            async for people in book.followers_here(author_id):
                await asyncio.gather(*(show(book, person_id) for person_id in people))

    async def _end_all(self, arrived: Arrived) -> None:
        tenant, other_id = arrived.envelope.tenant, arrived.envelope.subject
        for book in self.books(tenant):
            async for people in book.asked_here(other_id):
                for asked in people:
                    await self._end(arrived, asked)
            if arrived.takes_back is Scope.PERSON:
                await self._forget(book, other_id)

    async def _forget(self, book: SocialStore, erased_id: str) -> None:
        async for people in book.asked_here(erased_id):
            for asked in people:
                self._tell(await book.forget_follower(asked, erased_id))
        async for people in book.followers_here(erased_id):
            for person_id in people:
                await book.forget_follow(person_id, erased_id)

    async def _end(self, arrived: Arrived, asked: str) -> None:
        book = self._book(arrived.envelope.tenant, asked)
        if book is not None:
            self._tell(await book.end_request(asked, arrived.envelope.subject, arrived.number))

    def _tell(self, pointer: Pointer | None) -> None:
        if pointer is not None:
            self.announce(pointer)

    def _book(self, tenant: str, person_id: str) -> SocialStore | None:
        """Of a person, or a reference to one; None where they have no home here."""
        try:
            jurisdiction = jurisdiction_of(person_id)
        except ValueError:
            return None
        return next((one for one in self.books(tenant) if one.store.jurisdiction == jurisdiction), None)
