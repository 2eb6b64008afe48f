"""HTTP of what happened with one's data: uses and their grounds, where it lies, who of the staff looked."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from policies.vocabulary import DataCategory, Jurisdiction, Purpose, ResidencyClass
from region_node.errors import InvalidCursor, NotFound
from region_node.features.consent.privacy import Whereabouts
from region_node.http.call import Call
from region_node.http.declare import Placement, RouteSpec, person, route
from region_node.rulings.access import Reader
from region_node.rulings.uses import CountedUse, DataUses, staff_reads
from region_node.security.tokens import Scope
from region_node.storage.store import TenantStore

READ = person(Scope.PROFILE_READ)
TAGS = ("privacy",)


class UsesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: Annotated[int, Meta(ge=1, le=90)] = 30


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


class GroundResource(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that allowed it; `article` is empty where the rule is in force no more."""

    rule: str
    article: str


class UseResource(msgspec.Struct, frozen=True, kw_only=True):
    """`reader` is who got to see it: own, other, staff or worker (nobody)."""

    day: date
    purpose: Purpose
    categories: tuple[DataCategory, ...]
    reader: Reader
    region: str
    count: int
    grounds: list[GroundResource]


class UseList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[UseResource]


class StaffReadResource(msgspec.Struct, frozen=True, kw_only=True):
    """`why` is the case that the operator named."""

    at: datetime
    operator: str
    why: str
    purpose: Purpose
    categories: tuple[DataCategory, ...]
    region: str


class StaffReadList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[StaffReadResource]
    next_cursor: str | None


class RegionResource(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    country: str


class LocationResource(msgspec.Struct, frozen=True, kw_only=True):
    """`active_region` takes what you write; every region in `regions` may keep a copy, and no other.

    `residency` is how strongly the law binds data to its soil, by `article`.
    """

    jurisdiction: str
    active_region: str
    residency_group: str
    regions: list[RegionResource]
    residency: ResidencyClass | None
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRoutes:
    """`store` is for a person's own rights; `articles` says by rule where its law stands."""

    uses: DataUses
    store: Callable[[str, str], TenantStore]
    articles: Callable[[Jurisdiction, Collection[str]], Mapping[str, str]]
    whereabouts: Callable[[Jurisdiction], Whereabouts]

    @route(
        RouteSpec(
            method="GET",
            path="/v1/privacy/uses",
            operation_id="privacy.uses",
            summary="Which of the caller's data was used, for what, by whom, how often, on which ground",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            query=UsesQuery,
            responses={200: UseList},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def list_uses(self, call: Call) -> UseList:
        caller = call.caller
        store = self.store(call.tenant.id, caller.jurisdiction)
        counted = await self.uses.of(store, caller.person, call.query.days)
        rules = {rule for _, one in counted for rule in one.use.rules}
        articles = self.articles(Jurisdiction(caller.jurisdiction), rules)
        return UseList(items=[_use(day, one, articles) for day, one in counted])

    @route(
        RouteSpec(
            method="GET",
            path="/v1/privacy/staff-access",
            operation_id="privacy.staff_access",
            summary="Who of the staff looked at the caller's data, and why, newest first",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            query=PageQuery,
            responses={200: StaffReadList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def staff_access(self, call: Call) -> StaffReadList:
        query: PageQuery = call.query
        after = call.position(query.cursor, tuple[str]) if query.cursor else ()
        store = self.store(call.tenant.id, call.caller.jurisdiction)
        reads, further = await staff_reads(store, call.caller.person, after, query.limit)
        items = [
            StaffReadResource(
                at=at,
                operator=read.operator_id,
                why=read.why,
                purpose=read.use.purpose,
                categories=read.use.categories,
                region=read.region,
            )
            for at, read in reads
        ]
        return StaffReadList(items=items, next_cursor=call.next_cursor(further) if further else None)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/privacy/location",
            operation_id="privacy.location",
            summary="Where the caller's data lies, and what law says of it",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: LocationResource},
            problems=(),
            tags=TAGS,
        )
    )
    async def location(self, call: Call) -> LocationResource:
        jurisdiction = Jurisdiction(call.caller.jurisdiction)
        found = self.whereabouts(jurisdiction)
        residency = found.residency
        return LocationResource(
            jurisdiction=jurisdiction,
            active_region=found.region,
            residency_group=found.residency_group,
            regions=[RegionResource(name=name, country=country) for name, country in found.regions],
            residency=residency.residency_class if residency else None,
            article=residency.source.ref if residency else "",
        )


def _use(day: date, counted: CountedUse, articles: Mapping[str, str]) -> UseResource:
    use = counted.use
    grounds = [GroundResource(rule=rule, article=articles.get(rule, "")) for rule in use.rules]
    return UseResource(
        day=day,
        purpose=use.purpose,
        categories=use.categories,
        reader=use.reader,
        region=counted.region,
        count=counted.count,
        grounds=grounds,
    )
