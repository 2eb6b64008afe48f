"""Streams and consumers of a region, as data. Names and subjects are part of the wire: add, never rename.

What a region sends abroad waits in a stream for each destination and lane, with one consumer. So a peer
that is away fills its own streams and nobody else's, a backlog never keeps a retraction out, numbers in a
stream have no gaps but those of what was erased or grew too old, and a message for a destination that has
no stream is refused by the server. The region's own residents are a destination like any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from policies.vocabulary import Region

DUPLICATE_WINDOW_S = 120.0


class Retention(StrEnum):
    WORK = "workqueue"
    """A message ends when its one consumer has acknowledged it."""
    INTEREST = "interest"
    """A message ends when every consumer has acknowledged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A full stream refuses new messages and keeps the old; ages and windows are in seconds."""

    name: str
    subjects: tuple[str, ...]
    retention: Retention
    max_bytes: int
    max_age_s: float
    duplicate_window_s: float = DUPLICATE_WINDOW_S
    max_message_bytes: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A durable pull consumer. Unacknowledged for `ack_wait_s`, a message is delivered again."""

    stream: str
    name: str
    subject: str
    ack_wait_s: float = 60.0
    max_in_hand: int = 256


class Lane(StrEnum):
    """How urgent an event is. A region empties the first one first."""

    RETRACTION = "retraction"
    INTERACTIVE = "interactive"
    BULK = "bulk"


DAY_S = 86_400.0
MIB = 1024 * 1024

WORK_STREAM = Stream(
    name="WORK",
    subjects=("work.>",),
    retention=Retention.WORK,
    max_bytes=256 * MIB,
    max_age_s=7 * DAY_S,
)
EVENT_STREAM = Stream(
    name="EVENTS",
    subjects=("event.>",),
    retention=Retention.INTEREST,
    max_bytes=256 * MIB,
    max_age_s=7 * DAY_S,
)
IMPORTS = Consumer(stream="WORK", name="imports", subject="work.import.>", ack_wait_s=30.0, max_in_hand=64)
HISTORY = Consumer(stream="EVENTS", name="history", subject="event.>", ack_wait_s=30.0)

STREAMS = (WORK_STREAM, EVENT_STREAM)
CONSUMERS = (IMPORTS, HISTORY)


def import_subject(jurisdiction: str) -> str:
    return f"work.import.{jurisdiction}"


def event_subject(jurisdiction: str, event_type: str) -> str:
    """Dots separate parts of a subject, so those of the type become dashes."""
    return f"event.{jurisdiction}.{event_type.replace('.', '-')}"


PULL = "pull"
"""The name of the one consumer of a stream that goes abroad."""

MAX_FEDERATED_BYTES = 72 * 1024
"""An envelope with its headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLimits:
    """What a destination may leave lying in a lane before more is refused, and how long it keeps.

    `ack_wait_s` is also the time after which what was handed to a broken link comes again, so it is
    short where that matters. `batch` is how many a peer asks for at once: what it has in hand or on the
    way; long links need large ones.
    """

    max_bytes: int
    max_age_s: float
    ack_wait_s: float
    batch: int

    @property
    def max_in_hand(self) -> int:
        """Two batches: that of a link that has just broken, and that of the next."""
        return 2 * self.batch


LANE_LIMITS = {
    Lane.RETRACTION: LaneLimits(max_bytes=64 * MIB, max_age_s=30 * DAY_S, ack_wait_s=5.0, batch=64),
    Lane.INTERACTIVE: LaneLimits(max_bytes=96 * MIB, max_age_s=7 * DAY_S, ack_wait_s=15.0, batch=256),
    Lane.BULK: LaneLimits(max_bytes=192 * MIB, max_age_s=7 * DAY_S, ack_wait_s=30.0, batch=1024),
}


def federated_stream(
    origin: Region, destination: Region, lane: Lane, limits: LaneLimits | None = None
) -> Stream:
    """The stream in which *origin* keeps what *destination* has not acknowledged yet."""
    limit = limits or LANE_LIMITS[lane]
    return Stream(
        name=f"FED_{origin}_{destination}_{lane}",
        subjects=(f"fed.{origin}.{destination}.{lane}.>",),
        retention=Retention.WORK,
        max_bytes=limit.max_bytes,
        max_age_s=limit.max_age_s,
        duplicate_window_s=min(DUPLICATE_WINDOW_S, limit.max_age_s),
        max_message_bytes=MAX_FEDERATED_BYTES,
    )


def federated_consumer(
    origin: Region, destination: Region, lane: Lane, limits: LaneLimits | None = None
) -> Consumer:
    """The one consumer of `federated_stream`; the destination pulls it."""
    limit = limits or LANE_LIMITS[lane]
    stream = federated_stream(origin, destination, lane, limits)
    return Consumer(
        stream=stream.name,
        name=PULL,
        subject=stream.subjects[0],
        ack_wait_s=limit.ack_wait_s,
        max_in_hand=limit.max_in_hand,
    )


def federated_streams(origin: Region, destinations: Iterable[Region]) -> tuple[Stream, ...]:
    return tuple(federated_stream(origin, place, lane) for place in destinations for lane in Lane)


def federated_consumers(origin: Region, destinations: Iterable[Region]) -> tuple[Consumer, ...]:
    return tuple(federated_consumer(origin, place, lane) for place in destinations for lane in Lane)
