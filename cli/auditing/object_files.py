"""Folders of sealed files: each names its jurisdiction in clear, and lies below the folder of one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.auditing.files import files_below, require_folder
from cli.auditing.layout import SEALED_FILE, header_jurisdiction
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Scope, Sighting, Store, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ObjectFolder:
    """Reads the first bytes of each object: what comes after them is sealed."""

    folder: Path
    places: Places
    patterns: Patterns
    store: Store = Store.OBJECTS

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        require_folder(self.folder)
        place = self.folder / CONTROL_NAME
        path = place / mark.person_id
        try:
            _remove(place)
            place.mkdir(mode=0o700)
            name = mark.jurisdiction.encode()
            path.write_bytes(SEALED_FILE + bytes((len(name),)) + name + bytes(32))
        except OSError:
            yield frozenset()
            return
        try:
            yield frozenset({Kind.HEADER, Kind.ID})
        finally:
            _remove(place)

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        for path in files_below(self.folder, tally):
            tally.counts["objects"] += 1
            parts = path.relative_to(self.folder).parts
            space = parts[0] if len(parts) > 1 else ""
            scope = Scope(frozenset()) if space == CONTROL_NAME else self.places.scope(space)
            name = "/".join(parts)
            if space in self.places.articles:
                yield Sighting(self.store, space, "", Kind.PLACE, space, scope, name.encode())
            for kind, jurisdiction in self._said(path, name, tally):
                yield Sighting(self.store, space or ".", "", kind, jurisdiction, scope, name.encode())

    def _said(self, path: Path, name: str, tally: Tally) -> Iterator[tuple[Kind, str]]:
        try:
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        except FileNotFoundError:
            return
        except OSError as fault:
            tally.unread.append(f"{name}: {fault.strerror}")
            return
        jurisdiction = header_jurisdiction(head)
        if jurisdiction:
            yield Kind.HEADER, jurisdiction
        elif head:
            tally.counts["objects without a header"] += 1
        for raw in (name.encode(), head):
            for seen in self.patterns.ids(raw):
                yield Kind.ID, seen.jurisdiction


def _remove(place: Path) -> None:
    if place.is_dir():
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
