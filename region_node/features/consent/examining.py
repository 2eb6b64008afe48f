"""Does a person's ledger say what it said when it was written? Every entry that does not is named.

What binds it: each entry's hash covers its fields and the hash before it; numbers run without a gap; and the
standing, written in the same batch, names number and hash of the last, so that a cut-off end is missed too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from region_node.features.consent.model import NO_HASH, Entry
from region_node.features.consent.notices import Catalogue
from region_node.features.consent.replay import NotBegun, step
from region_node.features.consent.store import UNREADABLE, ConsentStore, Latest
from region_node.rulings.standing import Standing

MAX_FINDINGS = 1000


class Fault(StrEnum):
    """What is wrong. Values are shown to programs: add, never rename."""

    ALTERED = "altered"
    """Its fields are not those that its hash was made of."""

    UNREADABLE = "unreadable"
    """What lies sealed does not open, or is no entry."""

    MISSING = "missing"
    INSERTED = "inserted"
    """It stands before the first or after the last that the standing knows of."""

    OUT_OF_ORDER = "out-of-order"
    """It does not follow the entry before it."""

    NOTICE_DIFFERS = "notice-differs"
    """The text that it names is not the one whose digest it holds."""

    STANDING_DIFFERS = "standing-differs"
    """The standing is not what the entries come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`seq` names the entry; 0 stands for the standing."""

    seq: int
    fault: Fault
    note: str = ""


@dataclass(slots=True)
class Examination:
    """Takes the rows in the order of their numbers, one by one; `finish` compares with the standing."""

    notices: Catalogue
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    _standing: Standing | None = None
    _expected: int = 1
    _previous: str | None = NO_HASH.hex()

    def take(self, row: Entry | int) -> None:
        """Examine the next row, or the number of one that does not open."""
        self.entries += 1
        seq = row if isinstance(row, int) else row.seq
        if seq < self._expected:
            self._find(seq, Fault.INSERTED, "before the first entry")
            return
        self._miss(self._expected, seq)
        if seq > self._expected:
            self._previous = None
        self._expected = seq + 1
        if isinstance(row, int):
            self._find(seq, Fault.UNREADABLE)
            self._previous = None
            return
        self._examine(row)
        self._previous = row.hash
        self._follow(row)

    def standing_does_not_open(self) -> None:
        self._find(0, Fault.UNREADABLE, "the standing")

    def finish(self, latest: Latest | None) -> None:
        if latest is None:
            if self.entries:
                self._find(0, Fault.STANDING_DIFFERS, "there is no standing")
            return
        self._miss(self._expected, latest.version + 1)
        for seq in range(latest.version + 1, self._expected):
            self._find(seq, Fault.INSERTED, "after the last entry that the standing knows of")
        if self._expected == latest.version + 1:
            self._compare(latest)

    def _examine(self, entry: Entry) -> None:
        if entry.digest() != entry.hash:
            self._find(entry.seq, Fault.ALTERED)
        if self._previous is not None and entry.previous != self._previous:
            self._find(entry.seq, Fault.OUT_OF_ORDER)
        notice = self.notices.notice(entry.draft.notice)
        if entry.draft.notice_sha256 and (notice is None or notice.sha256 != entry.draft.notice_sha256):
            self._find(entry.seq, Fault.NOTICE_DIFFERS, entry.draft.notice)

    def _follow(self, entry: Entry) -> None:
        try:
            self._standing = step(self._standing, entry)
        except NotBegun:
            self._find(entry.seq, Fault.OUT_OF_ORDER, "nothing was begun before it")

    def _compare(self, latest: Latest) -> None:
        if self._previous is not None and latest.head != self._previous:
            self._find(0, Fault.STANDING_DIFFERS, "it names another last entry")
        if self.findings:
            return
        different = _different(latest.standing, self._standing)
        if different:
            self._find(0, Fault.STANDING_DIFFERS, ", ".join(different))

    def _miss(self, first: int, end: int) -> None:
        for seq in range(first, end):
            self._find(seq, Fault.MISSING)
            if len(self.findings) >= MAX_FINDINGS:
                return

    def _find(self, seq: int, fault: Fault, note: str = "") -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(seq=seq, fault=fault, note=note))


def _different(stored: Standing, replayed: Standing | None) -> list[str]:
    """Names of what differs, without the values."""
    if replayed is None:
        return ["everything"]
    return list(_differences(stored, replayed))


def _differences(stored: Standing, replayed: Standing) -> Iterator[str]:
    for one in msgspec.structs.fields(Standing):
        if getattr(stored, one.name) != getattr(replayed, one.name):
            yield one.name


async def examine(store: ConsentStore, person_id: str, notices: Catalogue) -> Examination:
    """Examine every entry of a person and the standing they come to."""
    examination = Examination(notices)
    async for row in store.rows(person_id):
        examination.take(row)
    try:
        latest = await store.latest(person_id)
    except UNREADABLE:
        examination.standing_does_not_open()
    else:
        examination.finish(latest)
    return examination
