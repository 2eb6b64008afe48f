"""Files of tables on a disk: a Cassandra data directory with its snapshots, or a folder of backups.

Where a file lies says whose it may be: below a keyspace's folder that keyspace's, a SQLite file's name its
space, anything else the group's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.auditing import sqlite_files
from cli.auditing.files import files_below, pieces_of, require_folder, starts_with
from cli.auditing.layout import KEYSPACE_PREFIX, space_of_keyspace
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Scope, Sighting, Store, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places
from cli.auditing.sstables import SSTableUnreadable, info_of, unpacked_chunks, write_packed


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Rows without a person's id are not told apart in data files: the live tables are read for those."""

    store: Store
    folder: Path
    places: Places
    patterns: Patterns

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        require_folder(self.folder)
        place = self.folder / CONTROL_NAME
        try:
            _remove(place)
            place.mkdir(mode=0o700)
            half = mark.person_id.encode()[:20]
            # The content's end refers to its beginning, so the whole id appears in unpacked form only.
            write_packed(place / "oa-1-big-Data.db", half + bytes(60) + mark.person_id.encode())
            (place / "backup.bin").write_bytes(b"\x1d" + mark.person_id.encode())
        except OSError:
            yield frozenset()
            return
        try:
            yield frozenset({Kind.UNPACKED, Kind.BYTES})
        finally:
            _remove(place)

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        told: set[str] = set()
        reader = sqlite_files.SqliteFolder(self.folder, self.places, self.patterns, self.store)
        for path in files_below(self.folder, tally):
            if starts_with(path, sqlite_files.MAGIC):
                yield from reader.file(path, tally)
                continue
            tally.counts["files"] += 1
            name = path.relative_to(self.folder).as_posix()
            space = self._space(path)
            scope = Scope(frozenset()) if space == CONTROL_NAME else self.places.scope(space)
            if space in self.places.articles and path.parent.as_posix() not in told:
                told.add(path.parent.as_posix())
                folder = name.rpartition("/")[0]
                yield Sighting(self.store, folder, "", Kind.PLACE, space, scope, folder.encode())
            for kind, jurisdiction, key in self._content(path, name, tally):
                yield Sighting(self.store, name, "", kind, jurisdiction, scope, key)

    def _content(self, path: Path, name: str, tally: Tally) -> Iterator[tuple[Kind, str, bytes]]:
        info = info_of(path)
        if info is None:
            for seen in self.patterns.in_pieces(pieces_of(path, tally)):
                yield Kind.BYTES, seen.jurisdiction, seen.text
            return
        try:
            for seen in self.patterns.in_pieces(_counted(unpacked_chunks(path, info), tally)):
                yield Kind.UNPACKED, seen.jurisdiction, seen.text
        except FileNotFoundError:
            return
        except (SSTableUnreadable, OSError) as fault:
            tally.unread.append(f"{name}: {fault}")

    def _space(self, path: Path) -> str:
        parts = path.relative_to(self.folder).parts[:-1]
        if CONTROL_NAME in parts:
            return CONTROL_NAME
        keyspace = next((part for part in parts if part.startswith(KEYSPACE_PREFIX)), "")
        return space_of_keyspace(keyspace)


def _counted(chunks: Iterator[bytes], tally: Tally) -> Iterator[bytes]:
    for chunk in chunks:
        tally.counts["bytes"] += len(chunk)
        yield chunk


def _remove(place: Path) -> None:
    if place.is_dir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
