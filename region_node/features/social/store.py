"""Rows of who follows whom, of blocks, and of the places in feeds."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec

from federation.catalogue import FOLLOW_ACCEPTED, FOLLOW_ENDED, FOLLOW_REQUESTED, FOLLOW_REVOKED
from policies.vocabulary import Jurisdiction
from region_node.features.social.model import Answer, FeedPlace, Follow, FollowRequest, reference_to
from region_node.features.social.rows import answer_of, follow_of, place_of, request_of
from region_node.features.social.tables import (
    BLOCKS,
    FEED,
    FOLLOW_ANSWERS,
    FOLLOW_REQUESTS,
    FOLLOW_REQUESTS_BY,
    FOLLOWS,
    FOLLOWS_OF,
)
from region_node.ids import SEPARATOR, jurisdiction_of
from region_node.storage.engine import Delete, Key, Put, Row, Slice, Write
from region_node.storage.outbox import EVENT, Outbox, Pointer
from region_node.storage.schema import Table
from region_node.storage.store import TenantStore
from region_node.storage.values import number, text

PAGE = 50
_AFTER_ALL = "~"
"""Above every character of an id."""


@dataclass(frozen=True, slots=True)
class SocialStore:
    """Bound to one tenant and jurisdiction, that of the person whose row it is."""

    store: TenantStore

    async def require_allowed(self, person_id: str) -> None:
        """Raises RefusedByPolicy: a row that is not there yet refuses nothing by itself."""
        await self.store.withheld(FOLLOWS, person_id)

    async def follow(self, person_id: str, followed_id: str) -> Follow | None:
        return await self.follow_by(person_id, self.reference(followed_id))

    async def follow_by(self, person_id: str, followed: str) -> Follow | None:
        """By the reference to the one who is followed."""
        row = await self.store.get(FOLLOWS, person_id, followed)
        return follow_of(row) if row else None

    def reference(self, person_id: str) -> str:
        return reference_to(self.store.tenant, person_id)

    async def follows(self, person_id: str, limit: int = PAGE, after: str = "") -> tuple[list[Follow], str]:
        """A page, those that have ended too, and the id after which the next begins."""
        rows, further = await self._page(FOLLOWS, person_id, limit, after)
        return [follow_of(row) for row in rows], further

    async def follows_of(self, person_id: str, people: Sequence[str]) -> dict[str, Follow]:
        """Of *people*, at most 100, those whom the person follows."""
        rows = await self.store.get_many(FOLLOWS, [(person_id, self.reference(one)) for one in people])
        return {found.followed_id: found for found in (follow_of(row) for row in rows if row) if found.active}

    async def put_follow(self, follow: Follow) -> Pointer:
        """With the entry by which it is found, and what tells of it, in one batch."""
        followed = self.reference(follow.followed_id)
        event = FOLLOW_REQUESTED if follow.active else FOLLOW_ENDED
        pointer = self._pointer(event.name, (follow.person_id, followed), follow.version)
        found: Write = (
            Put(FOLLOWS_OF, {"followed": followed, "person_id": follow.person_id})
            if follow.active
            else Delete(FOLLOWS_OF, (followed, follow.person_id))
        )
        row: Row = {**msgspec.structs.asdict(follow), "followed": followed}
        await self.store.write(Put(FOLLOWS, row), found, pointer.put())
        return pointer

    async def forget_follow(self, person_id: str, followed_id: str) -> None:
        """Leave nothing of a follow whose other end was erased."""
        followed = self.reference(followed_id)
        await self.store.write(
            Delete(FOLLOWS, (person_id, followed)), Delete(FOLLOWS_OF, (followed, person_id))
        )

    async def followers_here(self, followed_id: str) -> AsyncIterator[list[str]]:
        """Pages of the people of this jurisdiction who follow, accepted or not."""
        async for rows in self._all(FOLLOWS_OF, self.reference(followed_id)):
            yield [text(row, "person_id") for row in rows]

    async def request(self, person_id: str, follower_id: str) -> FollowRequest | None:
        row = await self.store.get(FOLLOW_REQUESTS_BY, *self._ends(person_id, follower_id))
        return request_of(row, follower_id) if row and row["active"] else None

    async def requests(
        self, person_id: str, limit: int = PAGE, after: str = ""
    ) -> tuple[list[FollowRequest], str]:
        """A page of those that stand, which may be short, and the place after which the next begins."""
        rows, further = await self._page(FOLLOW_REQUESTS, person_id, limit, after)
        people = [text(row, "follower_id") for row in rows]
        keys: list[Key] = [self._ends(person_id, one) for one in people]
        found = await self.store.get_many(FOLLOW_REQUESTS_BY, keys) if keys else []
        stand = zip(people, found, strict=True)
        return [request_of(row, one) for one, row in stand if row and row["active"]], further

    async def put_request(self, request: FollowRequest, number: int) -> Pointer | None:
        """*number* is a send number of the follower: the highest stands, whatever comes first.

        Returns what tells of it, where just this request was accepted before.
        """
        person_id, follower_id = request.person_id, request.follower_id
        follower, asked = self._ends(person_id, follower_id)
        row: Row = {"person_id": person_id, "follower": follower, "follower_id": follower_id}
        await self.store.write(Put(FOLLOW_REQUESTS, row))
        told: Row = {"follower": follower, "asked": asked, "person_id": person_id}
        await self._note({**told, "version": request.version, "number": number, "active": True})
        return await self._answer_again(person_id, follower_id, FOLLOW_ACCEPTED.name)

    async def end_request(self, asked: str, follower_id: str, number: int) -> Pointer | None:
        """Take back what was asked before *number* of the one whom the reference *asked* stands for.

        Returns what tells of it, where it was accepted. The answer stays: it counts again only for the
        version that it is about.
        """
        follower = self.reference(follower_id)
        before = await self.store.get(FOLLOW_REQUESTS_BY, follower, asked)
        person_id = text(before, "person_id") if before else ""
        told: Row = {"follower": follower, "asked": asked, "person_id": person_id}
        await self._note({**told, "version": 0, "number": number, "active": False})
        if not person_id:
            return None
        return await self._answer_again(person_id, follower_id, FOLLOW_REVOKED.name)

    async def forget_follower(self, asked: str, follower_id: str) -> Pointer | None:
        """Leave nothing of somebody who was erased; nothing of theirs comes after that."""
        follower = self.reference(follower_id)
        before = await self.store.get(FOLLOW_REQUESTS_BY, follower, asked)
        if before is None:
            return None
        person_id = text(before, "person_id")
        told = await self._answer_again(person_id, follower_id, FOLLOW_REVOKED.name) if person_id else None
        tables = (FOLLOW_REQUESTS, FOLLOW_ANSWERS, BLOCKS) if person_id else ()
        for table in tables:
            await self.store.write(Delete(table, (person_id, follower)))
        await self.store.release(FOLLOW_REQUESTS_BY, (follower, asked), {"person_id": person_id})
        return told

    async def _note(self, row: Row) -> None:
        """Of two with one number, which are one that came twice, the first stands."""
        before = await self.store.get(FOLLOW_REQUESTS_BY, row["follower"], row["asked"])
        while before is None or number(before, "number") < number(row, "number"):
            if before is None:
                claim = await self.store.claim(FOLLOW_REQUESTS_BY, row)
            else:
                expected = {"number": before["number"]}
                claim = await self.store.swap(FOLLOW_REQUESTS_BY, expected, row)
            if claim.won:
                return
            before = claim.row or None

    async def _answer_again(self, person_id: str, follower_id: str, event: str) -> Pointer | None:
        """Have an answer that was given looked at again, now that the request is another."""
        answer = await self.answer(person_id, follower_id)
        request = await self.request(person_id, follower_id)
        if answer is None or not answer.accepted:
            return None
        if answer.counts_for(request) is not (event == FOLLOW_ACCEPTED.name):
            return None
        pointer = self._pointer(event, (person_id, self.reference(follower_id)), answer.version)
        await self.store.write(pointer.put())
        return pointer

    def _ends(self, person_id: str, follower_id: str) -> tuple[str, str]:
        return self.reference(follower_id), self.reference(person_id)

    async def asked_here(self, follower_id: str) -> AsyncIterator[list[str]]:
        """Pages of references to the people of this jurisdiction whom somebody has asked, ended or not."""
        async for rows in self._all(FOLLOW_REQUESTS_BY, self.reference(follower_id)):
            yield [text(row, "asked") for row in rows]

    async def answer(self, person_id: str, follower_id: str) -> Answer | None:
        return await self.answer_by(person_id, self.reference(follower_id))

    async def answer_by(self, person_id: str, follower: str) -> Answer | None:
        """By the reference to the follower."""
        row = await self.store.get(FOLLOW_ANSWERS, person_id, follower)
        return answer_of(row) if row else None

    async def answers(self, person_id: str, followers: Sequence[str]) -> dict[str, Answer]:
        rows = await self.store.get_many(
            FOLLOW_ANSWERS, [(person_id, self.reference(one)) for one in followers]
        )
        return {found.follower_id: found for found in (answer_of(row) for row in rows if row)}

    async def answer_references(self, person_id: str, after: str) -> tuple[list[str], str]:
        rows, further = await self._page(FOLLOW_ANSWERS, person_id, PAGE, after)
        return [text(row, "follower") for row in rows], further

    async def put_answer(self, answer: Answer) -> Pointer:
        event = FOLLOW_ACCEPTED if answer.accepted else FOLLOW_REVOKED
        follower = self.reference(answer.follower_id)
        pointer = self._pointer(event.name, (answer.person_id, follower), answer.version)
        row: Row = {**msgspec.structs.asdict(answer), "follower": follower}
        await self.store.write(Put(FOLLOW_ANSWERS, row), pointer.put())
        return pointer

    async def is_blocked(self, person_id: str, other_id: str) -> bool:
        return await self.store.get(BLOCKS, person_id, self.reference(other_id)) is not None

    async def blocked(self, person_id: str, people: Sequence[str]) -> set[str]:
        rows = await self.store.get_many(BLOCKS, [(person_id, self.reference(one)) for one in people])
        return {text(row, "blocked_id") for row in rows if row}

    async def blocks(self, person_id: str, limit: int, after: str) -> tuple[list[str], str]:
        rows, further = await self._page(BLOCKS, person_id, limit, after)
        return [text(row, "blocked_id") for row in rows], further

    async def put_block(self, person_id: str, other_id: str) -> None:
        row: Row = {"person_id": person_id, "blocked": self.reference(other_id), "blocked_id": other_id}
        await self.store.write(Put(BLOCKS, row))

    async def delete_block(self, person_id: str, other_id: str) -> None:
        await self.store.write(Delete(BLOCKS, (person_id, self.reference(other_id))))

    async def put_place(self, place: FeedPlace) -> None:
        row: Row = {**msgspec.structs.asdict(place), "author": self.reference(place.author_id)}
        await self.store.write(Put(FEED, row))

    async def feed(self, person_id: str, limit: int, after: Key) -> tuple[list[FeedPlace], Key | None]:
        """Newest start first."""
        page = await self.store.slice(FEED, Slice(partition=(person_id,), limit=limit, after=after))
        return [place_of(row) for row in page.rows], page.after

    async def accepted_jurisdictions(self, person_id: str) -> frozenset[Jurisdiction]:
        """Where those live whose request was accepted; reads for each jurisdiction, not for each person."""

        async def counts(row: Row) -> bool:
            answer = answer_of(row)
            return answer.accepted and answer.counts_for(await self.request(person_id, answer.follower_id))

        return await self._jurisdictions(FOLLOW_ANSWERS, person_id, counts)

    async def asked_jurisdictions(self, person_id: str) -> frozenset[Jurisdiction]:
        """Where those live whom the person follows or has asked to."""

        async def counts(row: Row) -> bool:
            return follow_of(row).active

        return await self._jurisdictions(FOLLOWS, person_id, counts)

    async def _jurisdictions(
        self, table: Table, person_id: str, counts: Callable[[Row], Awaitable[bool]]
    ) -> frozenset[Jurisdiction]:
        """Of the others in a person's rows that count; after one, the rest of its jurisdiction is skipped."""
        found, after = set[Jurisdiction](), ""
        while True:
            rows, further = await self._page(table, person_id, PAGE, after)
            one = await _first(rows, counts)
            if one is None and not further:
                return frozenset(found)
            if one is None:
                after = further
                continue
            home = Jurisdiction(jurisdiction_of(text(one, table.clustering[0])))
            found.add(home)
            after = f"{home}{SEPARATOR}{_AFTER_ALL}"

    async def _page(self, table: Table, person_id: str, limit: int, after: str) -> tuple[list[Row], str]:
        key: Key = (after,) if after else ()
        page = await self.store.slice(table, Slice(partition=(person_id,), limit=limit, after=key))
        return page.rows, str(page.after[-1]) if page.after else ""

    async def _all(self, table: Table, partition: str) -> AsyncIterator[list[Row]]:
        after = ""
        while True:
            rows, after = await self._page(table, partition, PAGE, after)
            yield rows
            if not after:
                return

    def _pointer(self, event: str, pair: tuple[str, str], version: int) -> Pointer:
        return Outbox(self.store).pointer(EVENT, event, *pair, version)


async def _first(rows: Sequence[Row], counts: Callable[[Row], Awaitable[bool]]) -> Row | None:
    for row in rows:
        if await counts(row):
            return row
    return None
