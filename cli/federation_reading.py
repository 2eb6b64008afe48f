"""Reads what the views of federation show, from the stores and the broker of a node."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

from msgspec.structs import replace

from cli.federation_views import (
    Disclosures,
    DisclosureView,
    LaneView,
    PeerView,
    QuarantineView,
    RefusedView,
    RegionView,
    RetractionView,
    Status,
)
from federation.outgoing import STATES, Person
from federation.peers import PeerRules
from federation.topology import Lane
from policies.vocabulary import Region
from region_node.federated.quarantine import Count
from region_node.federation_wiring import FederationParts
from region_node.storage.engine import Key

SHOWN = 10
MOST_OWED = 100
"""Questions of each part of the stores that are counted."""

MOST_SENDS = 10_000
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


async def read_status(parts: FederationParts, now: datetime) -> Status:
    rules, heard, counts = await asyncio.gather(
        parts.peers.ask(), parts.heard_at(), parts.quarantine.counts()
    )
    refused: Counter[str] = Counter()
    for one in counts:
        refused[one.origin] += one.refused
    return Status(
        region=parts.network.region,
        signing_key=parts.network.keys.signer(now).key_id,
        all_paused=rules.all_paused,
        paused_types=tuple(sorted(rules.paused_types)),
        regions=tuple(
            [
                replace(await _region(parts, name, rules), heard_at=heard.get(name), refused=refused[name])
                for name in parts.network.destinations
            ]
        ),
    )


async def read_lanes(parts: FederationParts, region: Region) -> tuple[LaneView, ...]:
    lags = await asyncio.gather(*(parts.network.sender.lag(region, lane) for lane in Lane))
    return tuple(
        LaneView(
            lane=lane.value,
            waiting=lag.waiting,
            in_hand=lag.in_hand,
            first_kept=lag.first_kept,
            last=lag.last,
            oldest_at=lag.oldest_at,
        )
        for lane, lag in zip(Lane, lags, strict=True)
    )


def peer_view(region: Region, rules: PeerRules) -> PeerView:
    one = rules.of(region)
    return PeerView(region=region, level=one.level.value, paused=one.paused, why=one.why)


async def read_quarantine(parts: FederationParts, origin: Region | None) -> list[QuarantineView]:
    counts = [one for one in await parts.quarantine.counts() if origin in {None, one.origin}]
    return [await _refused(parts, one) for one in counts]


async def read_disclosures(parts: FederationParts, person: Person) -> Disclosures:
    """What stands in the book of sends; of each kind the first 10,000."""
    withdrawn = {(one.region, one.purpose): one for one in await parts.sends.reaches(person)}
    left: list[DisclosureView] = []
    for kind in sorted(STATES):
        after: Key | None = ()
        while after is not None and len(left) < MOST_SENDS:
            sends, after = await parts.sends.sent(person, kind, after)
            for one in sends:
                reach = withdrawn.get((one.region, one.purpose))
                gone = reach is not None and reach.withdrawn >= one.number
                left.append(
                    DisclosureView(
                        region=one.region,
                        purpose=one.purpose.value,
                        kind=one.kind,
                        aggregate_id=one.aggregate_id,
                        fields=one.fields,
                        basis=one.basis,
                        consent_version=one.consent_version,
                        pack_version=one.pack_version,
                        first_at=one.first_at,
                        at=one.at,
                        taken_back_at=reach.marks[""].at if gone and reach else one.retracted_at,
                    )
                )
    taken_back = [
        RetractionView(
            region=one.region,
            scope=one.scope.value,
            purpose=one.purpose.value if one.purpose else "",
            kind=one.kind,
            aggregate_id=one.aggregate_id,
            since=one.since,
            due_at=one.due_at,
            asked=one.asked,
            done_at=one.done_at,
        )
        async for one in parts.sends.take_backs(person)
    ]
    return Disclosures(left=tuple(left), taken_back=tuple(taken_back))


async def _region(parts: FederationParts, region: Region, rules: PeerRules) -> RegionView:
    parts_owed = parts.sends.owed(region, FOR_EVER)
    owed = [question for part in parts_owed for question in await part.questions(MOST_OWED)]
    return RegionView(
        peer=peer_view(region, rules),
        lanes=await read_lanes(parts, region),
        heard_at=None,
        owes=len(owed),
        owes_since=min((question.since for question in owed), default=None),
        refused=0,
    )


async def _refused(parts: FederationParts, count: Count) -> QuarantineView:
    newest = await parts.quarantine.newest(count.origin, count.reason)
    return QuarantineView(
        origin=count.origin,
        reason=count.reason,
        refused=count.refused,
        newest=tuple(
            RefusedView(lane=one.lane, number=one.number, sha256=one.sha256, id=one.id, at=one.at)
            for one in newest[:SHOWN]
        ),
    )
