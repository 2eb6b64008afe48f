"""The problems that a route can answer with although its handler raises none of them."""

from collections.abc import Iterator

from region_node import errors
from region_node.errors import Problem
from region_node.http.declare import Placement, Precondition, Public, RateClass, Raw, RouteSpec
from region_node.http.refused import REFUSALS

ALWAYS: tuple[type[Problem], ...] = (
    errors.MalformedRequest,
    errors.NotFound,
    errors.MethodNotAllowed,
    errors.NotAcceptable,
    errors.HeadersTooLarge,
    errors.InternalFault,
    errors.Unavailable,
)
WITH_BODY: tuple[type[Problem], ...] = (
    errors.RequestTimedOut,
    errors.BodyTooLarge,
    errors.UnsupportedMediaType,
)


def layer_problems(spec: RouteSpec) -> frozenset[type[Problem]]:
    return frozenset(_layer_problems(spec))


def _layer_problems(spec: RouteSpec) -> Iterator[type[Problem]]:
    yield from ALWAYS
    if not isinstance(spec.access, Public):
        yield errors.NotAuthenticated
        yield errors.Forbidden
    if spec.rate is not RateClass.NONE:
        yield errors.TooManyRequests
    if spec.body is not None:
        yield from WITH_BODY
    if spec.query is not None or (spec.body is not None and not isinstance(spec.body, Raw)):
        yield errors.InvalidRequest
    if spec.query is not None and "cursor" in spec.query.__struct_fields__:
        yield errors.InvalidCursor
        yield errors.UnknownCursor
    if spec.placement is not Placement.ANY:
        yield from REFUSALS
    if spec.precondition is Precondition.WRITE:
        yield errors.PreconditionFailed
        yield errors.PreconditionRequired
