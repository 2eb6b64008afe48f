"""What officers do with requests: each step says who took it, and none is taken twice or out of turn.

An erasure that staff carry out on somebody's word begins when two of them have signed that it shall.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec

from policies.deadlines import Pause, due_at
from region_node.control.records import RecordedAct
from region_node.errors import NotFound
from region_node.features.rights.approvals import approval_by
from region_node.features.rights.links import Link, new_link
from region_node.features.rights.model import (
    Approval,
    Extension,
    Identity,
    Kind,
    Request,
    State,
    WrongState,
)
from region_node.features.rights.problems import RightsStepRefused
from region_node.features.rights.request_ids import jurisdiction_of_request
from region_node.features.rights.service import Asked, RightsService
from region_node.features.rights.store import Due, RightsStore
from region_node.ids import jurisdiction_of
from region_node.storage.engine import Key
from region_node.stores import NotHeldHere


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """Of one tenant; every method may raise NotFound for an unknown request and RightsStepRefused."""

    service: RightsService
    tenant: str
    operator_id: str
    clock: Callable[[], datetime]

    async def open(self, asked: Asked) -> Request:
        """Take in a request that came by letter, mail or telephone.

        Raises:
            NotFound: there is no such person.
            RequestUnderWay: there is one of this kind already.
        """
        request = await self.service.new(self.tenant, asked)
        rights = self._rights(request.request_id)
        if self.service.clocks.of(rights.store.jurisdiction).may_pause:
            request = request.changed(paused_from=request.opened_at)
        async with self.service.opening(rights, request):
            await rights.open(request, asked.details)
        return request

    async def show(self, request_id: str) -> tuple[Request, str]:
        """The request, and what the person wrote."""
        rights = self._rights(request_id)
        request = await rights.get(request_id)
        if request is None:
            raise NotFound
        return request, await rights.details(request_id)

    async def due(
        self, jurisdiction: str, month: str, after: Key, limit: int
    ) -> tuple[list[Due], Key | None]:
        """What is due in a month, the most urgent first."""
        try:
            return await self.service.rights(self.tenant, jurisdiction).due(month, after, limit)
        except NotHeldHere:
            raise NotFound from None

    async def verify_identity(self, request_id: str, how: str) -> Request:
        """Note how it was made sure who asks; the clock runs on, where the law had let it stand."""
        async with self.changing(request_id) as change:
            now = self.now()
            verified = change.request.moved(
                State.IDENTITY_VERIFIED, identity=Identity(how=how, by=self.operator_id, at=now)
            )
            return await change.put(self._resumed(verified, now))

    async def approve(self, request_id: str) -> Request:
        """Agree to a request of any kind but an erasure, which two people sign."""
        async with self.changing(request_id) as change:
            if change.request.kind is Kind.ERASURE:
                raise RightsStepRefused
            approval = Approval(by=(self.operator_id,), at=self.now())
            return await self._carried_out(change, change.request.moved(State.APPROVED, approval=approval))

    async def erasable(self, request_id: str) -> Request:
        """The request, if it is one of erasure that may be agreed to now.

        Raises:
            ErasureHeld: a legal hold stands.
        """
        request, _ = await self.show(request_id)
        if request.kind is not Kind.ERASURE or request.state is not State.IDENTITY_VERIFIED:
            raise RightsStepRefused
        await self.service.require_no_hold(self.tenant, request.person_id)
        return request

    async def proposed(self, request_id: str, act_id: str) -> Request:
        """Note the act that the first of two has signed."""
        await self.erasable(request_id)
        async with self.changing(request_id) as change:
            if change.request.state is not State.IDENTITY_VERIFIED:
                raise RightsStepRefused
            first = Approval(by=(self.operator_id,), at=self.now(), act_id=act_id)
            return await change.put(change.request.changed(approval=first))

    async def begin_erasure(self, request_id: str, recorded: RecordedAct) -> tuple[Request, Link]:
        """Begin what two people signed; the link leads to the receipt.

        Raises:
            ErasureHeld: a legal hold stands.
        """
        await self.erasable(request_id)
        async with self.changing(request_id) as change:
            approval = approval_by(recorded, self.tenant, change.request)
            if approval is None:
                raise RightsStepRefused
            approved = change.request.moved(State.APPROVED, approval=approval)
            link = new_link(request_id)
            await self.service.begin_erasure(change.rights, approved, link)
            return approved.moved(State.WORKING), link

    async def _carried_out(self, change: "Change", approved: Request) -> Request:
        """What follows from an approval by itself: an archive, a restriction; the rest is done by hand."""
        if approved.kind.brings_archive:
            await change.rights.queue_archive(approved)
            return approved
        if approved.kind is Kind.RESTRICTION:
            await self.service.protections.restrict(self.tenant, approved.person_id, self.operator_id)
        return await change.put(approved)

    async def refuse(self, request_id: str, reason: str) -> Request:
        async with self.changing(request_id) as change:
            return await change.put(change.request.moved(State.REFUSED, reason=reason, ended_at=self.now()))

    async def complete(self, request_id: str) -> Request:
        """Note that an approved request was carried out; erasures and archives complete themselves."""
        async with self.changing(request_id) as change:
            if change.request.kind is Kind.ERASURE or change.request.kind.brings_archive:
                raise RightsStepRefused
            return await change.put(change.request.moved(State.COMPLETE, ended_at=self.now()))

    async def extend(self, request_id: str, reason: str) -> Request:
        """Move the deadline once by what law allows, and keep the reason for the notice to the person."""
        async with self.changing(request_id) as change:
            request = change.request
            deadlines = self.service.clocks.of(change.rights.store.jurisdiction)
            if request.extension or request.state.is_end or not deadlines.extension_days.value:
                raise RightsStepRefused
            now = self.now()
            extension = Extension(due_before=request.due_at, reason=reason, by=self.operator_id, at=now)
            later = due_at(deadlines, request.opened_at, request.pauses, extended=True)
            return await change.put(request.changed(extension=extension, due_at=later or request.due_at))

    def _resumed(self, request: Request, now: datetime) -> Request:
        if request.paused_from is None:
            return request
        pauses = (*request.pauses, Pause(since=request.paused_from, until=now))
        deadlines = self.service.clocks.of(jurisdiction_of(request.person_id))
        extended = request.extension is not None
        due = due_at(deadlines, request.opened_at, pauses, extended=extended)
        return msgspec.structs.replace(request, pauses=pauses, paused_from=None, due_at=due or request.due_at)

    @asynccontextmanager
    async def changing(self, request_id: str) -> "AsyncIterator[Change]":
        """The request as it stands, for one step; nobody else changes it meanwhile."""
        rights = self._rights(request_id)
        async with rights.changing(request_id) as request:
            if request is None:
                raise NotFound
            try:
                yield Change(rights, request)
            except WrongState as fault:
                raise RightsStepRefused from fault

    def _rights(self, request_id: str) -> RightsStore:
        try:
            return self.service.rights(self.tenant, jurisdiction_of_request(request_id))
        except (ValueError, NotHeldHere):
            raise NotFound from None

    def now(self) -> datetime:
        return self.clock().replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Change:
    rights: RightsStore
    request: Request

    async def put(self, after: Request) -> Request:
        await self.rights.put(after, before=self.request)
        return after
