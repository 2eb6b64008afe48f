"""An erasure under way: which steps are done, and what the receipt will say. Ids and instants only."""

from datetime import datetime
from enum import StrEnum

import msgspec

from region_node.storage.engine import Row
from region_node.storage.outbox import Pointer
from region_node.storage.values import blob

QUEUE = "open"


class Step(StrEnum):
    """In this order. Values are stored and stand in receipts: add, never rename."""

    APPROVED = "approved"
    ACCOUNT_CLOSED = "account-closed"
    MANIFEST_WRITTEN = "manifest-written"
    KEY_DESTROYED = "key-destroyed"
    ROWS_DELETED = "rows-deleted"
    LATE_ROWS_DELETED = "late-rows-deleted"


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    step: Step
    at: datetime


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `sha256` of the chunks in order, entries by table or by the key that tables share."""

    chunks: int
    sha256: str
    rows: dict[str, int]
    objects: int


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """Where the outbox row of `person.erased` lies."""

    bucket: datetime
    pointer_id: str

    @classmethod
    def of(cls, pointer: Pointer) -> "Announced":
        return cls(bucket=pointer.bucket, pointer_id=pointer.pointer_id)


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes:
    link: SHA-256 of the secret that opens the receipt.
    key_epoch: The epoch that wrapped the person's key; 0 where there was no key any more.
    ledger_head: Hash of the last entry of the consent ledger, in hex; empty where there was none.
    act_id: The act that two of the staff signed; empty where the person asked themself.
    """

    request_id: str
    person_id: str
    tenant: str
    jurisdiction: str
    channel: str
    opened_at: datetime
    due_at: datetime
    link: bytes
    steps: tuple[StepDone, ...]
    manifest: Manifest | None = None
    key_epoch: int = 0
    ledger_head: str = ""
    act_id: str = ""
    announced: Announced | None = None

    @property
    def step(self) -> Step:
        return self.steps[-1].step

    def done(self, step: Step, at: datetime, **changes: object) -> "Erasure":
        return msgspec.structs.replace(self, steps=(*self.steps, StepDone(step=step, at=at)), **changes)

    def at(self, step: Step) -> datetime:
        """When *step* was done. Raises StopIteration where it was not."""
        return next(one.at for one in self.steps if one.step is step)


def erasure_row(erasure: Erasure) -> Row:
    return {
        "queue": QUEUE,
        "request_id": erasure.request_id,
        "person_id": erasure.person_id,
        "step": erasure.step.value,
        "body": msgspec.json.encode(erasure),
    }


def erasure_of(row: Row) -> Erasure:
    return msgspec.json.decode(blob(row, "body"), type=Erasure)
