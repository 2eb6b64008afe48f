"""HTTP of uploads: sending files, watching them, trying again, getting the original back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from locales.messages import N_
from policies.vocabulary import Purpose
from region_node.errors import BodyTooLarge, InvalidCursor, InvalidRequest, Mistake, NotFound
from region_node.features.workouts.importing.limits import MAX_FILE_BYTES
from region_node.features.workouts.resources import (
    OutcomeList,
    UploadList,
    UploadResource,
    outcome_resource,
    upload_resource,
)
from region_node.features.workouts.uploads.problems import (
    IdempotencyKeyReused,
    NothingToRetry,
    UploadUnavailable,
)
from region_node.features.workouts.uploads.progress import Progress, TooManyFollowers
from region_node.features.workouts.uploads.service import Reader, Sender, UploadService
from region_node.features.workouts.uploads.store import UploadStore
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    Media,
    Placement,
    RateClass,
    Raw,
    RouteSpec,
    person,
    route,
    websocket_route,
)
from region_node.http.sockets import Socket
from region_node.security.tokens import Scope
from region_node.storage.engine import Slice

TAGS = ("uploads",)
READ = person(Scope.WORKOUTS_READ)
WRITE = person(Scope.WORKOUTS_WRITE)
MAX_KEY_LENGTH = 200
FILE = Raw(max_bytes=MAX_FILE_BYTES, media_types=("application/octet-stream",))
EVENTS = Media("text/event-stream")


class FileQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` is the file's own name; it decides nothing, and comes back with every outcome."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] = "workout"


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRoutes:
    """`sender` and `reader` bring keys and store of the caller."""

    service: UploadService
    progress: Progress
    uploads: Callable[[str, str], UploadStore]
    sender: Callable[[str, str, str], Awaitable[Sender]]
    reader: Callable[[str, str, str], Awaitable[Reader]]

    def _uploads(self, call: Call) -> UploadStore:
        return self.uploads(call.tenant.id, call.caller.jurisdiction)

    @route(
        RouteSpec(
            method="POST",
            path="/v1/uploads",
            operation_id="uploads.send",
            summary="Send a FIT, GPX or TCX file, packed or not, or a zip of many",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ANALYSIS,
            rate=RateClass.UPLOAD,
            query=FileQuery,
            body=FILE,
            responses={202: UploadResource},
            problems=(BodyTooLarge, IdempotencyKeyReused, UploadUnavailable),
            idempotency_key=True,
            tags=TAGS,
        )
    )
    async def send(self, call: Call) -> Reply:
        caller = call.caller
        key = call.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= MAX_KEY_LENGTH:
            detail = N_("An idempotency key has 1 to {most} characters.")
            raise InvalidRequest(
                Mistake(pointer="Idempotency-Key", detail=detail, params={"most": MAX_KEY_LENGTH})
            )
        sender = await self.sender(call.tenant.id, caller.jurisdiction, caller.person)
        upload = await self.service.receive(sender, call.query.name, call.stream(), key)
        location = f"/v1/uploads/{upload.upload_id}"
        return Reply(upload_resource(upload), status=202, headers={"location": location})

    @route(
        RouteSpec(
            method="GET",
            path="/v1/uploads",
            operation_id="uploads.list",
            summary="The caller's uploads, newest first",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            query=PageQuery,
            responses={200: UploadList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def list(self, call: Call) -> UploadList:
        query: PageQuery = call.query
        after = call.position(query.cursor, tuple[str]) if query.cursor else ()
        wanted = Slice(partition=(call.caller.person,), limit=query.limit, after=after)
        found, further = await self._uploads(call).page(wanted)
        cursor = call.next_cursor(further) if further else None
        return UploadList(items=[upload_resource(upload) for upload in found], next_cursor=cursor)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/uploads/{upload_id}",
            operation_id="uploads.show",
            summary="Where an upload stands",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: UploadResource},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def show(self, call: Call) -> UploadResource:
        found = await self._uploads(call).get(call.caller.person, call.path["upload_id"])
        if found is None:
            raise NotFound
        return upload_resource(found)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/uploads/{upload_id}/results",
            operation_id="uploads.results",
            summary="What became of each file of an upload",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            query=PageQuery,
            responses={200: OutcomeList},
            problems=(NotFound, InvalidCursor),
            tags=TAGS,
        )
    )
    async def results(self, call: Call) -> OutcomeList:
        query: PageQuery = call.query
        uploads = self._uploads(call)
        upload = await uploads.get(call.caller.person, call.path["upload_id"])
        if upload is None:
            raise NotFound
        begin = call.position(query.cursor, int) if query.cursor else 0
        found, more = await uploads.results(upload, begin, query.limit)
        cursor = call.next_cursor(begin + len(found)) if more else None
        return OutcomeList(items=[outcome_resource(call, outcome) for outcome in found], next_cursor=cursor)

    @route(
        RouteSpec(
            method="POST",
            path="/v1/uploads/{upload_id}/retry",
            operation_id="uploads.retry",
            summary="Try a refused or failed file again",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ANALYSIS,
            rate=RateClass.UPLOAD,
            responses={202: UploadResource},
            problems=(NotFound, NothingToRetry),
            tags=TAGS,
        )
    )
    async def retry(self, call: Call) -> Reply:
        upload = await self.service.retry(self._uploads(call), call.caller.person, call.path["upload_id"])
        return Reply(upload_resource(upload), status=202)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/uploads/{upload_id}/original",
            operation_id="uploads.original",
            summary="The file as it was sent",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: Media("application/octet-stream")},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def original(self, call: Call) -> None:
        caller = call.caller
        reader = await self.reader(call.tenant.id, caller.jurisdiction, caller.person)
        _, pieces = await self.service.original(reader, call.path["upload_id"])
        headers = {"content-disposition": "attachment"}
        reply = None
        async for piece in pieces:
            reply = reply or await call.stream_reply(media_type="application/octet-stream", headers=headers)
            await reply.send(piece)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/uploads/{upload_id}/events",
            operation_id="uploads.events",
            summary="Follow an upload by server-sent events until it ends",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: EVENTS},
            problems=(NotFound, UploadUnavailable),
            tags=TAGS,
        )
    )
    async def events(self, call: Call) -> None:
        reply = None
        async for state in self._follow(call):
            reply = reply or await call.stream_reply(media_type=EVENTS.media_type)
            await reply.send_event(msgspec.json.encode(state), event="upload", event_id=str(state.version))

    @websocket_route(
        RouteSpec(
            method="GET",
            path="/v1/uploads/{upload_id}/live",
            operation_id="uploads.live",
            summary="Follow an upload by WebSocket until it ends",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={101: None},
            problems=(NotFound, UploadUnavailable),
            websocket=True,
            tags=TAGS,
        )
    )
    async def live(self, call: Call, socket: Socket) -> None:
        async for state in self._follow(call):
            await socket.send(msgspec.json.encode(state).decode())
        await socket.close()

    async def _follow(self, call: Call) -> AsyncIterator[UploadResource]:
        uploads, upload_id = self._uploads(call), call.path["upload_id"]
        if await uploads.get(call.caller.person, upload_id) is None:
            raise NotFound
        try:
            async for upload in self.progress.follow(uploads, call.caller.person, upload_id):
                yield upload_resource(upload)
        except TooManyFollowers as fault:
            raise UploadUnavailable(retry_after_s=fault.retry_after_s) from fault
