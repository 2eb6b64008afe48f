"""The one way out: what a region may have of an aggregate is decided anew each time, from the state of now.

A send number is taken first, then what is there and what is allowed is read, then what will go is recorded,
and last the number is read again. If somebody took a higher one meanwhile, it begins anew: so whoever changes
something, takes a number and then looks at the records has seen every record of what went before the change.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from federation.catalogue import EventType, Scope
from federation.codec import SchemaFault
from federation.egress_ports import Audiences, Book, Ground, Grounds, Peers, Source
from federation.errors import BusError, MessageRefused
from federation.outgoing import (
    LESS,
    STATES,
    Aggregate,
    Debt,
    Mark,
    Person,
    Reach,
    Records,
    Send,
    State,
    TakeBack,
    Terms,
    mark_name,
    standing_sends,
    telling,
)
from federation.posting import Post, new_envelope_id
from federation.turns import Turns
from policies.vocabulary import Region

MOST_ATTEMPTS = 8
ASK_AGAIN_AFTER = timedelta(seconds=10)
"""How long a receipt is waited for, the first time."""

DUE_AFTER = timedelta(days=30)
"""When a receipt that did not come is overdue: as long as the lane keeps the question. The
GDPR gives a month for what a person asks for (Art. 12(3))."""


class Overtaken(Exception):
    """Others changed the same person's state all the time: try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Where egress finds what it decides from. `sources` by kind."""

    book: Book
    grounds: Grounds
    sources: Mapping[str, Source]
    audiences: Audiences
    peers: Peers


@dataclass(frozen=True, slots=True)
class _Going:
    event: EventType
    send: Send
    state: State
    before: Send | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the records say of one aggregate."""

    standing: Mapping[Region, Send]
    sends: Sequence[Send]
    reaches: Sequence[Reach]
    event: EventType

    def first_at(self, region: Region, now: datetime) -> datetime:
        return next((one.first_at for one in self.sends if one.region == region), now)

    def went(self, region: Region, fields: Iterable[str], plan: "_Plan") -> list[Mark]:
        """What is new where *fields* go to *region*."""
        names = {mark_name(self.event.kind, name) for name in fields}
        return [self._mark(region, name, plan) for name in sorted(names - self._reach(region).there)]

    def less(self, region: Region, allowed: Iterable[str], plan: "_Plan") -> list[Mark]:
        """A mark where not all may go that might when the person's standing was looked at last."""
        names = {mark_name(self.event.kind, name) for name in allowed}
        before = {
            name for name in self._reach(region).terms if name.startswith(mark_name(self.event.kind, ""))
        }
        return [] if before <= names else [self._mark(region, LESS, plan)]

    def _reach(self, region: Region) -> Reach:
        purpose = self.event.purpose
        found = (one for one in self.reaches if (one.region, one.purpose) == (region, purpose))
        return next(found, Reach(region, purpose, {}))

    def _mark(self, region: Region, what: str, plan: "_Plan") -> Mark:
        return Mark(region=region, purpose=self.event.purpose, what=what, number=plan.number, at=plan.at)


@dataclass(slots=True)
class _Plan:
    """What one pass comes to; nothing of it has gone."""

    aggregate: Aggregate
    number: int
    at: datetime
    going: list[_Going] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    take_backs: list[TakeBack] = field(default_factory=list)
    retracted: list[Send] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    is_nobody: bool = False
    """Whether the person is not there any more, and no region has to be asked."""

    def records(self) -> Records:
        sends = [*(one.send for one in self.going), *self.retracted]
        return Records(sends=sends, marks=self.marks, take_backs=self.take_backs, debts=self.debts)


