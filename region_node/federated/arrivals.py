"""What this region has received of each lane of each origin, shared by its nodes, and the leases on it.

Rows are changed by compare-and-set, a batch of numbers at a time. What is lost is asked for before it is
forgotten: a fault in between asks twice.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from federation.beacons import LaneSign
from federation.holes import Heard
from federation.inbound import HeardBeacon, Way
from federation.topology import LANE_LIMITS, Lane
from policies.vocabulary import Region
from region_node.federated.tables import ARRIVALS
from region_node.storage.engine import MAX_PAGE, SHARED, Engine, Row, Slice
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import JURISDICTION, TENANT
from region_node.storage.values import blob, instant, number, text, to_the_millisecond

MAX_RANGES = 1024
"""Of a lane with more gaps than that, the older ones are taken for lost: no honest lane comes near it."""

FORGOTTEN_AFTER = timedelta(seconds=max(limits.max_age_s for limits in LANE_LIMITS.values()))
LONG_AGO = datetime.fromtimestamp(0, UTC)
Ranges = Sequence[tuple[int, int]]
AskRepublish = Callable[[Region, Lane, Ranges], Awaitable[None]]
"""Asks an origin to send again what was in these numbers of a lane; durable when it returns. Repeatable."""


@dataclass(slots=True)
class _Known:
    era: int
    beats: int
    heard_at: float | None = None


class LeaseClock:
    """When each origin was heard from last, on this process's monotonic clock; after a start, never."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Region, _Known] = {}
        self._looked_at: float | None = None

    def holds(self, origin: Region, era: int, lease_s: float) -> bool:
        known = self._known.get(origin)
        if known is None or known.heard_at is None or known.era != era:
            return False
        return self._clock() - known.heard_at < lease_s

    def age_s(self, origin: Region) -> float | None:
        """Seconds since *origin* was heard; None where it was not since the start."""
        known = self._known.get(origin)
        return None if known is None or known.heard_at is None else self._clock() - known.heard_at

    def note(self, origin: Region, state: "LaneState", since: float | None) -> None:
        """*since* is when this process was handed a beacon by which all is known; None where not all is."""
        known = self._known.setdefault(origin, _Known(state.era, state.beats))
        if since is not None:
            known.heard_at = max(since, known.heard_at or since)
        known.era, known.beats = state.era, state.beats

    def look(self, states: "dict[Region, LaneState]", began: float) -> None:
        """Take in what other processes have heard: since the look before this one, at the earliest."""
        for origin, state in states.items():
            known = self._known.setdefault(origin, _Known(state.era, state.beats))
            if state.beats > known.beats and self._looked_at is not None:
                known.heard_at = max(self._looked_at, known.heard_at or self._looked_at)
            known.era, known.beats = state.era, max(known.beats, state.beats)
        self._looked_at = began


