"""Answers on their way out: header fields that all have, made once, and those of one answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from locales.supported import SOURCE_LOCALE

JSON = "application/json"
EVENT_STREAM = "text/event-stream"

CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
VARY = "accept, accept-encoding, accept-language, authorization, origin"
EXPOSED = "etag, location, link, retry-after, ratelimit, ratelimit-policy, x-request-id, content-language"

Fixed = tuple[bytes, bytes]
"""All unchanging header fields as if they were one: a name, and a value that holds the others in lines."""

_UNSAFE = str.maketrans("", "", "\r\n\x00")


def security_headers(*, https: bool, content_policy: str = CONTENT_POLICY) -> Fixed:
    """What tells a browser to trust an answer with nothing."""
    fields = {
        "x-content-type-options": "nosniff",
        "content-security-policy": content_policy,
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "vary": VARY,
    }
    if https:
        fields["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    first, *others = fields.items()
    lines = [first[1], *(f"{name}: {value}" for name, value in others)]
    return first[0].encode(), "\r\n".join(lines).encode()


class WireResponse(HTTPResponse):
    """A response whose unchanging header fields are encoded already.

    Sanic adds to `headers` itself: names are in lower case.
    """

    __slots__ = ("fixed",)

    def __init__(self, status: int, body: bytes, fixed: Fixed, headers: dict[str, Any]) -> None:
        self.asgi = False
        self.body = body
        self.content_type = None
        self.stream = None
        self.status = status
        self.headers = headers  # type: ignore[assignment]  # a dict does all that Sanic asks of it, and faster
        self.fixed = fixed
        self._cookies = None

    @property
    def processed_headers(self) -> Any:
        """One pair for all of them: Sanic joins pairs into lines one by one, which takes longer."""
        fields = self.headers
        fields.pop("alt-svc", None)  # Sanic announces another protocol, emptily
        lines = "".join([f"\r\n{name}: {value}" for name, value in fields.items()])
        if lines.count("\r") != len(fields) or lines.count("\n") != len(fields) or "\0" in lines:
            lines = "".join(
                [f"\r\n{name}: {str(value).translate(_UNSAFE)}" for name, value in fields.items()]
            )
        name, value = self.fixed
        return ((name, value + lines.encode(errors="surrogateescape")),)


class Outgoing:
    """What is known of an answer while its request is handled."""

    __slots__ = ("cache_control", "fixed", "follower", "headers", "language", "own_language", "request_id")

    def __init__(self, request_id: str, fixed: Fixed, cache_control: str) -> None:
        self.request_id = request_id
        self.fixed = fixed
        self.cache_control = cache_control
        self.headers: dict[str, Any] = {"x-request-id": request_id}
        self.language = ""
        self.own_language = SOURCE_LOCALE
        """What the caller reads, where the request does not ask for a language."""
        self.follower: asyncio.Task[Any] | None = None
        """The task that sends events without end; it is ended first when the node stops."""

    def response(self, status: int, body: bytes, media_type: str) -> WireResponse:
        headers = self.headers
        if media_type:
            headers.setdefault("content-type", media_type)
        if self.language:
            headers["content-language"] = self.language
        headers.setdefault("cache-control", self.cache_control)
        return WireResponse(status, body, self.fixed, headers)

    async def begin(
        self, request: Request, status: int, media_type: str, headers: Mapping[str, str]
    ) -> "ReplyStream":
        self.headers.update({name.lower(): value for name, value in headers.items()})
        response = self.response(status, b"", media_type)
        response.headers["content-type"] = media_type
        if media_type == EVENT_STREAM:
            self.follower = asyncio.current_task()
            request.app.ctx.followers.add(self.follower)
        await request.respond(response)
        return ReplyStream(response)


class ReplyStream:
    """An answer that is sent in pieces; waits while the client is slow."""

    __slots__ = ("_response",)

    def __init__(self, response: WireResponse) -> None:
        self._response = response

    async def send(self, data: bytes) -> None:
        await self._response.send(data)

    async def send_event(self, data: bytes, *, event: str = "", event_id: str = "") -> None:
        """One server-sent event; *data* is one line, such as JSON."""
        lines = [f"id: {event_id}".encode()] if event_id else []
        if event:
            lines.append(f"event: {event}".encode())
        await self._response.send(b"\n".join([*lines, b"data: " + data, b"", b""]))

    async def heartbeat(self) -> None:
        """A comment that keeps the way open; send one at least every 15 s."""
        await self._response.send(b":\n\n")
