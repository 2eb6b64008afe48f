"""How much and how long: every size, depth and time that a request may take."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sanic.exceptions import SanicException

from locales.messages import N_
from region_node.errors import BodyTooLarge, MalformedRequest, RequestTimedOut

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """The limits of a node; sizes of bodies are each route's own.

    Attributes:
        request_timeout_s: Silence that is allowed while a request or its body arrives or its answer is made.
        body_timeout_s: For a whole JSON body to arrive.
        stream_timeout_s: For a whole streamed body to arrive.
        drain_timeout_s: What requests get to end after SIGTERM.
        discard_bytes: Of a body that is refused, so much is read and dropped, so that the client gets to read
            why (a connection closed on unread data takes the answer with it): more than the largest file has.
    """

    request_timeout_s: float = 30.0
    body_timeout_s: float = 20.0
    stream_timeout_s: float = 600.0
    keep_alive_s: float = 75.0
    drain_timeout_s: float = 10.0
    header_bytes: int = 16 * KIB
    json_depth: int = 32
    query_fields: int = 50
    path_parameter_chars: int = 128
    discard_bytes: int = 64 * MIB
    websocket_bytes: int = 64 * KIB


async def body_chunks(request: Any, *, max_bytes: int, timeout_s: float) -> AsyncIterator[bytes]:
    """The body as it arrives.

    Raises:
        BodyTooLarge: More than *max_bytes* were announced, or have come.
        RequestTimedOut: It did not end within *timeout_s*.
    """
    stream = request.stream
    if stream.request_body is True and stream.request_bytes_left > max_bytes:
        raise BodyTooLarge(max_bytes=max_bytes)
    received = 0
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while stream.request_body:
        try:
            async with asyncio.timeout_at(deadline):
                chunk = await stream.read()
        except TimeoutError:
            raise RequestTimedOut(retry_after_s=1) from None
        if chunk:
            received += len(chunk)
            if received > max_bytes:
                raise BodyTooLarge(max_bytes=max_bytes)
            yield chunk


async def read_body(request: Any, *, max_bytes: int, timeout_s: float) -> bytes:
    """The whole body. Raises what `body_chunks` raises."""
    chunks = [chunk async for chunk in body_chunks(request, max_bytes=max_bytes, timeout_s=timeout_s)]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def discard_body(request: Any, *, max_bytes: int, timeout_s: float = 10.0) -> None:
    """Read and drop what a request still sends, within limits; if there is more, its connection is closed."""
    stream = request.stream
    if stream is None or not stream.request_body:
        return
    dropped = max_bytes if stream.expecting_continue else 0
    with contextlib.suppress(TimeoutError, SanicException):
        async with asyncio.timeout(timeout_s):
            while stream.request_body and dropped < max_bytes:
                dropped += len(await stream.read() or b"")
    if stream.request_body:
        stream.request_body = None
        stream.keep_alive = False


def require_depth(body: bytes, max_depth: int) -> None:
    """Refuse JSON that is nested deeper than *max_depth*.

    Raises:
        MalformedRequest: It is.
    """
    # A body cannot be deeper than it has opening brackets: most are settled by two fast counts.
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return
    depth = 0
    for byte in _TEXTS.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > max_depth:
                raise MalformedRequest(
                    N_("It is nested more than {max_depth} levels deep."), max_depth=max_depth
                )
        elif byte in b"]}":
            depth -= 1


_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