@dataclass(frozen=True, kw_only=True)
class Egress:
    """`on_fault` is told of what could not be put into an envelope: a fault of this region."""

    outside: Outside
    post: Post
    clock: Callable[[], datetime]
    on_fault: Callable[[Exception], None]
    turns: Turns = field(default_factory=Turns)

    async def update(
        self, aggregate: Aggregate, event: EventType | None = None, only: frozenset[Region] | None = None
    ) -> frozenset[Region]:
        """Bring what regions have of *aggregate* to what they may have now; `only` leaves out the others.

        *event* is the type that announces it, where something happened. What cannot go now is owed; regions
        that took nothing are returned.

        Raises:
            Overtaken, and whatever the records raise: repeat it.
        """
        book = self.outside.book
        async with self.turns.of(aggregate.person):
            for _ in range(MOST_ATTEMPTS):
                plan = await self._plan(aggregate, event or aggregate.event, only)
                if not (records := plan.records()):
                    if plan.is_nobody:
                        await book.forget(aggregate.person)
                    return frozenset()
                await book.record(aggregate.person, records)
                await self.ask(plan.take_backs)
                if await book.last_number(aggregate.person) == plan.number:
                    failed = await asyncio.gather(*(self._go(plan, going) for going in plan.going))
                    return frozenset(region for region in failed if region)
        raise Overtaken

    async def _plan(self, aggregate: Aggregate, event: EventType, only: frozenset[Region] | None) -> _Plan:
        book, person = self.outside.book, aggregate.person
        plan = _Plan(aggregate, await book.next_number(person), self.clock())
        ground = await self.outside.grounds.of(person)
        source = self.outside.sources[aggregate.kind]
        state, sends, reaches = await asyncio.gather(
            source.load(person, aggregate.aggregate_id), book.sends(aggregate), book.reaches(person)
        )
        plan.is_nobody = not (ground.is_known or reaches)
        told = await self.outside.audiences.regions(event, person, state) if state else frozenset()
        known = _Known(standing_sends(sends, reaches), sends, reaches, event)
        for region in sorted(told | known.standing.keys()):
            if only is None or region in only:
                self._plan_one(plan, ground, known, (region, state if region in told else None))
        return plan

    def _plan_one(
        self, plan: _Plan, ground: Ground, known: "_Known", offer: tuple[Region, State | None]
    ) -> None:
        region, state = offer
        event, before = known.event, known.standing.get(region)
        terms = self._terms(ground, event, region, state)
        if state is None or not terms.fields or self.outside.peers.held(region, event):
            self._hold_back(plan, region, terms, before)
        else:
            first_at = known.first_at(region, plan.at)
            plan.going.append(_Going(event, _send(plan, region, terms, state, first_at), state, before))
            plan.marks += known.went(region, terms.fields, plan)
        plan.marks += known.less(region, telling(event, ground.terms(event, region).fields), plan)

    def _terms(self, ground: Ground, event: EventType, region: Region, state: State | None) -> Terms:
        """What of *state* may go, empty where that tells nothing."""
        if state is None or not self.outside.peers.takes(region, event):
            return Terms()
        if state.people and state.people < ground.smallest_group(region):
            return Terms()
        terms = ground.terms(event, region)
        return replace(terms, fields=telling(event, terms.fields & state.values.keys()))

    def _hold_back(self, plan: _Plan, region: Region, terms: Terms, before: Send | None) -> None:
        """Nothing is sent: what may go later is owed, and what may be there no more is taken back."""
        if terms.fields:
            plan.debts.append(self._debt(plan, region))
        if before is not None and not terms.fields >= set(before.fields):
            self._take_back(plan, before)

    def _take_back(self, plan: _Plan, before: Send) -> None:
        plan.retracted.append(replace(before, retracted=plan.number, retracted_at=plan.at))
        plan.take_backs.append(
            TakeBack(
                person=plan.aggregate.person,
                region=before.region,
                scope=Scope.AGGREGATE,
                number=plan.number,
                purpose=before.purpose,
                kind=before.kind,
                aggregate_id=before.aggregate_id,
                envelope_id=new_envelope_id(),
                since=plan.at,
                due_at=plan.at + DUE_AFTER,
                next_at=plan.at + ASK_AGAIN_AFTER,
            )
        )

    def _debt(self, plan: _Plan, region: Region) -> Debt:
        one = plan.aggregate
        return Debt(
            person=one.person,
            region=region,
            number=plan.number,
            since=plan.at,
            kind=one.kind,
            aggregate_id=one.aggregate_id,
        )

    async def _go(self, plan: _Plan, going: _Going) -> Region | None:
        """Return the region if it takes nothing now; it does not keep the others waiting."""
        try:
            await self.post.send(plan.aggregate.person, going.event, going.send, going.state)
        except (SchemaFault, ValueError, MessageRefused) as fault:
            self.on_fault(fault)
            await self._failed(plan, going, again=False)
        except BusError:
            await self._failed(plan, going, again=True)
            return going.send.region
        return None

    async def _failed(self, plan: _Plan, going: _Going, *, again: bool) -> None:
        """What a region has from before may be more than it may have now: the other lane may be open."""
        fallen = _Plan(plan.aggregate, plan.number, plan.at)
        if again:
            fallen.debts.append(self._debt(plan, going.send.region))
        before = going.before
        if before is not None and not set(going.send.fields) >= set(before.fields):
            self._take_back(fallen, going.send)
        if fallen.debts or fallen.take_backs:
            await self.outside.book.record(plan.aggregate.person, fallen.records())
            await self.ask(fallen.take_backs)

    async def ask(self, take_backs: Iterable[TakeBack]) -> None:
        """Ask for what is recorded as owed; what does not get through is asked for again later."""
        await asyncio.gather(*(self._ask(one) for one in take_backs))

    async def _ask(self, what: TakeBack) -> None:
        try:
            await self.post.take_back(what)
        except BusError:
            return


def _send(plan: _Plan, region: Region, terms: Terms, state: State, first_at: datetime) -> Send:
    return Send(
        region=region,
        purpose=plan.aggregate.event.purpose,
        kind=plan.aggregate.kind,
        aggregate_id=plan.aggregate.aggregate_id,
        version=state.version,
        fields=tuple(sorted(terms.fields)),
        basis=terms.basis or "",
        consent_version=terms.consent_version,
        pack_version=terms.pack_version,
        number=plan.number,
        first_at=first_at,
        at=plan.at,
    )


def aggregate_of(person: Person, event: EventType, aggregate_id: str) -> Aggregate | None:
    """What a pointer of *event* is about; None where no region keeps a projection of it."""
    return (
        Aggregate(person=person, kind=event.kind, aggregate_id=aggregate_id) if event.kind in STATES else None
    )