@dataclass(slots=True)
class LaneState:
    """Of one lane; era, beats and beacon are kept in the lane of retractions.

    Attributes:
        beats: How many beacons said that all was known.
    """

    heard: Heard = field(default_factory=Heard)
    version: int = 0
    era: int = 0
    beats: int = 0
    beacon_number: int = 0
    beacon_at: datetime = LONG_AGO


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalBook:
    """Fills the port of ingress."""

    engine: Engine
    region: Region
    lease: LeaseClock
    ask_republish: AskRepublish
    clock: Callable[[], float] = time.monotonic

    async def era(self, origin: Region) -> int:
        return (await self._read(Way(origin, Lane.RETRACTION))).era

    async def has(self, way: Way, numbers: Collection[int]) -> bool:
        state = await self._read(way)
        return all(state.heard.has(one) for one in numbers)

    async def mark(self, way: Way, numbers: Collection[int]) -> None:
        def marked(state: LaneState) -> Ranges:
            for one in numbers:
                state.heard.mark(one)
            return _bounded(state)

        await self._change(way, marked)

    async def heard(self, way: Way, one: HeardBeacon) -> None:
        if _began_anew(await self._read(way), one):
            await self._forget(way.origin)
        for lane, sign in one.beacon.lanes.items():
            if lane is not Lane.RETRACTION:
                await self._change(Way(way.origin, lane), partial(_told, sign))
        await self._hear(way, one)

    async def over(self, now: datetime) -> Callable[[Region, int], bool]:
        """Which origin's projections of which era are never served again.

        Those of an era that has ended, and of who was not heard for longer than anybody keeps what they sent.
        """
        states = await self._states()

        def is_over(origin: Region, era: int) -> bool:
            state = states.get(origin)
            return state is not None and (era < state.era or now - state.beacon_at > FORGOTTEN_AFTER)

        return is_over

    async def refresh(self) -> None:
        """Let the leases of this process know what others have heard; to be called each second or so."""
        began = self.clock()
        self.lease.look(await self._states(), began)

    async def _states(self) -> dict[Region, LaneState]:
        """Of the lanes of retractions, by origin."""
        query = Slice(partition=(SYSTEM_TENANT, self.region), limit=MAX_PAGE)
        page = await self.engine.slice(SHARED, ARRIVALS, query)
        rows = [row for row in page.rows if row["lane"] == Lane.RETRACTION]
        return {Region(text(row, "origin")): _state(row) for row in rows}

    async def _hear(self, way: Way, one: HeardBeacon) -> None:
        """The lane of retractions: what is lost of it begins an era; only a whole one renews the lease."""
        sign = one.beacon.lanes.get(Lane.RETRACTION)
        whole = False

        def heard(state: LaneState) -> Ranges:
            nonlocal whole
            lost = _told(sign, state) if sign else []
            state.era += bool(lost)
            if one.number > state.beacon_number:
                state.beacon_number, state.beacon_at = one.number, to_the_millisecond(one.beacon.at)
            whole = one.up_to_date and sign is not None and _is_whole(state.heard, one.number)
            state.beats += whole
            return lost

        state = await self._change(way, heard)
        self.lease.note(way.origin, state, one.since if whole else None)

    async def _forget(self, origin: Region) -> None:
        """The origin numbers its lanes anew: what it had sent before may be lost, retractions among it."""
        for lane in Lane:
            await self._change(Way(origin, lane), partial(_forgotten, lane))

    async def _change(self, way: Way, change: Callable[[LaneState], Ranges]) -> LaneState:
        """Until nobody changed it in between. What *change* returns is asked for before it is written."""
        while True:
            state = await self._read(way)
            expected, before = state.version, self._row(way, state)
            lost = change(state)
            if self._row(way, state) == before:
                return state
            if lost:
                await self.ask_republish(way.origin, way.lane, lost)
            state.version = expected + 1
            row = self._row(way, state)
            if expected:
                claim = await self.engine.swap(SHARED, ARRIVALS, {"version": expected}, row)
            else:
                claim = await self.engine.claim(SHARED, ARRIVALS, row)
            if claim.won:
                return state

    async def _read(self, way: Way) -> LaneState:
        key = (SYSTEM_TENANT, self.region, way.origin, way.lane)
        row = await self.engine.get(SHARED, ARRIVALS, key)
        return _state(row) if row else LaneState()

    def _row(self, way: Way, state: LaneState) -> Row:
        return {
            TENANT: SYSTEM_TENANT,
            JURISDICTION: SHARED,
            "region": self.region,
            "origin": way.origin,
            "lane": way.lane.value,
            "version": state.version,
            "heard": msgspec.json.encode(state.heard.ranges),
            "era": state.era,
            "beats": state.beats,
            "beacon_number": state.beacon_number,
            "beacon_at": state.beacon_at,
        }


def _state(row: Row) -> LaneState:
    return LaneState(
        heard=Heard(ranges=msgspec.json.decode(blob(row, "heard"), type=list[tuple[int, int]])),
        version=number(row, "version"),
        era=number(row, "era"),
        beats=number(row, "beats"),
        beacon_number=number(row, "beacon_number"),
        beacon_at=instant(row, "beacon_at"),
    )


def _began_anew(state: LaneState, one: HeardBeacon) -> bool:
    """A later beacon with a lower number: the streams are not those that they were."""
    return one.beacon.at > state.beacon_at and one.number < state.beacon_number


def _told(sign: LaneSign, state: LaneState) -> Ranges:
    return [*state.heard.told(sign.first_kept, sign.erased), *_bounded(state)]


def _forgotten(lane: Lane, state: LaneState) -> Ranges:
    lost = [(1, last) for _, last in state.heard.ranges[-1:]]
    state.heard = Heard()
    state.beacon_number, state.beacon_at = 0, LONG_AGO
    state.era += lane is Lane.RETRACTION
    return lost


def _is_whole(heard: Heard, number: int) -> bool:
    first, last = heard.ranges[0] if heard.ranges else (1, 0)
    return first == 1 and last >= number - 1


def _bounded(state: LaneState) -> Ranges:
    """Take the older gaps for lost where there are too many."""
    if len(state.heard.ranges) <= MAX_RANGES:
        return []
    return state.heard.told(state.heard.ranges[-(MAX_RANGES // 2)][0])
