"""Where a fact of law stands, and how far it can be relied on."""

from dataclasses import dataclass
from datetime import date

from policies.documents import Table
from policies.vocabulary import Basis, Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact stands, and how far it can be relied on."""

    ref: str
    certainty: Certainty
    basis: Basis
    effective: date | None
    """The first day it is in force; None where it long has been."""

    note: str

    def in_force(self, today: date) -> bool:
        return self.effective is None or self.effective <= today


def read_source(entry: Table) -> Source:
    """Read the keys of a source out of the table of the fact that it backs."""
    return Source(
        ref=entry.text("ref"),
        certainty=entry.choice("certainty", Certainty),
        basis=entry.choice("basis", Basis),
        effective=entry.day("effective"),
        note=entry.text("note", default=""),
    )
