"""Files that Cassandra keeps beside its tables: hints, commit log, saved caches; searched byte by byte.

A mutation in a hint or in the commit log names its table by a 16-byte id before its content, so the last id
of a known table that stands before a hit tells whose content it is.
"""

import re
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.auditing.files import files_below, pieces_of, require_folder
from cli.auditing.layout import space_of_keyspace
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Scope, Sighting, Store, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places

TABLE_FOLDER = re.compile(r"(?P<table>\w+)-(?P<id>[0-9a-f]{32})")
TAIL_BYTES = 8
MUTATION_BYTES = 16 * 1024 * 1024
"""Cassandra takes no larger one: a table's id stands no farther before what belongs to it."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Keyspace and table by the id of the table."""

    by_id: Mapping[bytes, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_folders(cls, data: Path) -> "Tables":
        """From the names of the folders of a data directory, which hold the ids."""
        known = {}
        for folder in sorted(data.glob("*/*-*")):
            found = TABLE_FOLDER.fullmatch(folder.name)
            if found:
                known[uuid.UUID(found["id"]).bytes] = (folder.parent.name, found["table"])
        return cls(known)

    def marks(self, raw: bytes) -> list[tuple[int, tuple[str, str]]]:
        """Where ids of known tables stand, in order.

        Ids of tables that one machine made have one ending, so a few plain searches find them all.
        """
        found = []
        for tail in {one[TAIL_BYTES:] for one in self.by_id}:
            at = raw.find(tail)
            while at >= 0:
                table = self.by_id.get(raw[max(0, at - TAIL_BYTES) : at + TAIL_BYTES])
                if table is not None:
                    found.append((at - TAIL_BYTES, table))
                at = raw.find(tail, at + 1)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class RawFolder:
    """A folder of such files. Content of no known table may be of any jurisdiction of the group."""

    store: Store
    folder: Path
    places: Places
    patterns: Patterns
    tables: Tables = field(default_factory=Tables)

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        require_folder(self.folder)
        path = self.folder / f"{CONTROL_NAME}.bin"
        try:
            path.write_bytes(bytes(41) + mark.person_id.encode() + bytes(23))
        except OSError:
            yield frozenset()
            return
        try:
            yield frozenset({Kind.BYTES})
        finally:
            path.unlink(missing_ok=True)

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        for path in files_below(self.folder, tally):
            tally.counts["files"] += 1
            yield from self._file(path, tally)

    def _file(self, path: Path, tally: Tally) -> Iterator[Sighting]:
        name = path.relative_to(self.folder).as_posix()
        marks: list[tuple[int, tuple[str, str]]] = []
        for seen in self.patterns.in_pieces(_noted(pieces_of(path, tally), self.tables, marks)):
            before = bisect_right(marks, (seen.begin, ("\U0010ffff", ""))) - 1
            keyspace, table = marks[before][1] if before >= 0 else ("", "")
            if CONTROL_NAME in name:
                scope = Scope(frozenset())
            elif keyspace:
                scope = self.places.scope(space_of_keyspace(keyspace))
            else:
                scope = self.places.whole_group
            part = f"{keyspace}.{table}" if keyspace else ""
            yield Sighting(self.store, name, part, seen.kind, seen.jurisdiction, scope, seen.text)


def _noted(
    pieces: Iterator[bytes], tables: Tables, marks: list[tuple[int, tuple[str, str]]]
) -> Iterator[bytes]:
    """Pass pieces on, and put where tables' ids stand into *marks*, dropping those too far back to matter."""
    place, before = 0, b""
    for piece in pieces:
        raw = before + piece
        begin = place - len(before)
        fresh = [(begin + at, table) for at, table in tables.marks(raw)]
        marks.extend(mark for mark in fresh if not marks or mark[0] > marks[-1][0])
        while len(marks) > 1 and marks[1][0] < place - MUTATION_BYTES:
            del marks[0]
        place += len(piece)
        before = raw[-15:]
        yield piece
