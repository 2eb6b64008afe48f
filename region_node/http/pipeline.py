"""The way of a request through one route, put together at start-up so that little is left to decide later.

host → tenant, address's allowance, token, account's allowance, query, body, handler, conditions, compression.
The body is read last: who may not send gets to know before sending.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import msgspec
import structlog
from sanic import Request
from sanic.http import Stage

from region_node.errors import (
    InternalFault,
    NotAcceptable,
    NotFound,
    Problem,
    RequestTimedOut,
    TooManyRequests,
    Unavailable,
)
from region_node.http.authentication import Gate
from region_node.http.bodies import readers, require_media_type
from region_node.http.call import Call, Reply
from region_node.http.compression import MIN_BYTES, chosen_coding, compressed
from region_node.http.cors import allow_origin
from region_node.http.declare import Answer, BoundRoute, Media, Raw
from region_node.http.etag import quoted
from region_node.http.languages import reader
from region_node.http.layer_problems import layer_problems
from region_node.http.limits import discard_body
from region_node.http.ports import HttpDeps
from region_node.http.problems import PROBLEM_JSON, encoded, header_fields, problem_of
from region_node.http.request_ids import request_id_of
from region_node.http.responses import JSON, Fixed, Outgoing, WireResponse
from region_node.observability.logs import RequestLine, short_hash, timestamp

SanicHandler = Callable[..., Awaitable[Any]]

CLIENT_GONE = 499
"""Recorded where nobody is left to read an answer."""

NOT_MODIFIED = 304

COMPRESSED = ("json", "javascript", "css")
"""What media types that are worth compressing end with."""

log = structlog.get_logger()

_encode = msgspec.json.Encoder().encode


class Pipeline:
    """Answers the requests of one route."""

    def __init__(self, bound: BoundRoute, deps: HttpDeps, fixed: Fixed) -> None:
        spec = bound.spec
        self.spec = spec
        self.deps = deps
        self._fixed = fixed
        self._clock = deps.clock
        self._handler = bound.handler
        self._gate = Gate(spec, deps)
        self._query, self._body = readers(spec, deps.limits)
        self._raw_types = spec.body.media_types if isinstance(spec.body, Raw) else None
        self._media = {status: _media_type(answer) for status, answer in spec.responses.items()}
        self._offered = tuple(media_type or JSON for media_type in self._media.values())
        self._declared = layer_problems(spec) | set(spec.problems)
        self._record = deps.metrics.recorder(spec.path, spec.method)
        self._line = LineWriter(deps, spec.path, spec.method)

    async def handle(self, request: Request, **_path: str) -> WireResponse | None:
        started_s = self._clock()
        metrics = self.deps.metrics
        metrics.in_flight += 1
        outgoing = Outgoing(
            request_id_of(request.headers.get("x-request-id")), self._fixed, self.spec.cache_control
        )
        if "origin" in request.headers:
            allow_origin(request, self.deps, outgoing)
        status, code, call, response = CLIENT_GONE, "", None, None
        try:
            tenant = await self._gate.tenant(request)
            call = Call(request, self.spec, self.deps, tenant, outgoing)
            await self._admit(call)
            response = await self._finish(call, await self._handler(call))
            status = response.status if response is not None else self.spec.success_status
        except asyncio.CancelledError:
            if getattr(request.stream, "exception", None) is not None:
                # Sanic cancels what takes too long, and then has the error answered by `app.Unhandled`.
                status = Unavailable.status
            request.ctx.outgoing = outgoing
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is answered as a problem
            problem = self._understood(fault, outgoing)
            status, code = problem.status, problem.code
            response = await self._refuse(problem, request, outgoing)
        finally:
            metrics.in_flight -= 1
            duration_s = self._clock() - started_s
            # How long a stream or socket stays open says nothing of how fast the node is.
            self._record(status, duration_s if response is not None else None)
            if outgoing.follower is not None:
                request.app.ctx.followers.discard(outgoing.follower)
            self._line.write(call, outgoing.request_id, status, code, duration_s)
        return response

    async def _admit(self, call: Call) -> None:
        """Let the request in, and read what it brings."""
        request = call.request
        for value in call.path.values():
            if len(value) > self.deps.limits.path_parameter_chars:
                raise NotFound
        await self._gate.admit(call)
        if call.person_id and request.headers.get("sec-gpc") == "1" and self.deps.heed_privacy_signal:
            await self.deps.heed_privacy_signal(call.tenant.id, call.person_id)
        accept = request.headers.get("accept")
        if accept is not None and not _acceptable(accept, self._offered):
            raise NotAcceptable
        if self._query is not None:
            call.query = self._query.read(request)
        if self._body is not None:
            call.body = await self._body.read(request)
        elif self._raw_types is not None:
            require_media_type(request, self._raw_types)
        elif request.stream is not None and request.stream.request_body:
            await discard_body(request, max_bytes=self.deps.limits.discard_bytes)

    async def _refuse(self, problem: Problem, request: Request, outgoing: Outgoing) -> WireResponse | None:
        """Answer with *problem*; None where an answer has begun: it is cut, so as not to seem whole."""
        if request.responded:
            if request.stream is not None and request.stream.stage is not Stage.HANDLER:
                transport: Any = request.transport
                transport.abort()
                return None
            request.reset_response()
        stalled = isinstance(problem, RequestTimedOut)
        await discard_body(request, max_bytes=0 if stalled else self.deps.limits.discard_bytes)
        return refusal(problem, request, outgoing)

    async def _finish(self, call: Call, result: Any) -> WireResponse | None:
        """Make the answer from what the handler returned; None where it has sent it itself."""
        if result is None and call.request.responded:
            return None
        outgoing = call.outgoing
        reply = result if isinstance(result, Reply) else Reply(result)
        status = reply.status or self.spec.success_status
        if reply.headers:
            outgoing.headers.update({name.lower(): value for name, value in reply.headers.items()})
        if reply.etag:
            outgoing.headers["etag"] = quoted(reply.etag)
            if self.spec.method == "GET" and call.is_known(reply.etag):
                return outgoing.response(NOT_MODIFIED, b"", "")
        media_type = self._media.get(status)
        if media_type is None:
            raise RuntimeError(f"{self.spec.operation_id} does not declare status {status}")
        body = reply.body
        if body is None:
            return outgoing.response(status, b"", media_type)
        if not isinstance(body, bytes):
            body = _encode(body)
        if len(body) >= MIN_BYTES and media_type.endswith(COMPRESSED):
            body = await _packed(call, reply, body)
        return outgoing.response(status, body, media_type)

    def _understood(self, fault: Exception, outgoing: Outgoing) -> Problem:
        problem = problem_of(fault)
        if isinstance(problem, TooManyRequests):
            self.deps.metrics.rate_limited.labels(self.spec.path).inc()
        undeclared = type(problem) not in self._declared
        if undeclared:
            self.deps.metrics.undeclared_problems.labels(self.spec.path, problem.code).inc()
        if undeclared or isinstance(problem, InternalFault):
            log.error(
                "an undeclared problem" if undeclared else "a request failed",
                code=problem.code,
                route=self.spec.path,
                method=self.spec.method,
                request_id=outgoing.request_id,
                exc_info=fault,
            )
        return problem


def _media_type(answer: Answer) -> str:
    """Empty where there is no body."""
    if answer is None:
        return ""
    return answer.media_type if isinstance(answer, Media) else JSON


async def _packed(call: Call, reply: Reply, body: bytes) -> bytes:
    coding = chosen_coding(call.request.headers.get("accept-encoding"))
    if not coding:
        return body
    headers = call.outgoing.headers
    headers["content-encoding"] = coding
    if reply.etag:
        headers["etag"] = quoted(f"{reply.etag}+{coding}")
    return await compressed(coding, body)


def refusal(problem: Problem, request: Request, outgoing: Outgoing) -> WireResponse:
    """The answer that tells of *problem*."""
    translator = reader(request.headers.get("accept-language"), outgoing.own_language)
    outgoing.language = translator.locale
    outgoing.cache_control = "no-store"
    for stale in ("etag", "content-type", "content-encoding"):
        outgoing.headers.pop(stale, None)
    outgoing.headers.update(header_fields(problem))
    return outgoing.response(problem.status, encoded(problem, translator, outgoing.request_id), PROBLEM_JSON)


@lru_cache(maxsize=512)
def _ranges(accept: str) -> frozenset[str]:
    """The media ranges of an Accept header that are not excluded by a weight of 0."""
    found = set()
    for item in accept.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weights = [p.partition("=")[2] for p in parameters if p.startswith("q=")]
        if not any(weight.strip("0.") == "" for weight in weights):
            found.add(name)
    return frozenset(found)


_ACCEPT_MAX_CHARS = 500


def _acceptable(accept: str, offered: tuple[str, ...]) -> bool:
    if accept == "*/*" or len(accept) > _ACCEPT_MAX_CHARS:
        return True
    ranges = _ranges(accept)
    if "*/*" in ranges:
        return True
    return any(kind in ranges or f"{kind.partition('/')[0]}/*" in ranges for kind in offered)


class LineWriter:
    """Writes the log lines of one route."""

    __slots__ = ("_log", "_method", "_route")

    def __init__(self, deps: HttpDeps, route: str, method: str) -> None:
        self._log = deps.request_log
        self._route = route
        self._method = method

    def write(self, call: Call | None, request_id: str, status: int, code: str, duration_s: float) -> None:
        person = call.person_id if call is not None else ""
        self._log.line(
            RequestLine(
                timestamp=timestamp(),
                level="error" if status == InternalFault.status else "info",
                event="request",
                request_id=request_id,
                route=self._route,
                method=self._method,
                status=status,
                duration_ms=int(duration_s * 1_000_000) / 1000,
                tenant=call.tenant.id if call is not None else "",
                person=short_hash(person) if person else "",
                code=code,
            )
        )
