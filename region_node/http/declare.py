"""Routes as declarations: what is not said about a route, or said wrongly, fails when its module is imported.

A controller is a class whose async methods carry ``@route(RouteSpec(...))``; `collect` binds them. The same
declarations make the pipeline of a request, the OpenAPI document and the checks.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, TypeVar

import msgspec

from policies.vocabulary import Purpose
from region_node.control.records import Role
from region_node.errors import Problem
from region_node.http.body_types import unbounded_lists
from region_node.http.responses import CONTENT_POLICY
from region_node.security.tokens import Scope

KIB = 1024
JSON_BODY_MAX_BYTES = 64 * KIB


class DeclarationError(Exception):
    """A route is declared wrongly; a bug, found at import."""


class Placement(StrEnum):
    """Where a request is served (architecture, section 4)."""

    HOME_CALLER = "home-caller"
    """The caller's own data, at the caller's home."""
    HOME_OWNER = "home-owner"
    """Data of the person in the path, at that person's home."""
    LOCAL = "local"
    """Local projections."""
    ANY = "any"
    """No personal data."""


class PublicReason(StrEnum):
    """The only kinds of routes that answer without a valid token."""

    LANDING = "landing"
    SIGN_UP = "sign-up"
    SIGN_IN = "sign-in"
    RECOVERY = "recovery"
    ONE_TIME_LINK = "one-time-link"
    HEALTH = "health"
    API_DESCRIPTION = "api-description"
    PUBLIC_KEYS = "public-keys"


@dataclass(frozen=True, slots=True)
class Public:
    reason: PublicReason


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """A person's token that has all of *scopes*; at least one."""

    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class OperatorAccess:
    """An operator's token whose bearer holds *role*."""

    role: Role


Access = Public | PersonAccess | OperatorAccess


def person(*scopes: Scope) -> PersonAccess:
    return PersonAccess(frozenset(scopes))


class RateClass(StrEnum):
    """Which allowance a route draws on."""

    DEFAULT = "default"
    SIGN_IN = "sign-in"
    UPLOAD = "upload"
    NONE = "none"
    """For probes and scrapes only."""


class Precondition(Enum):
    """Whether an entity tag plays a part (RFC 9110, section 13)."""

    NONE = "none"
    READ = "read"
    """Answers carry an ETag; If-None-Match gets 304."""
    WRITE = "write"
    """If-Match is needed: 428 without, 412 where it does not match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A body that is streamed to the handler as it is (`Call.stream`)."""

    max_bytes: int
    media_types: tuple[str, ...] = ("application/octet-stream",)


@dataclass(frozen=True, slots=True)
class Media:
    """An answer that the handler writes itself; `of` says what its JSON looks like, where it is JSON."""

    media_type: str
    of: type[msgspec.Struct] | None = None


