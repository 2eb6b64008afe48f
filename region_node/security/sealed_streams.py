"""Sealing of files in segments, so that neither side ever holds a whole file.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance, 2015): a key per file, derived by HKDF from the data key and a random salt, and
a nonce per segment that holds its number and whether it is the last. So a file that was cut, extended, put
together from others or had segments swapped does not open.

Layout: `MSEA`, version, length of the jurisdiction id, the jurisdiction id in clear (auditors read it without
a key), salt; then segments of 64 KiB with a tag each, the last one shorter or equal. Header and object name
are associated data of every segment.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from region_node.security.sealing import KEY_BYTES, TAG_BYTES, DataKey, SealBroken

SEGMENT_BYTES = 64 * 1024

_MAGIC = b"MSEA"
_VERSION = 1
_SALT_BYTES = 32
_PREFIX_BYTES = 7
_FIXED = len(_MAGIC) + 2
_MAX_SEGMENTS = 2**32


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHeader:
    jurisdiction: str
    salt: bytes

    def encode(self) -> bytes:
        name = self.jurisdiction.encode("ascii")
        return _MAGIC + bytes((_VERSION, len(name))) + name + self.salt


def read_header(start: bytes | bytearray) -> StreamHeader | None:
    """What a sealed file says of itself in clear; None while *start* is too short to tell.

    Raises:
        SealBroken: This is no sealed file, or one of a later version.
    """
    if not _MAGIC.startswith(start[: len(_MAGIC)]) or (
        len(start) >= _FIXED and start[len(_MAGIC)] != _VERSION
    ):
        raise SealBroken("a file header")
    if len(start) < _FIXED or len(start) < (end := _FIXED + start[_FIXED - 1]) + _SALT_BYTES:
        return None
    try:
        jurisdiction = bytes(start[_FIXED:end]).decode("ascii")
    except UnicodeDecodeError:
        raise SealBroken("a file header") from None
    return StreamHeader(jurisdiction=jurisdiction, salt=bytes(start[end : end + _SALT_BYTES]))


class _Segments:
    """The cipher of one file, counting its segments."""

    def __init__(self, key: DataKey, header: StreamHeader, object_name: str) -> None:
        derived = HKDF(hashes.SHA256(), KEY_BYTES + _PREFIX_BYTES, header.salt, b"meridian file 1")
        material = derived.derive(key.reveal())
        self._cipher = AESGCM(material[:KEY_BYTES])
        self._prefix = material[KEY_BYTES:]
        self._bound = header.encode() + object_name.encode()
        self._count = 0

    def seal(self, segment: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), segment, self._bound)

    def open(self, segment: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), segment, self._bound)
        except InvalidTag:
            raise SealBroken("a file") from None

    def _nonce(self, *, last: bool) -> bytes:
        if self._count >= _MAX_SEGMENTS:
            raise OverflowError("a sealed file has at most 2**32 segments")
        nonce = self._prefix + self._count.to_bytes(4, "big") + bytes((last,))
        self._count += 1
        return nonce


class StreamSealer:
    """Seals one file: `update` with each chunk, then `finish` once; write out what both return, in order."""

    def __init__(self, key: DataKey, *, jurisdiction: str, object_name: str) -> None:
        header = StreamHeader(jurisdiction=jurisdiction, salt=os.urandom(_SALT_BYTES))
        self._segments = _Segments(key, header, object_name)
        self._out = [header.encode()]
        self._buffer = bytearray()

    def update(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        # One byte more than a segment must be there: only then is it certain not to be the last.
        for segment in _take_full(self._buffer, SEGMENT_BYTES):
            self._out.append(self._segments.seal(segment, last=False))
        ready, self._out = b"".join(self._out), []
        return ready

    def finish(self) -> bytes:
        last = self._segments.seal(bytes(self._buffer), last=True)
        self._buffer.clear()
        return b"".join([*self._out, last])


class StreamOpener:
    """Opens one file. What `update` returns is genuine; only `finish` tells that nothing is missing."""

    def __init__(self, key: DataKey, *, object_name: str) -> None:
        self._key = key
        self._object_name = object_name
        self._segments: _Segments | None = None
        self._buffer = bytearray()

    def update(self, chunk: bytes) -> bytes:
        self._buffer += chunk
        if self._segments is None and not self._read_header():
            return b""
        return b"".join(
            self._open(segment, last=False) for segment in _take_full(self._buffer, SEGMENT_BYTES + TAG_BYTES)
        )

    def finish(self) -> bytes:
        """The last segment.

        Raises:
            SealBroken: The file ends too early, goes on too long or was changed.
        """
        last = self._open(bytes(self._buffer), last=True)
        self._buffer.clear()
        return last

    def _read_header(self) -> bool:
        header = read_header(self._buffer)
        if header is None:
            return False
        del self._buffer[: len(header.encode())]
        self._segments = _Segments(self._key, header, self._object_name)
        return True

    def _open(self, segment: bytes, *, last: bool) -> bytes:
        if self._segments is None:
            raise SealBroken("a file")
        return self._segments.open(segment, last=last)


async def open_stream(
    key: DataKey, chunks: AsyncIterable[bytes], *, object_name: str
) -> AsyncIterator[bytes]:
    """Open a file as its chunks (of any size) come in; it is complete only when the iteration ends by itself.

    Raises:
        SealBroken: As soon as a segment does not open; what came before was genuine.
    """
    opener = StreamOpener(key, object_name=object_name)
    async for chunk in chunks:
        if plain := opener.update(chunk):
            yield plain
    if plain := opener.finish():
        yield plain


def seal_bytes(key: DataKey, plaintext: bytes, *, jurisdiction: str, object_name: str) -> bytes:
    """A whole small file at once, in the same form."""
    sealer = StreamSealer(key, jurisdiction=jurisdiction, object_name=object_name)
    return sealer.update(plaintext) + sealer.finish()


def open_bytes(key: DataKey, sealed: bytes, *, object_name: str) -> bytes:
    opener = StreamOpener(key, object_name=object_name)
    return opener.update(sealed) + opener.finish()


def _take_full(buffer: bytearray, size: int) -> list[bytes]:
    """Cut from *buffer* all pieces of *size* bytes that something follows."""
    count = max(0, len(buffer) - 1) // size
    with memoryview(buffer) as view:
        pieces = [bytes(view[at * size : (at + 1) * size]) for at in range(count)]
    del buffer[: count * size]
    return pieces
