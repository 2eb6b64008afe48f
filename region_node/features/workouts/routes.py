"""HTTP of workouts: list, analysis, laps, charts, line, samples; editing and deleting."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from locales.messages import N_
from policies.vocabulary import Purpose
from region_node.errors import (
    InvalidCursor,
    InvalidRequest,
    Mistake,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from region_node.features.workouts.model import Details, PartKind, StoredWorkout, Visibility
from region_node.features.workouts.resources import (
    Chart,
    LapList,
    SampleBlock,
    TrackFeature,
    WorkoutList,
    WorkoutListItem,
    WorkoutResource,
    lap_list,
    list_item,
    workout_resource,
)
from region_node.features.workouts.samples import decode_block
from region_node.features.workouts.service import WorkoutService
from region_node.features.workouts.sports import SPORTS
from region_node.http.call import Call, Reply
from region_node.http.declare import Media, Placement, Precondition, RouteSpec, person, route
from region_node.security.tokens import Scope

TAGS = ("workouts",)
READ = person(Scope.WORKOUTS_READ)
WRITE = person(Scope.WORKOUTS_WRITE)
GEOJSON = "application/geo+json"
Sport = Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")]


class ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`from` and `until` (exclusive) bound the start, as instants with their offset from UTC."""

    from_: Annotated[datetime, Meta(tz=True)] | None = msgspec.field(name="from", default=None)
    until: Annotated[datetime, Meta(tz=True)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


class BlockQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    block: Annotated[int, Meta(ge=0, le=1000)] = 0


class WorkoutChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(max_length=200)] | None = None
    sport: Sport | None = None
    sub_sport: Sport | None = None
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class WorkoutRoutes:
    """`after_delete` is told of each deleted workout, so that an original that is not needed can go."""

    service: Callable[[str, str], WorkoutService]
    after_delete: Callable[[str, StoredWorkout], Awaitable[None]]

    def _service(self, call: Call) -> WorkoutService:
        return self.service(call.tenant.id, call.caller.jurisdiction)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts",
            operation_id="workouts.list",
            summary="The caller's workouts, newest start first",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            query=ListQuery,
            responses={200: WorkoutList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def list(self, call: Call) -> WorkoutList:
        query: ListQuery = call.query
        after = call.position(query.cursor, tuple[datetime, str]) if query.cursor else ()
        between = (_utc(query.from_), _utc(query.until))
        found, further = await self._service(call).page(call.caller.person, between, after, query.limit)
        items: list[WorkoutListItem] = [list_item(workout) for workout in found]
        return WorkoutList(items=items, next_cursor=call.next_cursor(further) if further else None)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts/{workout_id}",
            operation_id="workouts.show",
            summary="One workout with its analysis",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: WorkoutResource},
            problems=(NotFound,),
            precondition=Precondition.READ,
            tags=TAGS,
        )
    )
    async def show(self, call: Call) -> Reply:
        workout = await self._service(call).show(call.caller.person, call.path["workout_id"])
        return Reply(workout_resource(workout), etag=str(workout.version))

    @route(
        RouteSpec(
            method="PATCH",
            path="/v1/workouts/{workout_id}",
            operation_id="workouts.change",
            summary="Change title, sport or visibility",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ANALYSIS,
            body=WorkoutChange,
            responses={200: WorkoutResource},
            problems=(NotFound, PreconditionFailed, PreconditionRequired),
            precondition=Precondition.WRITE,
            tags=TAGS,
        )
    )
    async def change(self, call: Call) -> Reply:
        change: WorkoutChange = call.body
        if change.sport is not None and change.sport not in SPORTS:
            detail = N_("This is no sport that Meridian knows; examples are running, cycling, swimming.")
            raise InvalidRequest(Mistake(pointer="#/sport", detail=detail))

        def changed(before: StoredWorkout) -> Details:
            call.require_match(str(before.version))
            given = {
                name: value for name, value in msgspec.structs.asdict(change).items() if value is not None
            }
            if change.sport and not change.sub_sport:
                given["sub_sport"] = "generic"
            return msgspec.structs.replace(before.details, **given)

        after = await self._service(call).change(call.caller.person, call.path["workout_id"], changed)
        return Reply(workout_resource(after), etag=str(after.version))

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/workouts/{workout_id}",
            operation_id="workouts.delete",
            summary="Delete a workout",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ANALYSIS,
            responses={204: None},
            problems=(NotFound, PreconditionFailed, PreconditionRequired),
            precondition=Precondition.WRITE,
            tags=TAGS,
        )
    )
    async def delete(self, call: Call) -> None:
        def allowed(before: StoredWorkout) -> None:
            call.require_match(str(before.version))

        deleted = await self._service(call).delete(call.caller.person, call.path["workout_id"], allowed)
        await self.after_delete(call.tenant.id, deleted)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts/{workout_id}/laps",
            operation_id="workouts.laps",
            summary="The laps of a workout",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: LapList},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def laps(self, call: Call) -> LapList:
        service, workout_id = self._service(call), call.path["workout_id"]
        workout = await service.show(call.caller.person, workout_id)
        withheld = await service.withheld(workout.person_id)
        try:
            laps, beats = await service.with_health(workout.person_id, workout_id, PartKind.LAPS)
        except NotFound:
            return LapList(items=[], withheld=withheld)
        return lap_list(laps, beats, withheld)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts/{workout_id}/chart",
            operation_id="workouts.chart",
            summary="The data of a workout's charts",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: Chart},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def chart(self, call: Call) -> Chart:
        service, person_id = self._service(call), call.caller.person
        parts = await service.with_health(person_id, call.path["workout_id"], PartKind.CHART)
        channels: dict[str, list[float | None]] = {}
        for part in filter(None, parts):
            channels |= msgspec.json.decode(part)
        return Chart(channels=channels, withheld=await service.withheld(person_id))

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts/{workout_id}/track",
            operation_id="workouts.track",
            summary="The line of a workout as GeoJSON",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            responses={200: Media(GEOJSON, TrackFeature)},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def track(self, call: Call) -> None:
        body = await self._service(call).part(call.caller.person, call.path["workout_id"], PartKind.TRACK)
        feature = {"type": "Feature", "properties": {}, "geometry": msgspec.Raw(body)}
        reply = await call.stream_reply(media_type=GEOJSON)
        await reply.send(msgspec.json.encode(feature))

    @route(
        RouteSpec(
            method="GET",
            path="/v1/workouts/{workout_id}/samples",
            operation_id="workouts.samples",
            summary="The samples of a workout in full, block by block",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ANALYSIS,
            query=BlockQuery,
            responses={200: SampleBlock},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def samples(self, call: Call) -> SampleBlock:
        number, service, person_id = call.query.block, self._service(call), call.caller.person
        blocks = await service.blocks(person_id, call.path["workout_id"], number)
        channels = await asyncio.to_thread(_channels, *blocks)
        return SampleBlock(block=number, channels=channels, withheld=await service.withheld(person_id))


def _channels(body: bytes, health: bytes | None) -> dict[str, list[float | None]]:
    decoded = decode_block(body) | (decode_block(health) if health else {})
    return {name: [v if v == v else None for v in column.tolist()] for name, column in decoded.items()}  # noqa: PLR0124 - NaN alone differs


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
