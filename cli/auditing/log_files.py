"""Logs: a person's id in clear or an e-mail address is a finding in any line, wherever it is from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from cli.auditing.files import files_below, pieces_of, require_folder
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Rule, Scope, Sighting, Store, Tally
from cli.auditing.patterns import OVERLAP, Patterns, emails

NOBODY = Scope(frozenset(), Rule.LOGS)


@dataclass(frozen=True, slots=True)
class LogFolder:
    """All files below a folder, rotated and packed ones too."""

    folder: Path
    patterns: Patterns
    store: Store = Store.LOGS

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        require_folder(self.folder)
        path = self.folder / f"{CONTROL_NAME}.log"
        try:
            path.write_text(f'{{"event": "control", "person": "{mark.person_id}", "to": "{mark.email}"}}\n')
        except OSError:
            yield frozenset()
            return
        try:
            yield frozenset({Kind.ID, Kind.EMAIL})
        finally:
            path.unlink(missing_ok=True)

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        for path in files_below(self.folder, tally):
            tally.counts["files"] += 1
            name = path.relative_to(self.folder).as_posix()
            for line in _lines(pieces_of(path, tally)):
                tally.counts["lines"] += 1
                for seen in chain(self.patterns.ids(line), emails(line)):
                    yield Sighting(self.store, name, "", seen.kind, seen.jurisdiction, NOBODY, seen.text)


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Lines without their ends; one that is longer than a piece comes in parts that overlap."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > len(piece):
            yield rest
            rest = rest[-OVERLAP:]
    if rest:
        yield rest
