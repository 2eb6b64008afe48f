"""What follows from a change of a person's standing, from their erasure, and from receipts.

All that was sent under a purpose is taken back at once where any of it may be there no more, and what may
still go is sent again behind it: one message stops all, however much there is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from federation.catalogue import Scope
from federation.egress import ASK_AGAIN_AFTER, DUE_AFTER, MOST_ATTEMPTS, Egress, Overtaken
from federation.egress_ports import terms_of
from federation.errors import BusError
from federation.keyring import Keyring
from federation.outgoing import LOOKED, STATES, Debt, Mark, Person, Reach, Records, TakeBack, terms_text
from federation.ports import Erased, Sender
from federation.posting import new_envelope_id
from federation.receipts import ReceiptRefused, read_receipt, require_receipt_for
from policies.vocabulary import Purpose, Region

LONGEST_PATIENCE = timedelta(minutes=30)
PURPOSES = frozenset(event.purpose for event in STATES.values())


@dataclass(slots=True)
class _Found:
    take_backs: list[TakeBack] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Withdrawals:
    """`told_erased` is told of messages that were taken from the lanes; `hurry` that there are new debts."""

    egress: Egress
    sender: Sender
    keyring: Callable[[], Keyring]
    told_erased: Callable[[Iterable[Erased]], Awaitable[None]]
    hurry: Callable[[], None]

    async def follow(self, person: Person) -> None:
        """Bring what is out there to what a person's standing and the law allow now; repeatable.

        Raises:
            Overtaken, and whatever the records raise: repeat it.
        """
        egress = self.egress
        async with egress.turns.of(person):
            for _ in range(MOST_ATTEMPTS):
                number = await egress.outside.book.next_number(person)
                found = await self._looked(person, number)
                records = Records(take_backs=found.take_backs, marks=found.marks, debts=found.debts)
                if records:
                    await egress.outside.book.record(person, records)
                    await self._carry_out(person, found.take_backs)
                if await egress.outside.book.last_number(person) == number:
                    break
            else:
                raise Overtaken
        if records.debts:
            self.hurry()

    async def recheck(self, person: Person) -> None:
        """As `follow`, for what changes with time alone: a consent that ends, a birthday, another law."""
        found = await self._looked(person, 0)
        if found.take_backs or found.debts or found.marks:
            await self.follow(person)

    async def erase(self, person: Person) -> None:
        """Have every region that was sent anything forget the person; repeatable.

        Raises what the records raise: repeat it.
        """
        book = self.egress.outside.book
        async with self.egress.turns.of(person):
            number = await book.next_number(person)
            reaches = await book.reaches(person)
            asked = {one.region for one in await book.missing(person) if one.scope is Scope.PERSON}
            regions = {reach.region for reach in reaches if reach.kinds} - asked
            if not regions and not asked:
                await book.forget(person)
                return
            take_backs = [self._take_back(person, number, region, None) for region in sorted(regions)]
            await book.record(person, Records(take_backs=take_backs))
            await self._carry_out(person, take_backs)

    async def receipt_arrived(self, person: Person, body: bytes) -> TakeBack:
        """Count a receipt that came under *person*'s subject; the same again changes nothing.

        Raises:
            ReceiptRefused: not signed by its region, or about nothing that is owed.
        """
        egress = self.egress
        receipt = read_receipt(body, self.keyring())
        owed = await egress.outside.book.asked(person, int(receipt.send_number), Region(receipt.region))
        for what in owed:
            if what.envelope_id == receipt.envelope_id:
                break
        else:
            raise ReceiptRefused("not about anything that was asked")
        require_receipt_for(egress.post.retraction(what), receipt)
        if what.receipt:
            return what
        done = replace(what, receipt=body, done_at=receipt.done_at)
        await egress.outside.book.record(person, Records(take_backs=[done]))
        if what.scope is Scope.PERSON:
            missing = await egress.outside.book.missing(person)
            if not any(one.scope is Scope.PERSON for one in missing):
                await egress.outside.book.forget(person)
        return done

    async def ask_again(self, what: TakeBack) -> None:
        """Ask for what has no receipt yet, and count it.

        Raises:
            BusError: it was not asked.
        """
        if what.scope is not Scope.AGGREGATE:
            await self._erase_queued(what.person, [what])
        await self.egress.post.take_back(what)
        later = replace(what, asked=what.asked + 1, next_at=self.egress.clock() + _patience(what.asked + 1))
        await self.egress.outside.book.record(what.person, Records(take_backs=[later]))

    async def _looked(self, person: Person, number: int) -> _Found:
        outside = self.egress.outside
        ground = await outside.grounds.of(person)
        reaches, reachable = await asyncio.gather(
            outside.book.reaches(person), outside.audiences.reachable(person)
        )
        known = {(reach.region, reach.purpose): reach for reach in reaches}
        places = known.keys() | {(region, purpose) for region in reachable for purpose in PURPOSES}
        found = _Found()
        for region, purpose in sorted(places):
            reach = known.get((region, purpose), Reach(region, purpose, {}))
            self._look(person, number, reach, terms_of(ground, purpose, region), found)
        found.debts += [self._debt(person, number, region) for region in _emptied(found.take_backs, reaches)]
        return found

    def _look(self, person: Person, number: int, reach: Reach, now: frozenset[str], found: _Found) -> None:
        lost = not reach.there <= now
        if not lost and now == reach.terms and (not reach.is_behind or not now):
            return
        at = self.egress.clock()
        if lost:
            found.take_backs.append(self._take_back(person, number, reach.region, reach.purpose))
        if now:
            found.debts.append(self._debt(person, number, reach.region))
        found.marks.append(
            Mark(
                region=reach.region,
                purpose=reach.purpose,
                what=LOOKED,
                number=number,
                terms=terms_text(now),
                withdrawn=number if lost else reach.withdrawn,
                at=at,
            )
        )

    def _debt(self, person: Person, number: int, region: Region) -> Debt:
        at = self.egress.clock()
        return Debt(person=person, region=region, number=number, since=at)

    def _take_back(self, person: Person, number: int, region: Region, purpose: Purpose | None) -> TakeBack:
        at = self.egress.clock()
        return TakeBack(
            person=person,
            region=region,
            scope=Scope.PURPOSE if purpose else Scope.PERSON,
            number=number,
            purpose=purpose,
            kind="",
            aggregate_id="",
            envelope_id=new_envelope_id(),
            since=at,
            due_at=at + DUE_AFTER,
            next_at=at + ASK_AGAIN_AFTER,
        )

    async def _carry_out(self, person: Person, take_backs: Sequence[TakeBack]) -> None:
        """Ask first, then overwrite what is still queued; of what other purposes had there, all is owed."""
        if not take_backs:
            return
        await self.egress.ask(take_backs)
        with suppress(BusError):  # it is done again with the next question
            await self._erase_queued(person, take_backs)

    async def _erase_queued(self, person: Person, take_backs: Sequence[TakeBack]) -> None:
        regions = sorted({one.region for one in take_backs})
        await self.told_erased(await self.sender.erase(regions, person.tenant, person.person_id))


def _emptied(take_backs: Sequence[TakeBack], reaches: Sequence[Reach]) -> list[Region]:
    """Regions where other purposes lose what is queued, as erasing it goes by the person alone."""
    lost = {(one.region, one.purpose) for one in take_backs}
    regions = {region for region, _ in lost}
    others = {one.region for one in reaches if one.there and (one.region, one.purpose) not in lost}
    return sorted(regions & others)


def _patience(asked: int) -> timedelta:
    """How long the next receipt is waited for: twice as long each time."""
    longer: int = 2 ** min(asked, 20)
    return min(ASK_AGAIN_AFTER * longer, LONGEST_PATIENCE)
