"""One audit: each store in turn, its control planted, all of it read, its control taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cli.auditing.judging import Judge
from cli.auditing.model import (
    ControlState,
    Kind,
    Mark,
    Reader,
    Report,
    StoreReport,
    StoreUnreachable,
    Tally,
)
from cli.auditing.places import Places

SCHEMA = 1
MOST_NOTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """By what the audit was made: this program's version and commit, and the packs that give articles."""

    version: str
    commit: str
    packs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """`readers` are pairs of a name for people and what reads the store."""

    places: Places
    readers: Sequence[tuple[str, Reader]]
    provenance: Provenance
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    most_samples: int = 5

    def run(self, tell: Callable[[str], None] = lambda _: None) -> Report:
        mark = Mark.new()
        judge = Judge(self.places, mark, self.most_samples)
        begun = self.clock()
        stores = []
        for name, reader in self.readers:
            tell(f"{reader.store}: {name}")
            stores.append(_read(name, reader, judge))
        return Report(
            schema=SCHEMA,
            region=self.places.region,
            group=self.places.group,
            allowed=tuple(sorted(self.places.allowed)),
            version=self.provenance.version,
            commit=self.provenance.commit,
            packs=dict(sorted(self.provenance.packs.items())),
            begun_at=_text(begun),
            ended_at=_text(self.clock()),
            stores=tuple(stores),
            findings=judge.findings(),
        )


def _read(name: str, reader: Reader, judge: Judge) -> StoreReport:
    tally, fault = Tally(), ""
    expected: frozenset[Kind] = frozenset()
    judge.controls.pop(reader.store, None)
    try:
        with reader.planted(judge.mark) as expected:
            for sighting in reader.sightings(tally):
                judge.take(sighting)
    except StoreUnreachable as away:
        fault = str(away)
    missed = expected - judge.controls[reader.store]
    return StoreReport(
        store=reader.store,
        place=name,
        read=dict(sorted(tally.counts.items())),
        unread=tuple(tally.unread[:MOST_NOTED]),
        control=_state(expected, missed),
        missed=tuple(sorted(missed)),
        fault=fault,
    )


def _state(expected: frozenset[Kind], missed: frozenset[Kind]) -> ControlState:
    if not expected:
        return ControlState.NOT_PLANTED
    return ControlState.NOT_FOUND if missed else ControlState.FOUND


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
