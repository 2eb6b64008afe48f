"""HTTP of ending one's own restriction of processing."""

from dataclasses import dataclass

from policies.vocabulary import Purpose
from region_node.errors import NotFound
from region_node.features.rights.lifting import Restrictions
from region_node.features.rights.problems import RightsStepRefused
from region_node.features.rights.resources import RequestResource, request_resource
from region_node.http.call import Call
from region_node.http.declare import Placement, RateClass, RouteSpec, person, route
from region_node.security.tokens import Scope


@dataclass(frozen=True, slots=True)
class RestrictionRoutes:
    restrictions: Restrictions

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/rights/restriction",
            operation_id="rights.lift",
            summary="End the restriction of processing that the caller asked for",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_WRITE),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            responses={200: RequestResource},
            problems=(NotFound, RightsStepRefused),
            tags=("rights",),
        )
    )
    async def lift(self, call: Call) -> RequestResource:
        request = await self.restrictions.lift_own(call.tenant.id, call.caller.person)
        return request_resource(request, call.translator)
