"""From how many people on a law asks more of what leaves its country."""

from dataclasses import dataclass

from policies.documents import Reading, Table
from policies.source import Source, read_source
from policies.vocabulary import DataCategory, Jurisdiction, kinds_of

SCHEMA = 1
FILE = "thresholds.toml"
MOST_PEOPLE = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """`consequence` is what law asks from `people` on whose data of `categories` could leave."""

    id: str
    jurisdiction: Jurisdiction
    categories: frozenset[DataCategory]
    people: int
    consequence: str
    source: Source


def load_thresholds(text: str) -> tuple[Threshold, ...]:
    """Read ``thresholds.toml``. Raises FaultyDocuments with every mistake."""
    reading = Reading()
    table = reading.document(FILE, text)
    if table.whole("schema", 0, 1000) != SCHEMA:
        table.fault("schema", f"is not {SCHEMA}, the one that is understood")
    found = tuple(_threshold(entry) for entry in table.tables("thresholds"))
    table.close()
    reading.finish()
    return found


def _threshold(entry: Table) -> Threshold:
    threshold = Threshold(
        id=entry.text("id"),
        jurisdiction=Jurisdiction(entry.text("jurisdiction")),
        categories=_categories(entry),
        people=entry.whole("people", 1, MOST_PEOPLE),
        consequence=entry.text("consequence"),
        source=read_source(entry),
    )
    entry.close()
    return threshold


def _categories(entry: Table) -> frozenset[DataCategory]:
    names = entry.texts("categories")
    if "*" in names:
        return frozenset(category for category in DataCategory if category.is_personal)
    for name in names:
        if name not in set(DataCategory):
            entry.fault("categories", f"names {name!r}, which is no category")
    known = (DataCategory(name) for name in names if name in set(DataCategory))
    return frozenset(kind for category in known for kind in kinds_of(category))
