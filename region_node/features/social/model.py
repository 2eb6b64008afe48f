"""Who follows whom: two halves, each kept at the home of the one whose word it is.

A follower says that they follow, the followed person answers. Each time a follower begins anew the version
of their half grows, and an answer is about one version: so it counts in whatever order things arrive, and
an old answer never counts for a new request.
"""

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

from region_node.ids import SEPARATOR, jurisdiction_of


def reference_to(tenant: str, person_id: str) -> str:
    """What stands for a person where their id must not lie in the clear: in the spaces of other homes.

    The same in every region; begins with the jurisdiction. An id has 80 random bits, so no search finds it.

    Raises:
        ValueError: it is no person's id.
    """
    digest = hashlib.sha256(f"{tenant}/{person_id}".encode()).hexdigest().upper()
    return f"{jurisdiction_of(person_id)}{SEPARATOR}{digest}"


class FollowState(StrEnum):
    REQUESTED = "requested"
    """Not answered, refused or not heard of: who asks is not told which."""
    ACCEPTED = "accepted"


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """The follower's half. One that has ended is kept for its version."""

    person_id: str
    followed_id: str
    version: int
    active: bool


class FollowRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What came from the follower's home."""

    person_id: str
    follower_id: str
    version: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The followed person's half: their word on one version of a request."""

    person_id: str
    follower_id: str
    version: int
    accepted: bool

    def counts_for(self, request: FollowRequest | None) -> bool:
        return request is not None and request.version == self.version


class FeedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a workout stands in a feed; what it says is kept once per region, as a projection."""

    person_id: str
    started_at: datetime
    author_id: str
    workout_id: str
