"""SQLite files: each row of each table, and the bytes of write-ahead logs and free pages beside them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.auditing.files import files_below, pieces_of, require_folder, starts_with
from cli.auditing.layout import JURISDICTION_COLUMN
from cli.auditing.model import (
    CONTROL_NAME,
    Kind,
    Mark,
    Scope,
    Sighting,
    Store,
    Tally,
)
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places

MAGIC = b"SQLite format 3\x00"
BESIDE = ("-wal", "-journal")
ROWS_AT_ONCE = 500
BUSY_S = 10


@dataclass(frozen=True, slots=True)
class SqliteFolder:
    """A folder of files, one per space, named by it; files that nobody declared are read alike."""

    folder: Path
    places: Places
    patterns: Patterns
    store: Store = Store.SQLITE

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        require_folder(self.folder)
        with planted_file(self.folder, mark) as kinds:
            yield kinds

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        for path in files_below(self.folder, tally):
            if starts_with(path, MAGIC):
                yield from self.file(path, tally)
            elif path.name.endswith(BESIDE):
                tally.counts["files"] += 1
                space = path.name.rpartition("-")[0].removesuffix(".sqlite")
                yield from self._bytes(path, self._scope(space), tally)

    def file(self, path: Path, tally: Tally) -> Iterator[Sighting]:
        """Its name as a place, its rows, and its pages as bytes, which hold what was deleted as well."""
        tally.counts["files"] += 1
        space, name = path.stem, self._name(path)
        scope = self._scope(space)
        if space in self.places.articles:
            yield Sighting(self.store, name, "", Kind.PLACE, space, scope, name.encode())
        for part, kind, jurisdiction, key in rows_of(path, self.patterns, tally):
            yield Sighting(self.store, name, part, kind, jurisdiction, scope, key)
        yield from self._bytes(path, scope, tally)

    def _bytes(self, path: Path, scope: Scope, tally: Tally) -> Iterator[Sighting]:
        for seen in self.patterns.in_pieces(pieces_of(path, tally)):
            yield Sighting(
                self.store, self._name(path), "(bytes)", seen.kind, seen.jurisdiction, scope, seen.text
            )

    def _scope(self, space: str) -> Scope:
        return Scope(frozenset()) if space == CONTROL_NAME else self.places.scope(space)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def rows_of(path: Path, patterns: Patterns, tally: Tally) -> Iterator[tuple[str, Kind, str, bytes]]:
    """Table, kind, jurisdiction and key of all that names one; the write-ahead log is read with the file.

    On a medium that takes no writes SQLite cannot read the log: there it is searched as bytes only.
    """
    way = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?{way}", uri=True, timeout=BUSY_S)) as found:
            tables = found.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            for (table,) in tables.fetchall():
                tally.counts["tables"] += 1
                yield from _rows(found, table, patterns, tally)
    except sqlite3.Error as fault:
        tally.unread.append(f"{path.name}: {fault}")


def _rows(
    found: sqlite3.Connection, table: str, patterns: Patterns, tally: Tally
) -> Iterator[tuple[str, Kind, str, bytes]]:
    quoted = table.replace('"', '""')
    rows = found.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - the name is the database's own
    names = [str(column[0]).lower() for column in rows.description]
    own = names.index(JURISDICTION_COLUMN) if JURISDICTION_COLUMN in names else None
    while batch := rows.fetchmany(ROWS_AT_ONCE):
        tally.counts["rows"] += len(batch)
        for row in batch:
            if own is not None:
                yield table, Kind.ROW, str(row[own]), key_of(row)
            for value in row:
                if isinstance(value, str | bytes):
                    raw = value.encode(errors="surrogatepass") if isinstance(value, str) else value
                    for seen in patterns.in_value(raw):
                        key = seen.text if seen.kind is Kind.ID else key_of(row)
                        yield table, seen.kind, seen.jurisdiction, key


def key_of(row: Any) -> bytes:
    """A row's short values, which its key is among."""
    return "\x1f".join(str(value) for value in row if isinstance(value, str | int)).encode(
        errors="surrogatepass"
    )


@contextmanager
def planted_file(folder: Path, mark: Mark) -> Iterator[frozenset[Kind]]:
    """A file of its own, whose rows are in its write-ahead log only while the block runs."""
    path = folder / f"{CONTROL_NAME}.sqlite"
    try:
        _remove(path)
        planted = _plant(path, mark)
    except (sqlite3.OperationalError, OSError):
        yield frozenset()
        return
    try:
        yield frozenset({Kind.ROW, Kind.ID, Kind.FIELD, Kind.BYTES})
    finally:
        planted.close()
        _remove(path)


def _plant(path: Path, mark: Mark) -> sqlite3.Connection:
    planted = sqlite3.connect(path, isolation_level=None)
    planted.execute("PRAGMA journal_mode=WAL")
    planted.execute("PRAGMA wal_autocheckpoint=0")
    planted.execute("CREATE TABLE scratch (id TEXT, jurisdiction TEXT)")
    planted.execute("CREATE TABLE undeclared (body TEXT)")
    planted.execute("INSERT INTO scratch VALUES (?, ?)", (mark.person_id, mark.jurisdiction))
    document = f'{{"jurisdiction": "{mark.jurisdiction}", "of": "{mark.person_id}"}}'
    planted.execute("INSERT INTO undeclared VALUES (?)", (document,))
    return planted


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