Answer = type[msgspec.Struct] | Media | None
Body = type[msgspec.Struct] | Raw | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpec:
    """One route.

    Attributes:
        path: With parameters in braces: ``/v1/workouts/{workout_id}``.
        operation_id: Stable and unique; names the operation in documents, logs, metrics and cursors.
        responses: What each status of success carries.
        problems: Beyond those that the layer itself may raise; see `openapi.layer_problems`.
        cache_control: Sent with answers of success; personal data is not kept by shared caches.
    """

    method: str
    path: str
    operation_id: str
    summary: str
    placement: Placement
    access: Access
    purpose: Purpose
    responses: Mapping[int, Answer]
    problems: tuple[type[Problem], ...]
    rate: RateClass = RateClass.DEFAULT
    query: type[msgspec.Struct] | None = None
    body: Body = None
    body_max_bytes: int = JSON_BODY_MAX_BYTES
    precondition: Precondition = Precondition.NONE
    idempotency_key: bool = False
    """Whether the handler takes an Idempotency-Key; only documents it."""
    cache_control: str = "private, no-store"
    tags: tuple[str, ...] = ()
    websocket: bool = False
    content_policy: str = CONTENT_POLICY
    """The Content-Security-Policy of its answers; only pages need another."""
    any_host: bool = False
    """Whether it belongs to the node, not to a tenant; `Call.tenant` then has an empty id."""

    def __post_init__(self) -> None:
        wrong = list(_faults(self))
        if wrong:
            raise DeclarationError(f"{self.method} {self.path}: {'; '.join(wrong)}")

    @property
    def success_status(self) -> int:
        return next(iter(self.responses))

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def _faults(spec: RouteSpec) -> Iterator[str]:
    if spec.method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        yield f"method {spec.method!r}"
    if not spec.path.startswith("/") or not spec.operation_id or not spec.summary:
        yield "path, operation id and summary are needed"
    words: dict[str, Any] = {
        "placement": Placement,
        "purpose": Purpose,
        "rate": RateClass,
        "access": Public | PersonAccess | OperatorAccess,
    }
    for name, kind in words.items():
        if not isinstance(getattr(spec, name), kind):
            yield f"{name} is not declared"
    if isinstance(spec.access, PersonAccess) and not spec.access.scopes:
        yield "a person's route needs a scope"
    if spec.any_host and spec.placement is not Placement.ANY:
        yield "a route without a tenant has no personal data"
    if not spec.responses or any(status not in range(100, 400) for status in spec.responses):
        yield "responses have to name the statuses of success"
    for kind in spec.problems:
        if not (isinstance(kind, type) and issubclass(kind, Problem)):
            yield f"{kind!r} is not a problem"
    yield from _body_faults(spec)


def _body_faults(spec: RouteSpec) -> Iterator[str]:
    if spec.method in {"GET", "DELETE"} and spec.body is not None:
        yield f"{spec.method} has no body"
    for kind in (spec.query, spec.body):
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            continue
        if not kind.__struct_config__.forbid_unknown_fields:
            yield f"{kind.__name__} has to forbid unknown fields"
        yield from (f"{place} has no max_length" for place in unbounded_lists(kind))


Handler = Callable[..., Awaitable[Any]]
H = TypeVar("H", bound=Handler)

_DECLARED: dict[str, tuple[RouteSpec, Handler]] = {}


def route(spec: RouteSpec) -> Callable[[H], H]:
    """Declare an async method ``(self, call: Call) -> Reply | Struct | None`` as the handler of *spec*."""

    def declare(handler: H) -> H:
        known = _DECLARED.get(spec.operation_id)
        if known is not None and _place(known[1]) != _place(handler):
            raise DeclarationError(f"operation id {spec.operation_id!r} is {_place(known[1])}'s")
        _DECLARED[spec.operation_id] = (spec, handler)
        handler.__route_spec__ = spec  # type: ignore[attr-defined]  # read by collect()
        return handler

    return declare


def websocket_route(spec: RouteSpec) -> Callable[[H], H]:
    """Declare ``async (self, call: Call, socket: Socket) -> None``; *spec* has ``websocket=True``."""
    if not spec.websocket or spec.method != "GET":
        raise DeclarationError(f"{spec.path}: a WebSocket route is a GET with websocket=True")
    return route(spec)


def declared_routes() -> "tuple[BoundRoute, ...]":
    """Every declaration of the modules that are imported; their handlers are not bound to a controller."""
    return tuple(BoundRoute(spec, handler) for spec, handler in _DECLARED.values())


def _place(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


@dataclass(frozen=True, slots=True)
class BoundRoute:
    spec: RouteSpec
    handler: Handler


def collect(controller: object) -> list[BoundRoute]:
    """The declared routes of *controller*, in the order of their declaration."""
    found = []
    for kind in reversed(type(controller).__mro__):
        for name, member in vars(kind).items():
            spec = getattr(member, "__route_spec__", None)
            if spec is not None:
                found.append(BoundRoute(spec, getattr(controller, name)))
    return found
