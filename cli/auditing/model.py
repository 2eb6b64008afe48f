"""What an audit sees, says and reports."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import msgspec
from ulid import ULID


class Store(StrEnum):
    """A kind of store. Values are part of the report: add, never rename."""

    SQLITE = "sqlite"
    CASSANDRA = "cassandra"
    DATA_FILES = "data-files"
    """What lies on a Cassandra machine's disk as files of tables, snapshots among them."""
    HINTS = "hints"
    COMMIT_LOG = "commit-log"
    CACHES = "saved-caches"
    SNAPSHOTS = "snapshots"
    """A folder of backups."""
    OBJECTS = "objects"
    STREAMS = "streams"
    LOGS = "logs"
    CONTROL = "control"


class Kind(StrEnum):
    """What told the jurisdiction."""

    ROW = "row"
    """The row's own column."""
    ID = "id"
    """A person's id in a value; it begins with it."""
    BYTES = "bytes"
    """A person's id among the bytes of a file, whatever they are."""
    UNPACKED = "unpacked"
    """The same in a packed data file, as it is unpacked."""
    FIELD = "field"
    """A field of a document, message or subject."""
    HEADER = "header"
    """What a sealed file says of itself in clear."""
    PLACE = "place"
    """The place itself: a file, keyspace or folder of a jurisdiction."""
    REPLICA = "replica"
    EMAIL = "email"


class Rule(StrEnum):
    """Rules that a finding can break; packs give the articles of the first two."""

    RESIDENCY_GROUP = "platform.residency-group"
    """A jurisdiction's data lies only in the group that may hold it."""
    OWN_SPACE = "platform.own-space"
    """Inside a group, each jurisdiction has a file, keyspace and folder of its own."""
    REPLICATION = "platform.replication"
    """A keyspace is on the datacenters of its group, by NetworkTopologyStrategy."""
    LOGS = "platform.no-person-in-logs"
    CONTROL = "platform.no-person-in-control"


@dataclass(frozen=True, slots=True)
class Scope:
    """The jurisdictions that a place may hold, and the rule that another one of the group breaks there."""

    allowed: frozenset[str]
    rule: Rule = Rule.OWN_SPACE


@dataclass(frozen=True, slots=True)
class Sighting:
    """A jurisdiction (or an e-mail address, in a log) seen somewhere.

    `container` and `part` name file, keyspace or stream, and table or line; `key` tells this one from others
    and is never reported but as a hash.
    """

    store: Store
    container: str
    part: str
    kind: Kind
    jurisdiction: str
    scope: Scope
    key: bytes


CONTROL_JURISDICTION = "zz"
"""Left to its users by ISO 3166: no law has this name, so nothing real can be taken for a control."""

CONTROL_NAME = "zz-control"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is planted in this run."""

    person_id: str

    @classmethod
    def new(cls) -> "Mark":
        return cls(f"{CONTROL_JURISDICTION}_{str(ULID()).lower()}")

    @property
    def jurisdiction(self) -> str:
        return CONTROL_JURISDICTION

    @property
    def email(self) -> str:
        return f"{self.person_id}@{CONTROL_NAME}.example"

    def made(self, sighting: Sighting) -> bool:
        """Whether the control of this run is what was seen: by place, jurisdiction and id together."""
        return (
            CONTROL_NAME in sighting.container.replace("_", "-")
            and sighting.jurisdiction in {CONTROL_JURISDICTION, ""}
            and self.person_id.encode() in sighting.key
        )


@dataclass(slots=True)
class Tally:
    """What a reader has read so far; *unread* names what it could not read, and why."""

    counts: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


class StoreUnreachable(Exception):
    """A store does not answer, or is not there; the message says what to check and holds no secret."""


class Reader(Protocol):
    """Reads one store. `sightings` is used inside `planted` only."""

    @property
    def store(self) -> Store: ...

    def planted(self, mark: Mark) -> AbstractContextManager[frozenset[Kind]]:
        """Open the store, plant the control, take it back in the end.

        The kinds that have to be found; none where the store takes no writes from this account.

        Raises:
            StoreUnreachable: It cannot be opened.
        """

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        """Everything that names a jurisdiction, in bounded memory.

        Raises:
            StoreUnreachable: It went away while it was read.
        """


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Things of one kind in one place that must not be there. `samples` are hashes of their keys."""

    store: Store
    container: str
    part: str
    kind: Kind
    jurisdiction: str
    allowed: tuple[str, ...]
    rule: Rule
    articles: tuple[str, ...]
    count: int
    samples: tuple[str, ...]


class ControlState(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not-found"
    NOT_PLANTED = "not-planted"


class StoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was read of one store. `fault` is empty unless it could not be read to its end."""

    store: Store
    place: str
    read: dict[str, int]
    unread: tuple[str, ...]
    control: ControlState
    missed: tuple[Kind, ...]
    fault: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One audit. Instants are UTC, as RFC 3339."""

    schema: int
    region: str
    group: str
    allowed: tuple[str, ...]
    version: str
    commit: str
    packs: dict[str, str]
    begun_at: str
    ended_at: str
    stores: tuple[StoreReport, ...]
    findings: tuple[Finding, ...]

    @property
    def unreachable(self) -> bool:
        return any(store.fault for store in self.stores)

    @property
    def partial(self) -> bool:
        return any(store.unread or store.control is not ControlState.FOUND for store in self.stores)
