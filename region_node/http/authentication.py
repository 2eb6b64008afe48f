"""Who is asking: the tenant by the host name, the person or operator by the bearer token."""

from dataclasses import dataclass

from sanic import Request

from region_node.errors import Forbidden, NotAuthenticated, NotFound
from region_node.http.call import Call
from region_node.http.declare import OperatorAccess, PersonAccess, RouteSpec
from region_node.http.ports import HttpDeps, Tenant
from region_node.http.rate import ClassLimiter, Standing
from region_node.http.responses import Outgoing
from region_node.security.tokens import AccessClaims, Rejection, TokenRejected

WEBSOCKET_PROTOCOL = "meridian.v1"
WEBSOCKET_BEARER = "bearer."
"""Browsers can send no header with a WebSocket: the token comes as an offered subprotocol."""


@dataclass(frozen=True, slots=True)
class NoTenant:
    """Stands for the tenant on routes of the node itself."""

    id: str = ""


NO_TENANT = NoTenant()


class Gate:
    """Lets the requests of one route in, or raises what they are answered with."""

    __slots__ = ("_access", "_any_host", "_deps", "_limiter", "_operation_id", "_scopes", "_websocket")

    def __init__(self, spec: RouteSpec, deps: HttpDeps) -> None:
        self._deps = deps
        self._access = spec.access
        self._any_host = spec.any_host
        self._scopes = spec.access.scopes if isinstance(spec.access, PersonAccess) else None
        self._operation_id = spec.operation_id
        self._websocket = spec.websocket
        self._limiter = deps.rates.of(spec.rate)

    async def tenant(self, request: Request) -> Tenant:
        """Raises: NotFound, for a host that is no tenant's."""
        if self._any_host:
            return NO_TENANT
        tenant = await self._deps.tenants.by_host(request.headers.get("host", ""))
        if tenant is None:
            raise NotFound
        return tenant

    async def admit(self, call: Call) -> None:
        """Check allowance and token, and tell *call* who it is.

        Raises:
            TooManyRequests: The address or the account has used up its allowance.
            NotAuthenticated: There is no token that counts.
            Forbidden: It lacks a scope or role.
            NotFound: It is another tenant's.
        """
        request, limiter, account = call.request, self._limiter, ""
        standing = limiter.take_address(self._address(request)) if limiter is not None else None
        if self._scopes is not None:
            caller = self._person(request, call.tenant.id, self._scopes)
            call.authenticate(caller, None)
            account = caller.person
        elif isinstance(self._access, OperatorAccess):
            operator = await self._deps.operators.authenticate(
                self._token(request), action=self._operation_id
            )
            call.authenticate(None, operator)
            account = operator.id
            if self._access.role not in operator.roles:
                raise Forbidden(scope=f"role:{self._access.role}")
        if limiter is not None and standing is not None:
            self._tell(limiter, standing, account, call.outgoing)

    def _tell(self, limiter: ClassLimiter, standing: Standing, account: str, outgoing: Outgoing) -> None:
        policy = limiter.address_policy
        if account:
            by_account = limiter.take_account(account)
            if by_account.remaining <= standing.remaining:
                standing, policy = by_account, limiter.account_policy
        outgoing.headers["ratelimit-policy"] = policy
        outgoing.headers["ratelimit"] = limiter.field(standing)

    def _address(self, request: Request) -> str:
        if self._deps.trusted_proxies:
            chain = request.headers.get("x-forwarded-for", "").split(",")
            hop = chain[-min(self._deps.trusted_proxies, len(chain))].strip()
            if hop:
                return hop
        return request.ip

    def _person(self, request: Request, tenant: str, scopes: frozenset[str]) -> AccessClaims:
        try:
            claims = self._deps.tokens.verify(self._token(request), tenant=tenant)
        except TokenRejected as rejected:
            if rejected.reason is Rejection.OTHER_TENANT:
                raise NotFound from None
            raise NotAuthenticated(rejected.reason.value) from None
        if not scopes <= claims.scopes:
            raise Forbidden(scope=" ".join(sorted(scopes - claims.scopes)))
        return claims

    def _token(self, request: Request) -> str:
        header: str | None = request.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() == "bearer" and token:
                return token
        elif self._websocket:
            for offered in request.headers.get("sec-websocket-protocol", "").split(","):
                if offered.strip().startswith(WEBSOCKET_BEARER):
                    return offered.strip().removeprefix(WEBSOCKET_BEARER)
        raise NotAuthenticated
