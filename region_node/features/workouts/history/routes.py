"""HTTP of sums by week, month and year."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from locales.messages import N_
from policies.vocabulary import Purpose
from region_node.errors import InvalidRequest, Mistake
from region_node.features.workouts.history.model import Period
from region_node.features.workouts.history.service import HistoryService
from region_node.features.workouts.resources import Statistics, Total
from region_node.http.call import Call
from region_node.http.declare import Placement, RouteSpec, person, route
from region_node.security.tokens import Scope

MAX_YEARS = 10
DEFAULT_SPAN = timedelta(days=365)


class StatisticsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Both days are included; without them the last year is meant, from the first day of its month."""

    period: Period = Period.MONTH
    first: date | None = None
    last: date | None = None
    sport: Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")] | None = None


@dataclass(frozen=True, slots=True)
class HistoryRoutes:
    service: Callable[[str, str], HistoryService]
    zone_of: Callable[[str, str], Awaitable[ZoneInfo]]

    @route(
        RouteSpec(
            method="GET",
            path="/v1/statistics",
            operation_id="history.statistics",
            summary="Sums by week, month or year, and by sport",
            placement=Placement.HOME_CALLER,
            access=person(Scope.WORKOUTS_READ),
            purpose=Purpose.ANALYSIS,
            query=StatisticsQuery,
            responses={200: Statistics},
            problems=(InvalidRequest,),
            tags=("statistics",),
        )
    )
    async def statistics(self, call: Call) -> Statistics:
        query: StatisticsQuery = call.query
        zone = await self.zone_of(call.tenant.id, call.caller.person)
        last = query.last or datetime.now(zone).date()
        first = query.first or _year_before(last)
        if first > last or last.year - first.year > MAX_YEARS:
            detail = N_("The first day comes before the last one, at most {years} years apart.")
            raise InvalidRequest(Mistake(pointer="first", detail=detail, params={"years": MAX_YEARS}))
        service = self.service(call.tenant.id, call.caller.jurisdiction)
        totals = await service.totals(call.caller.person, query.period, first, last)
        items = [
            Total(begins=begins, sport=sport, figures=figures)
            for begins, sport, figures in totals
            if query.sport in {None, sport}
        ]
        return Statistics(period=query.period, first=first, last=last, time_zone=zone.key, items=items)


def _year_before(last: date) -> date:
    """Whole months are summed already, so it begins with one."""
    return (last - DEFAULT_SPAN).replace(day=1) if last - date.min > DEFAULT_SPAN else date.min
