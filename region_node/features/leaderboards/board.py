"""One board in memory: who stands where, in a few microseconds, for as many as a board may have.

The index is not the truth: it is made anew from the stored entries when a node takes a board over. Each entry
lies in it twice, packed, in order of places and in order of refs; a million take about 130 MB
(`meridian bench boards`). It is for one thread.
"""

from collections.abc import Iterable, Iterator
from struct import Struct

from region_node.features.leaderboards.model import MAX_REF_BYTES, MAX_SCORE, Entry, Place
from region_node.features.leaderboards.rows import SortedRows

MAX_ENTRIES = 4_000_000
"""About half a gigabyte: above it a board is cut into divisions, not held whole."""
MAX_PAGE = 100

_STANDING = Struct(">QQ")
_WIDTH = _STANDING.size + MAX_REF_BYTES


class BoardFull(Exception):
    """The board has `MAX_ENTRIES`; the newcomer is not on it."""


class Board:
    __slots__ = ("_by_place", "_by_ref", "_most")

    def __init__(self, entries: Iterable[Entry] = (), *, most: int = MAX_ENTRIES) -> None:
        """*entries* as stored, each `ref` once.

        Raises:
            BoardFull
        """
        self._most = most
        self._by_place = SortedRows(_WIDTH, (_standing(entry) + _name(entry.ref) for entry in entries))
        if len(self._by_place) > most:
            raise BoardFull
        turned = (row[_STANDING.size :] + row[: _STANDING.size] for row in self._by_place)
        self._by_ref = SortedRows(_WIDTH, turned)

    def __len__(self) -> int:
        return len(self._by_place)

    def __iter__(self) -> Iterator[Entry]:
        """From first to last."""
        return (_entry(row) for row in self._by_place)

    def upsert(self, entry: Entry) -> None:
        """Put it in the place of what is known of its `ref`, better or worse: a corrected score may fall.

        Raises:
            BoardFull
        """
        name, standing = _name(entry.ref), _standing(entry)
        former = self._standing_of(name)
        if former == standing:
            return
        if former is None and len(self) >= self._most:
            raise BoardFull
        if former is not None:
            self._drop(name, former)
        self._by_place.add(standing + name)
        self._by_ref.add(name + standing)

    def remove(self, ref: str) -> bool:
        """Whether it was there; those below move up."""
        name = _name(ref)
        former = self._standing_of(name)
        if former is None:
            return False
        self._drop(name, former)
        return True

    def place(self, ref: str) -> Place | None:
        name = _name(ref)
        standing = self._standing_of(name)
        return None if standing is None else self._place(standing + name)

    def around(self, ref: str, each_side: int = 5) -> list[Place]:
        """The place of *ref* with its neighbours, the better ones first; empty where it is not there."""
        own = self.place(ref)
        if own is None:
            return []
        each_side = min(each_side, MAX_PAGE // 2)
        begin = max(0, own.position - each_side)
        return self.page(begin, own.position - begin + each_side + 1)

    def page(self, position: int = 0, most: int = MAX_PAGE) -> list[Place]:
        """At most *most*, and never more than `MAX_PAGE` + 1, places from a position on; 0 is the top."""
        places: list[Place] = []
        for row in self._by_place.slice(max(0, position), max(0, min(most, MAX_PAGE + 1))):
            before = places[-1] if places else None
            entry = _entry(row)
            if before is None:
                places.append(self._place(row))
            else:
                after = before.position + 1
                same = before.entry.score == entry.score
                places.append(Place(before.rank if same else after + 1, after, entry))
        return places

    def _place(self, row: bytes) -> Place:
        better = self._by_place.below(row[: _STANDING.size // 2])
        return Place(better + 1, self._by_place.below(row), _entry(row))

    def _standing_of(self, name: bytes) -> bytes | None:
        row = self._by_ref.first_from(name)
        return row[MAX_REF_BYTES:] if row is not None and row.startswith(name) else None

    def _drop(self, name: bytes, standing: bytes) -> None:
        self._by_place.remove(standing + name)
        self._by_ref.remove(name + standing)


def _standing(entry: Entry) -> bytes:
    """Sorts as bytes the way entries sort: the better score first, then who reached it earlier."""
    return _STANDING.pack(MAX_SCORE - entry.score, entry.reached_ms)


def _name(ref: str) -> bytes:
    return ref.encode().ljust(MAX_REF_BYTES, b"\0")


def _entry(row: bytes) -> Entry:
    behind, reached_ms = _STANDING.unpack_from(row)
    return Entry(row[_STANDING.size :].rstrip(b"\0").decode(), MAX_SCORE - behind, reached_ms)
