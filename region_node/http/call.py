"""What a handler gets (`Call`) and what it may give back (`Reply`)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

import msgspec
from sanic import Request

from locales.translator import Translator
from region_node.errors import NotAuthenticated, PreconditionFailed, PreconditionRequired
from region_node.http.cursors import Binding, open_cursor, seal_cursor
from region_node.http.declare import Raw, RouteSpec
from region_node.http.etag import matches_strongly, matches_weakly
from region_node.http.languages import reader
from region_node.http.limits import body_chunks
from region_node.http.ports import HttpDeps, Operator, Tenant
from region_node.http.responses import Outgoing, ReplyStream
from region_node.security.tokens import AccessClaims

T = TypeVar("T")

Caller = AccessClaims

PAGE_FIELDS = frozenset({"cursor", "limit"})
"""Fields of a query that choose a page, and so are no part of the filter."""


class Reply:
    """An answer with more to say than its body.

    Args:
        status: 0 takes the first of the declared ones.
        etag: The opaque part of a strong entity tag, without quotes: the version of what is shown.
    """

    __slots__ = ("body", "etag", "headers", "status")

    def __init__(
        self, body: Any = None, *, status: int = 0, headers: Mapping[str, str] | None = None, etag: str = ""
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers
        self.etag = etag


class Call:
    """One request that was found to be allowed; lives as long as its handler.

    Attributes:
        path: Parameters of the path, as they were sent.
        query: The declared Struct, or None.
        body: The declared Struct, or None; a raw body is read through `stream`.
        outgoing: Header fields that the layer adds to the answer.
    """

    __slots__ = (
        "_caller",
        "_deps",
        "_operator",
        "body",
        "outgoing",
        "path",
        "query",
        "request",
        "request_id",
        "spec",
        "tenant",
    )

    def __init__(
        self, request: Request, spec: RouteSpec, deps: HttpDeps, tenant: Tenant, outgoing: Outgoing
    ) -> None:
        self.request = request
        self.spec = spec
        self.tenant = tenant
        self.outgoing = outgoing
        self.request_id = outgoing.request_id
        self.path: Mapping[str, str] = request.match_info
        self.query: Any = None
        self.body: Any = None
        self._deps = deps
        self._caller: Caller | None = None
        self._operator: Operator | None = None

    def authenticate(self, caller: Caller | None, operator: Operator | None) -> None:
        """For the pipeline only."""
        self._caller = caller
        self._operator = operator
        if caller is not None:
            self.outgoing.own_language = caller.language

    @property
    def caller(self) -> Caller:
        """The person; only on routes with `PersonAccess`."""
        if self._caller is None:
            raise NotAuthenticated
        return self._caller

    @property
    def operator(self) -> Operator:
        """The operator; only on routes with `OperatorAccess`."""
        if self._operator is None:
            raise NotAuthenticated
        return self._operator

    @property
    def person_id(self) -> str:
        """Empty where the caller is no person."""
        return "" if self._caller is None else self._caller.person

    @property
    def headers(self) -> Mapping[str, str]:
        return self.request.headers

    @property
    def translator(self) -> Translator:
        """Texts in the reader's language; the answer then says which one it is."""
        translator = reader(self.request.headers.get("accept-language"), self.outgoing.own_language)
        self.outgoing.language = translator.locale
        return translator

    @property
    def language(self) -> str:
        return self.translator.locale

    def translate(self, msgid: str, /, **params: object) -> str:
        return self.translator.text(msgid, **params)

    def require_match(self, etag: str) -> None:
        """Go on only if the client is changing the version *etag*; see `Precondition.WRITE`.

        Raises:
            PreconditionRequired: There is no If-Match.
            PreconditionFailed: It names another version.
        """
        header = self.request.headers.get("if-match")
        if header is None:
            raise PreconditionRequired
        if not matches_strongly(header, etag):
            raise PreconditionFailed

    def is_known(self, etag: str) -> bool:
        """Whether the client has this version: return ``Reply(etag=...)`` then, without reading anything."""
        header = self.request.headers.get("if-none-match")
        return header is not None and matches_weakly(header, etag)

    def next_cursor(self, position: Any) -> str:
        """A cursor that opens for this reader, list and filter only."""
        return seal_cursor(self._deps.cursor_key(self.tenant.id), position, self._binding())

    def position(self, cursor: str, kind: type[T]) -> T:
        """What `next_cursor` was given.

        Raises:
            InvalidCursor: It is not a cursor of this reader, list and filter.
        """
        found: T = open_cursor(self._deps.cursor_key(self.tenant.id), cursor, self._binding(), kind)
        return found

    def _binding(self) -> Binding:
        fields = msgspec.structs.asdict(self.query) if self.query is not None else {}
        wanted = {name: value for name, value in fields.items() if name not in PAGE_FIELDS}
        return Binding(
            tenant=self.tenant.id,
            person=self.person_id,
            operation_id=self.spec.operation_id,
            filter=msgspec.json.encode(wanted, order="sorted"),
        )

    def stream(self) -> AsyncIterator[bytes]:
        """The raw body as it arrives.

        Raises:
            BodyTooLarge: While reading, once it is more than the route takes.
            RequestTimedOut: It did not end in time.
        """
        if not isinstance(self.spec.body, Raw):
            raise TypeError(f"{self.spec.operation_id} declares no raw body")
        return body_chunks(
            self.request, max_bytes=self.spec.body.max_bytes, timeout_s=self._deps.limits.stream_timeout_s
        )

    async def stream_reply(
        self, *, media_type: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> ReplyStream:
        """Begin an answer that is sent in pieces; the handler then returns None.

        A problem after this point cannot be told: the connection is closed instead.
        """
        return await self.outgoing.begin(self.request, status, media_type, headers or {})
