"""What of telling a breach does not stand in the packs: pages, and from how many people on."""

from collections.abc import Mapping
from dataclasses import dataclass

from policies.documents import Reading, Table
from policies.source import Source, read_source

MOST_PEOPLE = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One jurisdiction's authority for breaches.

    Attributes:
        page: Where it says how to report; empty where none is known.
        from_people: It has to be told from this many affected people on; 0 where the number does not matter.
        or_sensitive: It has to be told of sensitive data whatever the number.
        after_subjects: Its time runs from the notice to the people, not from when the breach became known.
        members: Names in member states, by ISO 3166 code; which one leads follows from the establishment.
    """

    page: str
    from_people: int
    or_sensitive: bool
    after_subjects: bool
    members: Mapping[str, str]
    source: Source


def load_authorities(text: str) -> Mapping[str, Authority]:
    """Read ``authorities.toml``; by jurisdiction. Raises FaultyDocuments."""
    reading = Reading()
    table = reading.document("authorities.toml", text)
    found = {name: _authority(entry) for name, entry in table.named_tables("authorities")}
    table.close()
    reading.finish()
    return found


def _authority(entry: Table) -> Authority:
    members = entry.table("members", optional=True)
    authority = Authority(
        page=entry.text("page", default=""),
        from_people=entry.whole("from_people", 0, MOST_PEOPLE) if entry.has("from_people") else 0,
        or_sensitive=entry.flag("or_sensitive", default=False),
        after_subjects=entry.flag("after_subjects", default=False),
        members={code: members.text(code) for code in members.values},
        source=read_source(entry),
    )
    entry.close()
    return authority
