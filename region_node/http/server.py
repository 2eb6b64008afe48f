"""The process's HTTP server: from an app to an open port, and an end that takes a known time.

Sanic's own runner is not used: its main process has been seen to spin after SIGTERM, and it owns the loop.
Here each step of the end has a limit: not ready, no new connections, requests finish, the rest is cut.
"""

import asyncio
import contextlib
import signal
import socket
from ssl import SSLContext
from typing import Any

import structlog
from sanic import Sanic
from sanic.http import Http
from sanic.router import Router

from region_node.http.health import Readiness

BACKLOG = 512
_STEP_S = 0.02
_LAST_STEP_S = 2.0

log = structlog.get_logger()


class HttpServer:
    """One listening app.

    Args:
        readiness: Told first when the end begins, so that load balancers look elsewhere.
        notice_s: How long to go on as before after that, for them to notice.
    """

    def __init__(self, app: Sanic[Any, Any], readiness: Readiness, *, notice_s: float = 0.0) -> None:
        self._app = app
        self._readiness = readiness
        self._notice_s = notice_s
        self._server: Any = None

    async def start(self, host: str, port: int, *, tls: SSLContext | None = None) -> int:
        """Listen; returns the port, which the system chooses where *port* is 0."""
        listening = socket.create_server((host, port), backlog=BACKLOG, family=_family(host))
        bound_port: int = listening.getsockname()[1]
        server: Any = await self._app.create_server(
            sock=listening, ssl=tls, backlog=BACKLOG, asyncio_server_kwargs={"start_serving": False}
        )
        _touch_up_once(self._app)
        await server.startup()
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        self._server = server
        return bound_port

    async def stop(self, timeout_s: float) -> None:
        """Finish what is under way, for at most *timeout_s*, then cut it; returns soon after in any case."""
        self._readiness.drain()
        server = self._server
        if server is None:
            return
        await asyncio.sleep(self._notice_s)
        closed = server.close()
        for follower in list(self._app.ctx.followers):
            # An event stream has no end of its own; its client connects again, elsewhere.
            follower.cancel()
        deadline_s = asyncio.get_running_loop().time() + timeout_s
        while server.connections and asyncio.get_running_loop().time() < deadline_s:
            for connection in list(server.connections):
                connection.close_if_idle()
            await asyncio.sleep(_STEP_S)
        if server.connections:
            log.warning("requests were cut at the end of the drain", count=len(server.connections))
        for connection in list(server.connections):
            connection.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_STEP_S):
                await self._end(server, closed)
        _forget(self._app)
        self._server = None

    async def _end(self, server: Any, closed: asyncio.Task[Any] | None) -> None:
        if closed is not None:
            await closed
        await server.before_stop()
        await server.after_stop()

    async def run_until_signal(self, drain_timeout_s: float) -> None:
        """Serve until SIGTERM or SIGINT, then stop; a second signal cuts at once."""
        loop = asyncio.get_running_loop()
        asked, again = asyncio.Event(), asyncio.Event()

        def on_signal() -> None:
            (again if asked.is_set() else asked).set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        try:
            await asked.wait()
            log.info("draining")
            stopping = asyncio.ensure_future(self.stop(drain_timeout_s))
            cut = asyncio.ensure_future(again.wait())
            await asyncio.wait({stopping, cut}, return_when=asyncio.FIRST_COMPLETED)
            cut.cancel()
            if not stopping.done():
                stopping.cancel()
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def _touch_up_once(app: Sanic[Any, Any]) -> None:
    """Let Sanic cut its dispatching of signals that nobody listens to: a third of its time per request.

    It rewrites its own classes for that, for all apps, and fails when it is to do so again in a process.
    """
    app.config.TOUCHUP = not getattr(Http, "__touched__", False)


def _forget(app: Sanic[Any, Any]) -> None:
    """Let go of *app*: Sanic keeps its apps, and the last routes that any app of the process has found.

    What another app finds is found again at its next request.
    """
    Sanic.unregister_app(app)
    Router.get.cache_clear()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
