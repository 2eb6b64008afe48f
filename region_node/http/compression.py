"""Content codings of answers (RFC 9110, section 8.4): zstd where the client knows it, else gzip."""

import asyncio
import zlib
from collections.abc import Mapping
from functools import lru_cache

import zstandard

from region_node.http.etag import CODINGS

MIN_BYTES = 1024
THREAD_BYTES = 256 * 1024
"""From here on compressing takes a millisecond or more, and is done off the event loop."""

_GZIP_WBITS = 31
_GZIP_LEVEL = 4
_ZSTD_LEVEL = 3
_MAX_HEADER_CHARS = 200


@lru_cache(maxsize=256)
def _chosen(header: str) -> str:
    weights = _weights(header)
    wildcard = weights.get("*", 0.0)
    best, best_weight = "", 0.0
    for coding in CODINGS:
        weight = weights.get(coding, wildcard)
        if weight > best_weight:
            best, best_weight = coding, weight
    return best


def chosen_coding(accept_encoding: str | None) -> str:
    """The coding to use; empty for none. A header that is not understood gets none."""
    if not accept_encoding or len(accept_encoding) > _MAX_HEADER_CHARS:
        return ""
    return _chosen(accept_encoding)


def _weights(header: str) -> Mapping[str, float]:
    weights = {}
    for item in header.lower().split(","):
        name, _, parameter = item.partition(";")
        key, _, value = parameter.strip().partition("=")
        try:
            weights[name.strip()] = float(value) if key.strip() == "q" else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights


def _compress(coding: str, body: bytes) -> bytes:
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WBITS)
    return packer.compress(body) + packer.flush()


async def compressed(coding: str, body: bytes) -> bytes:
    if len(body) >= THREAD_BYTES:
        return await asyncio.to_thread(_compress, coding, body)
    return _compress(coding, body)
