"""HTTP of consents: what one is asked, answering, objecting, and the ledger of one's own answers.

Saying no takes one call, as saying yes does, and names nothing but what it is about.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from policies.facts import Signal
from policies.vocabulary import Purpose
from region_node.errors import InvalidCursor, InvalidRequest, NotFound
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.asking import AboutQuery, Give, about_in, consent_list, purpose_in
from region_node.features.consent.ledger import Recorded
from region_node.features.consent.model import Method
from region_node.features.consent.problems import (
    ConsentNotNeeded,
    LedgerFull,
    NotAsked,
    ObjectionNotPossible,
    StaleNotice,
)
from region_node.features.consent.receipts import Receipts
from region_node.features.consent.resources import (
    ConsentList,
    EntryList,
    NoticeResource,
    ReceiptResource,
    RecordedResource,
    entry_resource,
    notice_resource,
    recorded_resource,
)
from region_node.features.consent.service import ConsentService
from region_node.http.call import Call
from region_node.http.declare import Placement, RouteSpec, person, route
from region_node.security.tokens import Scope
from region_node.storage.schema import Order

READ, WRITE = person(Scope.PROFILE_READ), person(Scope.PROFILE_WRITE)
TAGS = ("consents",)


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRoutes:
    service: ConsentService
    receipts: Receipts

    @route(
        RouteSpec(
            method="GET",
            path="/v1/consents",
            operation_id="consent.list",
            summary="Everything the caller can be asked for, what law says of it, and their answers",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: ConsentList},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def list(self, call: Call) -> ConsentList:
        return await consent_list(self.service, call, call.caller.person)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/consents/{purpose}",
            operation_id="consent.give",
            summary="Agree to one purpose, or to one category of data for it",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            body=Give,
            responses={200: RecordedResource},
            problems=(InvalidRequest, NotAsked, NotFound, StaleNotice, ConsentNotNeeded, LedgerFull),
            tags=TAGS,
        )
    )
    async def give(self, call: Call) -> RecordedResource:
        said: Give = call.body
        about = about_in(call, said.category, said.recipient)
        actor = Actor(id=call.caller.person, method=Method(said.method))
        recorded = await self.service.give(call.tenant.id, call.caller.person, about, said.notice, actor)
        return await self._answered(call, recorded, about)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/consents/{purpose}/asked",
            operation_id="consent.asked",
            summary="Say that the caller was shown a notice; their answer is another call",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            body=Give,
            responses={200: RecordedResource},
            problems=(InvalidRequest, NotAsked, NotFound, StaleNotice, LedgerFull),
            tags=TAGS,
        )
    )
    async def asked(self, call: Call) -> RecordedResource:
        said: Give = call.body
        about = about_in(call, said.category, said.recipient)
        actor = Actor(id=call.caller.person, method=Method(said.method))
        recorded = await self.service.ask(call.tenant.id, call.caller.person, about, said.notice, actor)
        return await self._answered(call, recorded, about)

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/consents/{purpose}",
            operation_id="consent.withdraw",
            summary="Take back, or refuse, one purpose or one category of data for it",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            query=AboutQuery,
            responses={200: RecordedResource},
            problems=(InvalidRequest, NotAsked, NotFound, ConsentNotNeeded),
            tags=TAGS,
        )
    )
    async def withdraw(self, call: Call) -> RecordedResource:
        query: AboutQuery = call.query
        about = about_in(call, query.category, query.recipient)
        recorded = await self.service.withdraw(call.tenant.id, call.caller.person, about, _caller(call))
        return await self._answered(call, recorded, about)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/objections/{purpose}",
            operation_id="consent.object",
            summary="Object to a purpose",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            responses={200: RecordedResource},
            problems=(NotAsked, NotFound, ObjectionNotPossible),
            tags=TAGS,
        )
    )
    async def object(self, call: Call) -> RecordedResource:
        recorded = await self.service.object(
            call.tenant.id, call.caller.person, purpose_in(call), _caller(call)
        )
        return await self._answered(call, recorded)

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/objections/{purpose}",
            operation_id="consent.end_objection",
            summary="Take an objection back",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            responses={200: RecordedResource},
            problems=(NotAsked, NotFound, LedgerFull),
            tags=TAGS,
        )
    )
    async def end_objection(self, call: Call) -> RecordedResource:
        recorded = await self.service.end_objection(
            call.tenant.id, call.caller.person, purpose_in(call), _caller(call)
        )
        return await self._answered(call, recorded)

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/privacy/signals/gpc",
            operation_id="consent.end_signal",
            summary="Take back what the browser said by Global Privacy Control",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            responses={200: RecordedResource},
            problems=(NotFound, LedgerFull),
            tags=TAGS,
        )
    )
    async def end_signal(self, call: Call) -> RecordedResource:
        recorded = await self.service.end_signal(
            call.tenant.id, call.caller.person, Signal.GLOBAL_PRIVACY_CONTROL, _caller(call)
        )
        return await self._answered(call, recorded)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/consents/history",
            operation_id="consent.history",
            summary="The caller's ledger, newest entry first",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            query=HistoryQuery,
            responses={200: EntryList},
            problems=(InvalidCursor, NotFound),
            tags=TAGS,
        )
    )
    async def history(self, call: Call) -> EntryList:
        query: HistoryQuery = call.query
        store = self.service.ledger.store(call.tenant.id, call.caller.person)
        after = call.position(query.cursor, tuple[int]) if query.cursor else ()
        page, further = await store.page(call.caller.person, query.limit, after, Order.DESCENDING)
        cursor = call.next_cursor(further) if further else None
        return EntryList(items=[entry_resource(entry) for entry in page], next_cursor=cursor)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/consents/receipts/{seq}",
            operation_id="consent.receipt",
            summary="The signed receipt of one entry of the caller's ledger",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: ReceiptResource},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def receipt(self, call: Call) -> ReceiptResource:
        seq = call.path["seq"]
        number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else 0  # noqa: PLR2004 - digits
        store = self.service.ledger.store(call.tenant.id, call.caller.person)
        entry = await store.entry(call.caller.person, number)
        if entry is None:
            raise NotFound
        return ReceiptResource(seq=entry.seq, receipt=self.receipts.sign(entry))

    @route(
        RouteSpec(
            method="GET",
            path="/v1/notices/{notice}/{version}/{language}",
            operation_id="consent.notice",
            summary="The exact text of a notice, of any version that was ever shown",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: NoticeResource},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def notice(self, call: Call) -> NoticeResource:
        ref = "/".join(call.path[name] for name in ("notice", "version", "language"))
        found = self.service.law.notices.notice(ref)
        if found is None:
            raise NotFound
        return notice_resource(found)

    async def _answered(self, call: Call, recorded: Recorded, about: About | None = None) -> RecordedResource:
        entry = await self.service.entry_behind(call.tenant.id, recorded, about)
        return recorded_resource(recorded, entry, self.receipts)


def _caller(call: Call) -> Actor:
    return Actor(id=call.caller.person, method=Method.API)
