"""What the HTTP layer needs of the rest of the node; `bootstrap` brings it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from region_node.control.records import Role
from region_node.http.limits import HttpLimits
from region_node.http.rate import RateLimiter
from region_node.observability.logs import RequestLog
from region_node.observability.metrics import Metrics
from region_node.security.sealing import DataKey
from region_node.security.tokens import AccessClaims


class Tenant(Protocol):
    @property
    def id(self) -> str: ...


class TenantDirectory(Protocol):
    async def by_host(self, host: str) -> Tenant | None:
        """Answers from memory nearly always: it is asked for each request."""


class TokenVerifier(Protocol):
    def verify(self, token: str, *, tenant: str) -> AccessClaims:
        """Raises: TokenRejected."""


class Operator(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def roles(self) -> frozenset[Role]: ...


class OperatorDirectory(Protocol):
    async def authenticate(self, token: str, *, action: str) -> Operator:
        """Raises: region_node.errors.NotAuthenticated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One condition of being ready: returns when it holds, raises (anything) or takes too long otherwise."""

    name: str
    check: Callable[[], Awaitable[None]]
    timeout_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDeps:
    """The parts, and what an operator may set.

    Attributes:
        cursor_key: Per tenant; see `derived_keys.derive_cursor_key`.
        cors_origins: Exact origins of web apps, such as ``https://app.example``.
        https: Whether clients come over TLS, so that HSTS makes sense.
        trusted_proxies: How many proxies in front append to X-Forwarded-For; 0 believes the connection only.
        clock: Monotonic seconds.
        heed_privacy_signal: Told of a tenant's person whose request says Sec-GPC: 1, before it is served.
    """

    tenants: TenantDirectory
    tokens: TokenVerifier
    operators: OperatorDirectory
    cursor_key: Callable[[str], DataKey]
    rates: RateLimiter
    metrics: Metrics
    request_log: RequestLog
    clock: Callable[[], float]
    limits: HttpLimits = field(default_factory=HttpLimits)
    probes: tuple[Probe, ...] = ()
    cors_origins: frozenset[str] = frozenset()
    https: bool = False
    trusted_proxies: int = 0
    heed_privacy_signal: Callable[[str, str], Awaitable[None]] | None = None
