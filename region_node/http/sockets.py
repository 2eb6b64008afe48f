"""WebSocket routes: the same gate as any request, before the handshake."""

import asyncio
from dataclasses import replace
from typing import Any

import structlog
from sanic import Request
from sanic.exceptions import SanicException, WebsocketClosed
from websockets.exceptions import ConnectionClosed

from locales.messages import N_
from region_node.errors import MalformedRequest
from region_node.http.authentication import WEBSOCKET_PROTOCOL
from region_node.http.call import Call
from region_node.http.declare import BoundRoute
from region_node.http.pipeline import Pipeline
from region_node.http.ports import HttpDeps
from region_node.http.responses import Fixed

INTERNAL_ERROR = 1011
NORMAL = 1000

log = structlog.get_logger()


class Socket:
    """A WebSocket, opened by its first use: what a handler raises before is an ordinary problem document.

    What a client may send at once is limited; see `HttpLimits.websocket_bytes`.
    """

    __slots__ = ("_connection", "_request")

    def __init__(self, request: Request) -> None:
        self._request = request
        self._connection: Any = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    async def _opened(self) -> Any:
        if self._connection is None:
            self._connection = await _open(self._request)
        return self._connection

    async def send(self, text: str) -> None:
        await (await self._opened()).send(text)

    async def receive(self) -> str | bytes | None:
        """The next message; None once the connection has ended."""
        connection = await self._opened()
        try:
            message: str | bytes | None = await connection.recv()
        except (ConnectionClosed, WebsocketClosed):
            return None
        except asyncio.CancelledError:
            # Sanic raises this for a connection that ended; only a task that was really cancelled has to end.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return None
        return message

    async def close(self, code: int = NORMAL) -> None:
        await (await self._opened()).close(code)


class SocketPipeline(Pipeline):
    """Answers a WebSocket route; what goes wrong before the handshake is an ordinary problem document.

    Origins are not checked: the token is never sent by a browser of its own accord.
    """

    def __init__(self, bound: BoundRoute, deps: HttpDeps, fixed: Fixed) -> None:
        super().__init__(replace(bound, handler=self._converse), deps, fixed)
        self._talk = bound.handler

    async def _converse(self, call: Call) -> None:
        _require_socket(call.request)
        socket, code = Socket(call.request), NORMAL
        try:
            await self._talk(call, socket)
        except (ConnectionClosed, WebsocketClosed):
            return
        except Exception:
            if not socket.is_open:
                raise
            code = INTERNAL_ERROR
            log.exception("a socket failed", route=self.spec.path, request_id=call.request_id)
        await socket.close(code)

    async def _finish(self, call: Call, result: Any) -> None:
        """Nothing is left to send."""


def _require_socket(request: Request) -> None:
    if request.headers.get("upgrade", "").lower() != "websocket":
        raise MalformedRequest(N_("This address takes WebSocket connections only."))


async def _open(request: Request) -> Any:
    protocol: Any = request.transport.get_protocol()
    offered = "sec-websocket-protocol" in request.headers
    try:
        return await protocol.websocket_handshake(request, [WEBSOCKET_PROTOCOL] if offered else None)
    except SanicException:
        raise MalformedRequest(N_("The WebSocket handshake is not valid.")) from None
