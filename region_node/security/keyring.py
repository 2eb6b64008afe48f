"""Keys of a node: what seals people's keys, signs tokens and makes keyed hashes.

Personal data keys are wrapped by the key-encryption key of their jurisdiction's current epoch. An epoch is
*current*, then *superseded* (its keys still open, and are being rewrapped), *ended* (no living key uses it,
only backups do) and *destroyed* (nothing that it wrapped can be opened again, by anyone).

Keys are wrapped with AES-256-GCM rather than AES key wrap (RFC 3394), because GCM takes associated data: a
wrapped key opens only for the jurisdiction, epoch and person that it was made for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from region_node.security.sealing import DataKey


class KeyRingError(Exception):
    """A key is not to be had; the message names jurisdiction and epoch, never a person."""


class UnknownJurisdiction(KeyRingError):
    """This node holds no keys of that jurisdiction: a fault of routing or of set-up."""


class EpochDestroyed(KeyRingError):
    """The key was erased, on purpose and for good. Do not retry."""


class EpochInUse(KeyRingError):
    """The step would lose living keys: supersede, rewrap and end an epoch first."""


class EpochState(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    number: int
    state: EpochState
    created_at: datetime
    ended_at: datetime | None
    destroyed_at: datetime | None


class KeyEncryption(Protocol):
    """Wraps personal data keys; a file key ring or a cloud KMS. All of it may wait for a network."""

    async def wrap(self, jurisdiction: str, person_id: str, key: DataKey) -> bytes:
        """Wrap *key* under the current epoch; the result names its epoch (`wrapped_epoch`)."""
        ...

    async def unwrap(self, jurisdiction: str, person_id: str, wrapped: bytes) -> DataKey:
        """Open what `wrap` made for the same jurisdiction and person.

        Raises:
            EpochDestroyed: The epoch is gone.
            SealBroken: It was changed or made for somebody else.
        """
        ...

    async def rotate(self, jurisdiction: str) -> int:
        """Start a new epoch and return its number; the one before is superseded."""
        ...

    async def end(self, jurisdiction: str, epoch: int) -> None:
        """Declare that no living key is wrapped under *epoch* any more. Repeatable."""
        ...

    async def destroy(self, jurisdiction: str, epoch: int) -> None:
        """Erase the key of an ended *epoch*. Repeatable; cannot be undone."""
        ...

    async def epochs(self, jurisdiction: str) -> tuple[Epoch, ...]:
        """All epochs, oldest first, destroyed ones included."""
        ...
