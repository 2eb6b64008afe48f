"""One way to write a document as bytes, so that what was signed and what was read are the same.

Keys are sorted, nothing is added between them, and what has its default is left out. A document that is
written in any other way is refused, as are duplicate and unknown keys.
"""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class NotCanonical(ValueError):
    """Malformed, or written in another way than ours; the message shows none of it."""


def canonical(document: msgspec.Struct) -> bytes:
    return msgspec.json.encode(document, order="sorted")


def read_canonical(body: bytes, kind: type[T]) -> T:
    """Raises NotCanonical."""
    try:
        document = msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotCanonical(f"no {kind.__name__.lower()}, or one with other fields") from None
    if canonical(document) != body:
        raise NotCanonical("not in canonical form")
    return document


def unsigned(document: Any) -> bytes:
    """What the signature of a document covers: all of it but the signature itself."""
    return canonical(msgspec.structs.replace(document, signature=""))
