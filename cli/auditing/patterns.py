"""Finds people's ids, named jurisdictions and e-mail addresses in bytes of any kind."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from cli.auditing import layout
from cli.auditing.model import Kind

OVERLAP = 160
"""Bytes of a piece that are looked at again with the next one: longer than anything that is looked for."""


@dataclass(frozen=True, slots=True)
class Seen:
    kind: Kind
    jurisdiction: str
    text: bytes
    begin: int
    """Where it stands in what was searched, in bytes."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """`known` are the jurisdictions that have a pack; an id of another name is reported by that name."""

    known: Collection[str]

    def in_value(self, raw: bytes) -> Iterator[Seen]:
        """People's ids, and jurisdictions that a document names."""
        yield from self.ids(raw)
        for found in layout.NAMED_FIELD.finditer(raw):
            yield Seen(Kind.FIELD, found[1].decode(), found[0], found.start())

    def ids(self, raw: bytes) -> Iterator[Seen]:
        for tail in layout.ID_TAIL.finditer(raw):
            begin = max(0, tail.start() - layout.LONGEST_NAME)
            head = layout.ID_HEAD.search(raw[begin : tail.start()])
            if head is not None:
                name = self._name(head[1].decode())
                text = name.encode() + tail[0]
                yield Seen(Kind.ID, name, text, tail.start() - len(name))

    def _name(self, head: str) -> str:
        """In raw pages values stand side by side: of `xx-eu` the known end is meant."""
        if head in self.known:
            return head
        ends = [name for name in self.known if head.endswith(name)]
        return max(ends, key=len, default=head)

    def in_pieces(self, pieces: Iterable[bytes]) -> Iterator[Seen]:
        """Ids in a file that is read piece by piece; one that is cut by a border is seen once."""
        before, place = b"", 0
        for piece in pieces:
            raw = before + piece
            for seen in self.ids(raw):
                if seen.begin + len(seen.text) > len(before):
                    yield Seen(Kind.BYTES, seen.jurisdiction, seen.text, place - len(before) + seen.begin)
            place += len(piece)
            before = raw[-OVERLAP:]


def emails(raw: bytes) -> Iterator[Seen]:
    for found in layout.EMAIL.finditer(raw):
        yield Seen(Kind.EMAIL, "", found[0], found.start())
