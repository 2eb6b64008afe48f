"""A zip that is written piece by piece into a sealed object: never held whole, packed or unpacked."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    size_bytes: int
    sha256: str


class _Pipe(io.RawIOBase):
    """Keeps what the zip writes until it is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        data = bytes(piece)  # type: ignore[call-overload]  # any buffer, as RawIOBase has it
        self._pieces.append(data)
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class Bundle:
    """`write` gets the packed bytes in order; *at* is the instant that all members are dated by."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]], at: datetime) -> None:
        self._write = write
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED)
        self._at = at.timetuple()[:6]
        self.members: list[Member] = []
        self.size_bytes = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if fault is None:
            self._zip.close()
            await self._drain()

    async def add(self, path: str, pieces: AsyncIterable[bytes]) -> bool:
        """Write a member; where there is not a single piece there is no member, and False."""
        member, digest, size = None, hashlib.sha256(), 0
        try:
            async for piece in pieces:
                member = member or self._zip.open(zipfile.ZipInfo(path, self._at), "w", force_zip64=True)
                digest.update(piece)
                size += len(piece)
                member.write(piece)
                await self._drain()
        finally:
            if member is not None:
                member.close()
        if member is None:
            return False
        await self._drain()
        self.members.append(Member(path=path, size_bytes=size, sha256=digest.hexdigest()))
        return True

    async def _drain(self) -> None:
        packed = self._pipe.take()
        if packed:
            self.size_bytes += len(packed)
            await self._write(packed)
