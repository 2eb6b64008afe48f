"""Runs an app on a free loopback port inside the test's own loop, with parts that need no database."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from time import monotonic

import httpx

from region_node.control.records import Role
from region_node.errors import NotAuthenticated
from region_node.http.app import build_app
from region_node.http.declare import BoundRoute, RateClass
from region_node.http.health import HealthRoutes, Readiness
from region_node.http.ports import HttpDeps
from region_node.http.rate import Quota, RateLimiter
from region_node.http.server import HttpServer
from region_node.observability.logs import RequestLog
from region_node.observability.metrics import Metrics
from region_node.security.sealing import DataKey
from region_node.security.tokens import AccessClaims, Rejection, Scope, TokenRejected

HOST = "run.example"
OTHER_HOST = "ride.example"
ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True)
class Someone:
    """A tenant or an operator."""

    id: str
    roles: frozenset[Role] = frozenset()


@dataclass
class Tenants:
    by_name: dict[str, str] = field(default_factory=lambda: {HOST: "run", OTHER_HOST: "ride"})

    async def by_host(self, host):
        tenant = self.by_name.get(host.partition(":")[0])
        return Someone(tenant) if tenant else None


def claims(person="eu_01abc", tenant="run", scopes=ALL_SCOPES):
    return AccessClaims(
        person=person,
        tenant=tenant,
        jurisdiction="eu",
        region="eu-central",
        region_epoch=1,
        family="fam1",
        scopes=frozenset(scopes),
    )


@dataclass
class Tokens:
    """Knows a fixed set of tokens: what signing means is tested where tokens are."""

    known: dict[str, AccessClaims] = field(
        default_factory=lambda: {
            "good": claims(),
            "second": claims(person="eu_02def"),
            "poor": claims(scopes=()),
            "foreign": claims(tenant="ride"),
        }
    )

    def verify(self, token, *, tenant):
        found = self.known.get(token)
        if found is None:
            raise TokenRejected(Rejection.BAD_SIGNATURE)
        if found.tenant != tenant:
            raise TokenRejected(Rejection.OTHER_TENANT)
        return found


class Operators:
    async def authenticate(self, token, *, action):
        assert action
        if token == "operator":
            return Someone("op1", frozenset({Role.OPERATOR}))
        if token == "marketer":
            return Someone("op2", frozenset({Role.MARKETER}))
        raise NotAuthenticated("unknown")


def limiter(limit=10_000, clock: Callable[[], float] = monotonic):
    quota = Quota(limit=limit)
    kinds = (RateClass.DEFAULT, RateClass.SIGN_IN, RateClass.UPLOAD)
    return RateLimiter(dict.fromkeys(kinds, quota), clock=clock)


def deps(log_stream=None, **changes):
    key = DataKey(bytes(range(32)))
    parts = {
        "tenants": Tenants(),
        "tokens": Tokens(),
        "operators": Operators(),
        "cursor_key": lambda _tenant: key,
        "rates": limiter(),
        "metrics": Metrics(),
        "request_log": RequestLog(log_stream or BytesIO()),
        "clock": monotonic,
    }
    return HttpDeps(**(parts | changes))


@asynccontextmanager
async def running(
    routes: Iterable[BoundRoute], parts: HttpDeps | None = None, *, drain_timeout_s: float = 1.0
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a running app, with a good token and the host of the tenant `run`."""
    parts = parts or deps()
    server = HttpServer(build_app(routes, parts), Readiness(parts.probes))
    port = await server.start("127.0.0.1", 0)
    headers = {"host": HOST, "authorization": "Bearer good"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            yield client
    finally:
        await server.stop(drain_timeout_s)


def health_routes(parts: HttpDeps) -> HealthRoutes:
    return HealthRoutes(Readiness(parts.probes), parts.metrics)
