"""What regions are still owed, worked off: republishing, and what a full lane or a paused peer left behind.

A debt is durable and says which person or aggregate, not what: what goes is decided when it goes. Each part
of the debts gets a turn in each round, in an order of its own, so that no tenant and no person waits for
another that has much. A region that takes nothing is left alone for a while, and longer each time.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from federation.egress import Egress, Overtaken
from federation.egress_ports import Owed
from federation.errors import BusError
from federation.outgoing import STATES, Aggregate, Debt, Person, Records
from federation.withdrawing import Withdrawals
from policies.vocabulary import Region

ROUND_EVERY_S = 10.0
TOGETHER = 100
"""People, or questions, of one part in one round."""

OF_EACH = 25
"""Debts of one person in one round."""

SHORTEST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0


@dataclass(slots=True)
class Patience:
    """When a region is tried again: twice as long each time, spread by a random factor, and bounded."""

    clock: Callable[[], float] = time.monotonic
    _pause_s: float = 0.0
    _until: float = float("-inf")

    def is_over(self) -> bool:
        return self.clock() >= self._until

    def failed(self) -> None:
        self._pause_s = min(max(SHORTEST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        spread = random.uniform(0.7, 1.0)  # noqa: S311 - spreads retries, guards nothing  # nosec B311
        self._until = self.clock() + self._pause_s * spread

    def succeeded(self) -> None:
        self._pause_s, self._until = 0.0, float("-inf")


@dataclass(slots=True)
class _Share:
    """How many people, and debts of the last of them, had their turn."""

    person: str = ""
    people: int = 0
    debts: int = 0

    def count(self, person: str) -> None:
        if person != self.person:
            self.person, self.people, self.debts = person, self.people + 1, 0
        self.debts += 1


@dataclass(frozen=True, kw_only=True)
class Debts:
    """`destinations` are those there are now; `run` until cancelled."""

    egress: Egress
    withdrawals: Withdrawals
    destinations: Callable[[], Iterable[Region]]
    on_fault: Callable[[Exception], None]
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _patience: dict[Region, Patience] = field(default_factory=dict)

    def hurry(self) -> None:
        """There is something new."""
        self._wanted.set()

    def reset(self, region: Region) -> None:
        """Try *region* at once, however often it failed."""
        self._patience.pop(region, None)
        self.hurry()

    async def republish(self, person: Person, region: Region) -> None:
        """Have *region* get all that it may have of *person*, and lose what it may not; durable, soon done.

        Raises whatever the records raise: repeat it.
        """
        book = self.egress.outside.book
        number = await book.next_number(person)
        debt = Debt(person=person, region=region, number=number, since=self.egress.clock())
        await book.record(person, Records(debts=[debt]))
        self.hurry()

    async def republish_all(self, people: AsyncIterator[Person], region: Region) -> int:
        """As `republish` of each of *people*; if it is stopped, begin again: nothing goes twice for that."""
        count = 0
        async for person in people:
            await self.republish(person, region)
            count += 1
        return count

    async def run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), ROUND_EVERY_S)
            self._wanted.clear()
            if await self.round():
                self._wanted.set()

    async def round(self) -> int:
        """Pay a part of what is due everywhere; returns how much was paid, 0 when there is no more to do."""
        return sum(await asyncio.gather(*(self._pay(region) for region in self.destinations())))

    async def _pay(self, region: Region) -> int:
        parts = list(self.egress.outside.book.owed(region, self.egress.clock()))
        random.shuffle(parts)
        paid = 0
        for part in parts:
            paid += await self._ask_again(part)
            paid += await self._pay_part(part, region)
        return paid

    async def _ask_again(self, part: Owed) -> int:
        """Their lane is another, so a region that takes nothing else is asked all the same."""
        asked = 0
        for question in await part.questions(TOGETHER):
            try:
                await self.withdrawals.ask_again(question)
            except BusError:
                return asked
            asked += 1
        return asked

    async def _pay_part(self, part: Owed, region: Region) -> int:
        """Some of each person's, then those of the next one."""
        paid, share, beyond = 0, _Share(), ""
        while True:
            async for debt in part.debts(beyond):
                share.count(debt.person.person_id)
                if share.people > TOGETHER or not self._of(region).is_over():
                    return paid
                if share.debts > OF_EACH:
                    beyond = share.person
                    break
                paid += await self._tried(debt)
            else:
                return paid

    async def _tried(self, debt: Debt) -> bool:
        if debt.kind and self.egress.outside.peers.held(debt.region, STATES[debt.kind]):
            return False
        try:
            return await self._pay_debt(debt)
        except Overtaken:
            return False
        except Exception as fault:  # noqa: BLE001 - one debt must not hold back the others
            self.on_fault(fault)
            return False

    async def _pay_debt(self, debt: Debt) -> bool:
        if not debt.kind:
            return await self._pay_everything(debt)
        aggregate = Aggregate(person=debt.person, kind=debt.kind, aggregate_id=debt.aggregate_id)
        if not await self._bring(aggregate, debt.region):
            return False
        await self.egress.outside.book.settle(debt)
        return True

    async def _pay_everything(self, debt: Debt) -> bool:
        """A page of what there is and was, then the place is kept; ids that were sent find what is gone."""
        step, kind, after = _place(debt.cursor)
        kinds = sorted(self.egress.outside.sources)
        if not kinds:
            return False
        kind = kind or f"{kinds[0]}/now"
        name, _, which = kind.partition("/")
        book = self.egress.outside.book
        if which == "now":
            ids, further = await self.egress.outside.sources[name].ids(debt.person, after)
        else:
            ids, further = await book.sent_ids(debt.person, name, after)
        for aggregate_id in ids:
            aggregate = Aggregate(person=debt.person, kind=name, aggregate_id=aggregate_id)
            if not await self._bring(aggregate, debt.region):
                return False
        following = kind if further else _following(kinds, name, which)
        if following is None:
            await book.settle(debt)
            return True
        cursor = f"{step + 1:08}|{following}|{further}"
        await book.record(debt.person, Records(debts=[replace(debt, cursor=cursor)]))
        return True

    async def _bring(self, aggregate: Aggregate, region: Region) -> bool:
        if await self.egress.update(aggregate, only=frozenset({region})):
            self._of(region).failed()
            return False
        self._of(region).succeeded()
        return True

    def _of(self, region: Region) -> Patience:
        return self._patience.setdefault(region, Patience())


def _place(cursor: str) -> tuple[int, str, str]:
    step, _, rest = cursor.partition("|")
    kind, _, after = rest.partition("|")
    return int(step or 0), kind, after


def _following(kinds: list[str], name: str, which: str) -> str | None:
    if which == "now":
        return f"{name}/sent"
    later = [kind for kind in kinds if kind > name]
    return f"{later[0]}/now" if later else None
