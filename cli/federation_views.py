"""What operators see of federation: as documents for programs and as tables for people."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from rich.table import Table

from cli.output import stdout

UNKNOWN = "-"


class LaneView(msgspec.Struct, frozen=True, kw_only=True):
    """What a region has left lying here. `oldest_at` is when the oldest that is still there was stored."""

    lane: str
    waiting: int
    in_hand: int
    first_kept: int
    last: int
    oldest_at: datetime | None


class PeerView(msgspec.Struct, frozen=True, kw_only=True):
    region: str
    level: str
    paused: bool
    why: str


class RegionView(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one region.

    Attributes:
        heard_at: When the last beacon from there was signed.
        owes: Receipts that did not come yet, with the time of the oldest question.
        refused: How much that came from there was not let in, since ever.
    """

    peer: PeerView
    lanes: tuple[LaneView, ...]
    heard_at: datetime | None
    owes: int
    owes_since: datetime | None
    refused: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    region: str
    signing_key: str
    all_paused: bool
    paused_types: tuple[str, ...]
    regions: tuple[RegionView, ...]


class RefusedView(msgspec.Struct, frozen=True, kw_only=True):
    lane: str
    number: int
    sha256: str
    id: str
    at: datetime


class QuarantineView(msgspec.Struct, frozen=True, kw_only=True):
    """`newest` are the last of them; their bodies were not kept."""

    origin: str
    reason: str
    refused: int
    newest: tuple[RefusedView, ...]


class DisclosureView(msgspec.Struct, frozen=True, kw_only=True):
    """`taken_back_at` where the region was asked to take it back since."""

    region: str
    purpose: str
    kind: str
    aggregate_id: str
    fields: tuple[str, ...]
    basis: str
    consent_version: int
    pack_version: str
    first_at: datetime
    at: datetime
    taken_back_at: datetime | None


class RetractionView(msgspec.Struct, frozen=True, kw_only=True):
    """`done_at` is what the region's signed receipt says; without one it still owes it."""

    region: str
    scope: str
    purpose: str
    kind: str
    aggregate_id: str
    since: datetime
    due_at: datetime
    asked: int
    done_at: datetime | None


class Disclosures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one person: what left, and what was asked back."""

    left: tuple[DisclosureView, ...]
    taken_back: tuple[RetractionView, ...]


def show_status(status: Status) -> None:
    stdout.print(f"{status.region}, signing with {status.signing_key}", markup=False)
    if status.all_paused or status.paused_types:
        stdout.print(f"paused: {'everything' if status.all_paused else ', '.join(status.paused_types)}")
    table = Table("region", "level", "waiting", "oldest", "heard", "owes receipts", "refused")
    for one in status.regions:
        oldest = min((lane.oldest_at for lane in one.lanes if lane.oldest_at), default=None)
        owes = f"{one.owes} since {_at(one.owes_since)}" if one.owes else "0"
        table.add_row(
            one.peer.region,
            _level(one.peer),
            str(sum(lane.waiting + lane.in_hand for lane in one.lanes)),
            _at(oldest),
            _at(one.heard_at),
            owes,
            str(one.refused),
        )
    stdout.print(table)


def show_peers(peers: Sequence[PeerView]) -> None:
    table = Table("region", "level", "why")
    for one in peers:
        table.add_row(one.region, _level(one), one.why)
    stdout.print(table)


def show_lag(lanes: dict[str, tuple[LaneView, ...]]) -> None:
    table = Table("region", "lane", "waiting", "in hand", "first kept", "last", "oldest")
    for region, own in lanes.items():
        for lane in own:
            figures = (lane.waiting, lane.in_hand, lane.first_kept, lane.last)
            table.add_row(region, lane.lane, *map(str, figures), _at(lane.oldest_at))
    stdout.print(table)


def show_quarantine(found: Sequence[QuarantineView]) -> None:
    table = Table("origin", "reason", "refused", "last at", "id", "sha256")
    for one in found:
        last = one.newest[0] if one.newest else None
        seen = (_at(last.at), last.id or UNKNOWN, last.sha256[:16]) if last else (UNKNOWN,) * 3
        table.add_row(one.origin, one.reason, str(one.refused), *seen)
    stdout.print(table)


def show_disclosures(found: Disclosures) -> None:
    left = Table("region", "what", "fields", "purpose", "ground", "since", "taken back", title="What left")
    for one in found.left:
        what = f"{one.kind} {one.aggregate_id}"
        fields = ", ".join(one.fields)
        back = _at(one.taken_back_at)
        left.add_row(one.region, what, fields, one.purpose, one.basis, _at(one.first_at), back)
    stdout.print(left)
    asked = Table("region", "what", "since", "due", "receipt", title="What was asked back")
    for item in found.taken_back:
        what = " ".join(filter(None, (item.scope, item.purpose, item.kind, item.aggregate_id)))
        asked.add_row(
            item.region,
            what,
            _at(item.since),
            _at(item.due_at),
            _at(item.done_at) if item.done_at else "owed",
        )
    stdout.print(asked)


def _level(peer: PeerView) -> str:
    return f"{peer.level}, paused" if peer.paused else peer.level


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else UNKNOWN
