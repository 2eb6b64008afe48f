"""What a store is wanted for, and by whom: said when the store is made, so that no row is read without it."""

from dataclasses import dataclass, field
from enum import StrEnum

from policies.vocabulary import Purpose

MAX_REASON_LENGTH = 200


class Reader(StrEnum):
    """Who gets to see what is read. Values are stored in the data-use log: add, never rename."""

    OWN = "own"
    """The person whose data it is."""
    OTHER = "other"
    """Another person."""
    STAFF = "staff"
    """An operator; each read is recorded by itself before the data is shown."""
    WORKER = "worker"
    """Nobody: a job of the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccess:
    """Which operator looks, and why: the ticket or case that made it needed."""

    operator_id: str
    why: str

    def __post_init__(self) -> None:
        if not 0 < len(self.why) <= MAX_REASON_LENGTH:
            raise ValueError(f"a reason of 1 to {MAX_REASON_LENGTH} characters is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One purpose, one kind of reader.

    Attributes:
        rights: For a person's own rights (access, export, erasure, relocation, signing in to use them):
            asks no consent, and is not stopped by a restriction.
        staff: Needed, and allowed, with `Reader.STAFF` only.
    """

    purpose: Purpose
    reader: Reader = Reader.OWN
    rights: bool = False
    staff: StaffAccess | None = None
    key: str = field(init=False, compare=False)
    """The same for every access that gets the same answers."""

    def __post_init__(self) -> None:
        if (self.reader is Reader.STAFF) != (self.staff is not None):
            raise ValueError("reads of staff name operator and reason, other reads have neither")
        object.__setattr__(self, "key", f"{self.purpose}/{self.reader}/{self.rights:d}")
