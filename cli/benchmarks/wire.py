"""HTTP/1.1 with as little work as possible on the client's side, so that the server is what is measured.

Knows just what this project's servers send: keep-alive, and bodies with a Content-Length.
"""

import asyncio
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


class Wire(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._received = bytearray()
        self._end = 0
        self._body_at = 0
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def to(cls, address: Address) -> "Wire":
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, address.host, address.port)
        return wire

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._transport is None or self._transport.is_closing():
            raise WireFault("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._end:
            head_end = self._received.find(_END_OF_HEAD)
            if head_end < 0:
                return
            length = _LENGTH.search(self._received, 0, head_end + 2)
            self._body_at = head_end + len(_END_OF_HEAD)
            self._end = self._body_at + (int(length[1]) if length else 0)
        if len(self._received) >= self._end:
            answer = int(self._received[_STATUS_AT]), bytes(self._received[self._body_at : self._end])
            del self._received[: self._end]
            self._end = 0
            self._answer(answer)

    def _answer(self, answer: tuple[int, bytes]) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(WireFault(f"the server closed the connection: {exc}"))


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
    turns = _turns(target.requests)
    wires = [await Wire.to(target.address) for _ in range(connections)]
    try:
        await asyncio.gather(*(_one_connection(wire, turns, end, durations) for wire in wires))
    finally:
        for wire in wires:
            wire.close()
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


async def _one_connection(wire: Wire, turns: Iterator[bytes], end: float, durations: list[float]) -> None:
    now = time.perf_counter()
    while now < end:
        status, _ = await wire.ask(next(turns))
        answered = time.perf_counter()
        if status != OK:
            raise WireFault(f"answered {status}")
        durations.append(answered - now)
        now = answered


def _turns(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def _ms(ordered: Sequence[float], percentile: int) -> float:
    return round(ordered[min(len(ordered) - 1, len(ordered) * percentile // 100)] * 1000, 3)
