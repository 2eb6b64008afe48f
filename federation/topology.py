"""Streams and consumers of a region, as data. Names and subjects are part of the wire: add, never rename."""

from dataclasses import dataclass
from enum import StrEnum


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
    duplicate_window_s: float = 120.0
    max_message_bytes: int = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A durable pull consumer. Unacknowledged for `ack_wait_s`, a message is delivered again."""

    stream: str
    name: str
    subject: str
    ack_wait_s: float = 60.0
    max_in_hand: int = 256


DAY_S = 86_400.0

WORK_STREAM = Stream(
    name="WORK",
    subjects=("work.>",),
    retention=Retention.WORK,
    max_bytes=256 * 1024 * 1024,
    max_age_s=7 * DAY_S,
)
EVENT_STREAM = Stream(
    name="EVENTS",
    subjects=("event.>",),
    retention=Retention.INTEREST,
    max_bytes=256 * 1024 * 1024,
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
