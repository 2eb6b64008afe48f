"""Waits until all regions of the demo have what they should, and says what went between them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from federation.catalogue import CATALOGUE
from federation.topology import Lane
from policies.vocabulary import Region
from region_node.bootstrap import Container
from region_node.federation_wiring import FederationParts

PATIENCE_S = 60.0
POLL_S = 0.02
AT_ONCE = 100
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
QUICK = (Lane.INTERACTIVE, Lane.BULK)
"""A beacon may lie in the other lane at any time; whether that is done with is told by receipts."""


Question = Callable[[FederationParts, Region], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """`events` and `retractions` are what regions took in, each from itself as well.

    `waited_ms` is from when people were done until nothing waited any more; None where it did not come to
    that in time.
    """

    events: int
    retractions: int
    waited_ms: float | None
    receipts_complete: bool


async def converged(nodes: Sequence[Container]) -> Convergence:
    begin = time.monotonic()
    waited_ms = None
    while waited_ms is None and time.monotonic() - begin < PATIENCE_S:
        if await _is_settled(nodes):
            waited_ms = round((time.monotonic() - begin) * 1000, 1)
        else:
            await asyncio.sleep(POLL_S)
    taken = [
        (CATALOGUE[kind], count) for node in nodes for kind, count in node.federation.ingress.taken.items()
    ]
    return Convergence(
        events=sum(count for event, count in taken if event.retracts is None),
        retractions=sum(count for event, count in taken if event.retracts is not None),
        waited_ms=waited_ms,
        receipts_complete=not await _anything(_owes_receipts, nodes),
    )


async def _is_settled(nodes: Sequence[Container]) -> bool:
    """What people did was announced, nothing waits in a lane, nothing is owed by anybody."""
    if any(node.relay.state().waiting for node in nodes):
        return False
    return not any([await _anything(question, nodes) for question in (_waits, _is_owed, _owes_receipts)])


async def _anything(question: Question, nodes: Iterable[Container]) -> bool:
    return any(
        [
            await question(node.federation, region)
            for node in nodes
            for region in node.federation.network.destinations
        ]
    )


async def _waits(parts: FederationParts, region: Region) -> bool:
    lags = [await parts.network.sender.lag(region, lane) for lane in QUICK]
    return any(lag.waiting or lag.in_hand for lag in lags)


async def _is_owed(parts: FederationParts, region: Region) -> bool:
    for part in parts.sends.owed(region, FOR_EVER):
        async for _ in part.debts():
            return True
    return False


async def _owes_receipts(parts: FederationParts, region: Region) -> bool:
    return any([await part.questions(1) for part in parts.sends.owed(region, FOR_EVER)])
