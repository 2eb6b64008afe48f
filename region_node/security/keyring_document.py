"""The content of a key ring file, as data; `file_keyring` reads and writes it."""

from datetime import datetime

import msgspec

from region_node.security.keyring import Epoch, EpochState

FORMAT = 1


class EpochRecord(msgspec.Struct, kw_only=True):
    created_at: datetime
    ended_at: datetime | None = None
    destroyed_at: datetime | None = None
    key: bytes | None = None
    """None once it is destroyed."""

    def __repr__(self) -> str:
        return "EpochRecord(hidden)"


class JurisdictionKeys(msgspec.Struct, kw_only=True):
    current: int
    epochs: dict[int, EpochRecord]
    index_root: bytes

    def __repr__(self) -> str:
        return "JurisdictionKeys(hidden)"

    def describe(self) -> tuple[Epoch, ...]:
        return tuple(
            Epoch(
                number=number,
                state=self._state(number, record),
                created_at=record.created_at,
                ended_at=record.ended_at,
                destroyed_at=record.destroyed_at,
            )
            for number, record in sorted(self.epochs.items())
        )

    def _state(self, number: int, record: EpochRecord) -> EpochState:
        if record.destroyed_at is not None:
            return EpochState.DESTROYED
        if record.ended_at is not None:
            return EpochState.ENDED
        return EpochState.CURRENT if number == self.current else EpochState.SUPERSEDED


class SigningRecord(msgspec.Struct, kw_only=True):
    seed: bytes
    created_at: datetime

    def __repr__(self) -> str:
        return "SigningRecord(hidden)"


class Document(msgspec.Struct, kw_only=True):
    format: int
    jurisdictions: dict[str, JurisdictionKeys]
    signing_keys: list[SigningRecord]
    """The first one signs, all are accepted."""
    cursor_root: bytes

    def __repr__(self) -> str:
        return "Document(hidden)"


def encode(document: Document) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document))


def decode(content: bytes) -> Document:
    """Read a key ring file.

    Raises:
        ValueError: It is damaged or of another format; the message shows none of it.
    """
    try:
        document = msgspec.json.decode(content, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ValueError("the key ring file is damaged: restore it from its backup") from None
    if document.format != FORMAT:
        raise ValueError(f"the key ring file has format {document.format}, this version reads {FORMAT}")
    return document
