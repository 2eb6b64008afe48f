"""How a board ends: one ranking, equal byte by byte in every region that takes part. Pure.

When a challenge is over and its days of grace have passed, each participating region sends a closing
marker: how many entries its own people have, and a digest of them. A region that has a marker from every
one of them, and for each marker the entries that it speaks of, has the final ranking; until then it knows
which regions it waits for. Nobody decides: the ranking is a function of the newest markers and of the
entries they name, so what arrived first, or twice, does not show.

After the end an entry goes only when its owner withdraws, is erased or is struck off. Their region sends
its next marker then, and the ranking has a new version, in which those below have moved up.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from federation.canonical import canonical
from policies.vocabulary import Region
from region_node.features.leaderboards.model import Entry


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What a region says about the entries of its own people, once the board is over.

    `number` is 1 for the first and grows by one with every entry that is taken away after it.
    """

    board_id: str
    region: str
    number: int
    entries: int
    digest: str


class Row(msgspec.Struct, frozen=True, array_like=True):
    rank: int
    pseudonym: str
    score: int


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a board. `version` is 1, and one more for each entry that was taken away since."""

    board_id: str
    version: int
    regions: tuple[str, ...]
    rows: tuple[Row, ...]

    def to_bytes(self) -> bytes:
        """The one way to write it."""
        return canonical(self)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.to_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Regions without a marker, and those whose entries are not (yet, or any more) those of their marker."""

    silent: tuple[str, ...]
    unsettled: tuple[str, ...]


def marker_of(board_id: str, region: Region, number: int, entries: Iterable[Entry]) -> Marker:
    own = list(entries)
    return Marker(board_id=board_id, region=region, number=number, entries=len(own), digest=digest_of(own))


def newer(one: Marker, other: Marker) -> Marker:
    """Of two markers of one region the one that holds, whichever came first.

    A region that contradicts itself is no reason for two others to end differently: of two with one number,
    all keep the same.
    """
    return max(one, other, key=lambda marker: (marker.number, marker.entries, marker.digest))


def digest_of(entries: Iterable[Entry]) -> str:
    lines = sorted((entry.ref, entry.score, entry.reached_ms) for entry in entries)
    return hashlib.sha256(msgspec.json.encode(lines)).hexdigest()


def close(
    board_id: str,
    regions: Iterable[Region],
    markers: Mapping[Region, Marker],
    entries: Mapping[Region, Iterable[Entry]],
) -> Ranking | Waiting:
    """The final ranking of the people of *regions*, or what is missing for it.

    *markers* has the newest of each region, *entries* what stands of each region's people.
    """
    taking_part = sorted(set(regions))
    standing = {region: list(entries.get(region, ())) for region in taking_part}
    silent = tuple(region for region in taking_part if region not in markers)
    unsettled = tuple(
        region
        for region in taking_part
        if region in markers and not _speaks_of(markers[region], standing[region])
    )
    if silent or unsettled:
        return Waiting(silent, unsettled)
    return Ranking(
        board_id=board_id,
        version=1 + sum(markers[region].number - 1 for region in taking_part),
        regions=tuple(taking_part),
        rows=tuple(rows_of(entry for region in taking_part for entry in standing[region])),
    )


def rows_of(entries: Iterable[Entry]) -> list[Row]:
    """Ranked: equal scores share a rank, as on a board that still runs."""
    rows: list[Row] = []
    for position, entry in enumerate(sorted(entries, key=lambda entry: entry.order)):
        same = bool(rows) and rows[-1].score == entry.score
        rows.append(Row(rows[-1].rank if same else position + 1, entry.ref, entry.score))
    return rows


def _speaks_of(marker: Marker, entries: list[Entry]) -> bool:
    return marker.entries == len(entries) and marker.digest == digest_of(entries)
