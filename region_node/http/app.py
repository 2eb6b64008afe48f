"""Declared routes in, a Sanic app out."""

import contextlib
import itertools
from collections.abc import Coroutine, Iterable
from typing import Any

import structlog
from sanic import Request, Sanic
from sanic.config import Config
from sanic.exceptions import SanicException
from sanic.handlers import ErrorHandler

from region_node.errors import InternalFault, MethodNotAllowed
from region_node.http.cors import answer_preflight
from region_node.http.declare import BoundRoute, DeclarationError, Media, RouteSpec, collect
from region_node.http.docs import Description
from region_node.http.health import HealthRoutes, Readiness
from region_node.http.pipeline import LineWriter, Pipeline, refusal
from region_node.http.ports import HttpDeps
from region_node.http.problems import problem_of
from region_node.http.request_ids import request_id_of
from region_node.http.responses import Fixed, Outgoing, WireResponse, security_headers
from region_node.http.sockets import SocketPipeline

UNMATCHED = "unmatched"
"""The route of requests that reached none; their path may be anything and is not recorded."""

log = structlog.get_logger()

_names = itertools.count(1)


def build_app(routes: Iterable[BoundRoute], deps: HttpDeps) -> Sanic[Any, Any]:
    """An app that serves *routes*; start it with `server.HttpServer`.

    Raises:
        DeclarationError: Two routes share an operation id, or method and path.
    """
    bound = list(routes)
    _require_unique([one.spec for one in bound])
    fixed = security_headers(https=deps.https)
    app = Sanic(
        f"meridian-{next(_names)}",
        config=_config(deps),
        error_handler=Unhandled(deps, fixed),
        configure_logging=False,
        strict_slashes=True,
    )
    app.ctx.deps = deps
    app.ctx.routes = tuple(bound)
    app.ctx.followers = set()
    if any(one.spec.websocket for one in bound):
        app.enable_websocket()
    for one in bound:
        _add(app, one, deps)
    return app


def assemble(controllers: Iterable[object], deps: HttpDeps, readiness: Readiness) -> list[BoundRoute]:
    """The routes of *controllers*, and those that every node has: health, metrics, description."""
    routes = [bound for controller in controllers for bound in collect(controller)]
    routes += collect(HealthRoutes(readiness, deps.metrics))
    routes += collect(Description(routes, deps.limits))
    return routes


def _add(app: Sanic[Any, Any], bound: BoundRoute, deps: HttpDeps) -> None:
    spec = bound.spec
    fixed = security_headers(https=deps.https, content_policy=spec.content_policy)
    pipeline = SocketPipeline(bound, deps, fixed) if spec.websocket else Pipeline(bound, deps, fixed)

    def handle(request: Request, **_path: str) -> Coroutine[Any, Any, WireResponse | None]:
        return pipeline.handle(request)

    if spec.websocket:
        handle.is_websocket = True  # type: ignore[attr-defined]  # Sanic then expects no response
    app.add_route(
        handle,
        spec.path.replace("{", "<").replace("}", ":str>"),
        methods=_methods(spec),
        name=spec.operation_id.replace(".", "_").replace("-", "_"),
        stream=True,
    )


def _methods(spec: RouteSpec) -> list[str]:
    streams = spec.websocket or any(isinstance(answer, Media) for answer in spec.responses.values())
    return ["GET", "HEAD"] if spec.method == "GET" and not streams else [spec.method]


def _require_unique(specs: list[RouteSpec]) -> None:
    seen: set[Any] = set()
    for spec in specs:
        for key in (spec.operation_id, (spec.method, spec.path)):
            if key in seen:
                raise DeclarationError(f"declared twice: {key}")
            seen.add(key)


def _config(deps: HttpDeps) -> Config:
    limits = deps.limits
    return Config(
        {
            "ACCESS_LOG": False,
            "AUTO_EXTEND": False,
            "GRACEFUL_SHUTDOWN_TIMEOUT": limits.drain_timeout_s,
            "KEEP_ALIVE_TIMEOUT": limits.keep_alive_s,
            "MOTD": False,
            "NOISY_EXCEPTIONS": False,
            "REQUEST_MAX_HEADER_SIZE": limits.header_bytes,
            "REQUEST_TIMEOUT": limits.request_timeout_s,
            "RESPONSE_TIMEOUT": limits.request_timeout_s,
            "WEBSOCKET_MAX_SIZE": limits.websocket_bytes,
        },
        env_prefix=None,
    )


def _allowed_methods(request: Request) -> str:
    """The value of Allow; Sanic loses it for paths with parameters."""
    found = ["OPTIONS"]
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        with contextlib.suppress(SanicException):
            request.app.router.get(request.path, method, request.headers.get("host"))
            found.append(method)
    return ", ".join(found)


class Unhandled(ErrorHandler):
    """Answers what happens outside of any route: wrong paths and methods, broken HTTP, silence."""

    def __init__(self, deps: HttpDeps, fixed: Fixed) -> None:
        super().__init__()
        self._deps = deps
        self._fixed = fixed
        self._record = deps.metrics.recorder(UNMATCHED, "")
        self._line = LineWriter(deps, UNMATCHED, "")

    def response(self, request: Request, exception: Exception) -> WireResponse:
        problem = problem_of(exception)
        if isinstance(problem, InternalFault):
            log.error("a request failed outside of any route", exc_info=exception)
        if isinstance(problem, MethodNotAllowed):
            problem.headers["allow"] = _allowed_methods(request)
        known: Outgoing | None = getattr(request.ctx, "outgoing", None)
        outgoing = known or Outgoing(
            request_id_of(request.headers.get("x-request-id")), self._fixed, "no-store"
        )
        if isinstance(problem, MethodNotAllowed) and request.method == "OPTIONS":
            answer_preflight(request, self._deps, outgoing, problem.headers["allow"])
            response = outgoing.response(204, b"", "")
        else:
            response = refusal(problem, request, outgoing)
        if known is None:
            self._record(response.status, 0.0)
            self._line.write(None, outgoing.request_id, response.status, problem.code, 0.0)
        return response
