"""HTTP/1.1 with as little work as possible on the client's side, so that the server is what is measured.

Knows just what this project's servers send: keep-alive, and bodies with a Content-Length.
"""

import asyncio
import itertools
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cli.benchmarks.proc import cpu_s

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"
_STATUS_AT = slice(9, 12)
OK = 200
PERCENTILE = 99


class WireFault(Exception):
    """The server closed the connection, or answered something else than expected."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int


def request_bytes(
    method: str, path: str, address: Address, *, token: str = "", body: bytes | None = None, kind: str = ""
) -> bytes:
    """A whole request; *kind* is the media type of *body*."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {address.host}:{address.port}", "accept: */*"]
    if token:
        lines.append(f"authorization: Bearer {token}")
    if body is not None:
        lines += [f"content-type: {kind}", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class _Connection(asyncio.Protocol):
    """One connection, one request at a time; `answered` is called for each answer."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head_end = received.find(_END_OF_HEAD)
        if head_end < 0:
            self._received = received
            return
        length = _LENGTH.search(received, 0, head_end + 2)
        body_at = head_end + len(_END_OF_HEAD)
        if len(received) < body_at + (int(length[1]) if length else 0):
            self._received = received
            return
        self._received = b""
        self.answered(int(received[_STATUS_AT]), received, body_at)

    def answered(self, status: int, received: bytes, body_at: int) -> None:
        raise NotImplementedError


class Wire(_Connection):
    """For one who waits for each answer."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def to(cls, address: Address) -> "Wire":
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, address.host, address.port)
        return wire

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self.transport is None or self.transport.is_closing():
            raise WireFault("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._waiting

    def close(self) -> None:
        self.transport.close()

    def answered(self, status: int, received: bytes, body_at: int) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((status, received[body_at:]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(WireFault(f"the server closed the connection: {exc}"))


class _Pump(_Connection):
    """Asks again in the same turn of the loop in which an answer comes, without a task or a future."""

    def __init__(self, turns: Iterator[bytes], end: float, durations: list[float]) -> None:
        super().__init__()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns = turns
        self._end = end
        self._durations = durations
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._ask(time.perf_counter())

    def answered(self, status: int, received: bytes, body_at: int) -> None:  # noqa: ARG002 - the body is not read
        now = time.perf_counter()
        self._durations.append(now - self._asked_at)
        if status != OK:
            self._stop(WireFault(f"answered {status}"))
        elif now >= self._end:
            self._stop(None)
        else:
            self._ask(now)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop(WireFault(f"the server closed the connection: {exc}"))

    def _ask(self, now: float) -> None:
        self._asked_at = now
        self.transport.write(next(self._turns))

    def _stop(self, fault: WireFault | None) -> None:
        if self.done.done():
            return
        if fault is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(fault)
        self.transport.close()


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a server did under load."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_request: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server's process, and the requests that it is asked in turn."""

    address: Address
    pid: int
    requests: Sequence[bytes]


async def loaded(target: Target, *, connections: int, seconds: float) -> Load:
    """Ask over keep-alive connections, each again as soon as its last answer is there.

    Raises:
        WireFault: an answer other than 200.
    """
    durations: list[float] = []
    cpu_begin_s = cpu_s(target.pid)
    begin = time.perf_counter()
    end = begin + seconds
    turns = itertools.cycle(target.requests)
    loop = asyncio.get_running_loop()
    pumps = []
    for _ in range(connections):
        _, pump = await loop.create_connection(
            lambda: _Pump(turns, end, durations), target.address.host, target.address.port
        )
        pumps.append(pump.done)
    await asyncio.gather(*pumps)
    elapsed_s = time.perf_counter() - begin
    used_s = cpu_s(target.pid) - cpu_begin_s
    durations.sort()
    return Load(
        requests_per_s=round(len(durations) / elapsed_s, 1),
        p50_ms=_ms(durations, 50),
        p99_ms=_ms(durations, PERCENTILE),
        cpu_us_per_request=round(used_s * 1e6 / len(durations), 1),
    )


def median_load(rounds: Sequence[Load]) -> Load:
    return Load(
        requests_per_s=statistics.median(load.requests_per_s for load in rounds),
        p50_ms=statistics.median(load.p50_ms for load in rounds),
        p99_ms=statistics.median(load.p99_ms for load in rounds),
        cpu_us_per_request=statistics.median(load.cpu_us_per_request for load in rounds),
    )


def _ms(ordered: Sequence[float], percentile: int) -> float:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percentile // 100)] * 1000, 3)
