"""Places in lists, as text that only this node's region can read and only the same reader can use.

A cursor is AES-256-GCM over the position, bound to tenant, person, operation and filter: another's, one
of another list and an altered one do not open. It is hidden, not just signed: positions hold times and ids.
The key is the tenant's, derived from the key ring, so that every node of the region opens it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec

from region_node.errors import InvalidCursor, UnknownCursor
from region_node.security.sealing import DataKey, SealBroken, looks_sealed, seal, unseal

MAX_CHARS = 1024
_TABLE = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where a cursor counts. `filter` is what the list was asked for, without cursor and page size."""

    tenant: str
    person: str
    operation_id: str
    filter: bytes = b""

    def row(self) -> bytes:
        return msgspec.msgpack.encode((self.tenant, self.person, self.operation_id, self.filter))


def seal_cursor(key: DataKey, position: Any, binding: Binding) -> str:
    """*position* is anything msgpack can hold, of at most some hundred bytes."""
    place = binding.row()
    sealed = seal(key, msgspec.msgpack.encode(position), table=_TABLE, row=place, column="position")
    text = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
    if len(text) > MAX_CHARS:
        raise ValueError("the position is too large for a cursor")
    return text


def open_cursor(key: DataKey, cursor: str, binding: Binding, kind: type[Any]) -> Any:
    """The position, as a *kind*.

    Raises:
        InvalidCursor: It cannot be a cursor.
        UnknownCursor: It was altered, or made for another tenant, reader, list or filter.
    """
    if len(cursor) > MAX_CHARS:
        raise InvalidCursor
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        if not looks_sealed(sealed):
            raise InvalidCursor
        plain = unseal(key, sealed, table=_TABLE, row=binding.row(), column="position")
        return msgspec.msgpack.decode(plain, type=kind)
    except SealBroken:
        raise UnknownCursor from None
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise InvalidCursor from None
