"""A leaderboard's index beside a plain sorted list, small and large. No node: all of it lies in memory.

Times are of the processor in this thread, each operation between two readings of its clock, less what two
readings in a row take; small and large boards, index and list take turns with the same operations. What they
took on the wall stands beside: on a busy machine it says more about the others. Memory is that of a process
of its own.
"""

import random
import time
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import getpid
from statistics import median
from typing import Self, TypeVar

from cli.benchmarks.athlete import BenchFault
from cli.benchmarks.model import BoardFigures, BoardTimes
from cli.benchmarks.proc import memory
from region_node.features.leaderboards.board import Board
from region_node.features.leaderboards.model import Entry
from region_node.ids import SEPARATOR, new_id

SEED = 20_261_121
MOST_SCORE = 100_000_000
MOST_REACHED_MS = 2_592_000_000
CHURN = 20
"""One in so many entries is changed before memory is looked at: the board is as one in use."""
COMPARED = 100

MAX_RANK_P99_MS = 5.0
MAX_UPDATE_P99_MS = 1.0
MAX_BYTES_PER_ENTRY = 200.0
MAX_RATIO = 2.0
_MS_PER_NS = 1e-6
_BYTES_PER_MIB = 1024 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlan:
    small: int = 10_000
    large: int = 1_000_000
    operations: int = 10_000


class SortedList:
    """The bare part: a dictionary, and a list that is kept in order by bisection."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._orders = {entry.ref: entry.order for entry in entries}
        self._sorted = sorted(self._orders.values())

    def rank(self, ref: str) -> int:
        return bisect_left(self._sorted, (self._orders[ref][0],)) + 1

    def upsert(self, entry: Entry) -> None:
        del self._sorted[bisect_left(self._sorted, self._orders[entry.ref])]
        insort(self._sorted, entry.order)
        self._orders[entry.ref] = entry.order


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is asked of a board, and what each took, in ns of the processor and on the wall."""

    rank: Callable[[str], int | None]
    update: Callable[[Entry], None]
    ranks: list[tuple[int, int]] = field(default_factory=list)
    updates: list[tuple[int, int]] = field(default_factory=list)

    def turn(self, ref: str, entry: Entry) -> None:
        self.ranks.append(_spent(self.rank, ref))
        self.updates.append(_spent(self.update, entry))


@dataclass(frozen=True, slots=True)
class _Pair:
    """An index and a list of the same entries."""

    refs: list[str]
    index: _Subject
    bare: _Subject

    @classmethod
    def of(cls, dice: random.Random, count: int) -> Self:
        # As long as the longest ids of people.
        refs = [f"us-ca{SEPARATOR}{new_id()}" for _ in range(count)]
        entries = [_entry(dice, ref) for ref in refs]
        board, plain = Board(entries), SortedList(iter(entries))

        def rank(ref: str) -> int | None:
            place = board.place(ref)
            return None if place is None else place.rank

        return cls(refs, _Subject(rank, board.upsert), _Subject(plain.rank, plain.upsert))

    def turn(self, dice: random.Random) -> None:
        ref, entry = dice.choice(self.refs), _entry(dice, dice.choice(self.refs))
        for subject in (self.index, self.bare):
            subject.turn(ref, entry)

    def compare(self, dice: random.Random) -> None:
        """Raises BenchFault: the figures would be of an index that answers wrongly."""
        wrong = sum(
            self.index.rank(ref) != self.bare.rank(ref) for ref in dice.choices(self.refs, k=COMPARED)
        )
        if wrong:
            raise BenchFault(f"{wrong} of {COMPARED} ranks differ from those of the plain list")


def board_figures(plan: BoardPlan) -> BoardFigures:
    """Raises BenchFault."""
    dice = random.Random(SEED)  # noqa: S311 - drawn anew by anybody # nosec B311
    pairs = [_Pair.of(dice, count) for count in (plan.small, plan.large)]
    for _ in range(plan.operations):
        for pair in pairs:
            pair.turn(dice)
    for pair in pairs:
        pair.compare(dice)
    small, large = (_times(pair.index) for pair in pairs)
    bare_small, bare_large = (_times(pair.bare) for pair in pairs)
    ratios = large.rank_p50_ms / small.rank_p50_ms, large.update_p50_ms / small.update_p50_ms
    entry_bytes = _in_a_process(_index_bytes, plan.large)
    return BoardFigures(
        small_entries=plan.small,
        large_entries=plan.large,
        operations=plan.operations,
        small=small,
        large=large,
        bare_small=bare_small,
        bare_large=bare_large,
        bytes_per_entry=entry_bytes,
        bare_bytes_per_entry=_in_a_process(_list_bytes, plan.large),
        rank_ratio=round(ratios[0], 3),
        update_ratio=round(ratios[1], 3),
        rank_of_bare=round(large.rank_p50_ms / bare_large.rank_p50_ms, 3),
        update_of_bare=round(large.update_p50_ms / bare_large.update_p50_ms, 3),
        met={
            "rank": large.rank_p99_ms < MAX_RANK_P99_MS,
            "update": large.update_p99_ms < MAX_UPDATE_P99_MS,
            "memory": entry_bytes < MAX_BYTES_PER_ENTRY,
            "rank_flat": ratios[0] < MAX_RATIO,
            "update_flat": ratios[1] < MAX_RATIO,
        },
    )


def _entry(dice: random.Random, ref: str) -> Entry:
    return Entry(ref, dice.randrange(MOST_SCORE), dice.randrange(MOST_REACHED_MS))


def _spent(operation: Callable[[T], object], on: T) -> tuple[int, int]:
    wall, begun = time.perf_counter_ns(), time.thread_time_ns()
    operation(on)
    return time.thread_time_ns() - begun, time.perf_counter_ns() - wall


def _times(subject: _Subject) -> BoardTimes:
    clock_ns = median(-(time.thread_time_ns() - time.thread_time_ns()) for _ in range(1000))
    ranks, rank_walls = zip(*subject.ranks, strict=True)
    updates, update_walls = zip(*subject.updates, strict=True)
    return BoardTimes(
        rank_p50_ms=_percentile(ranks, 50, clock_ns),
        rank_p99_ms=_percentile(ranks, 99, clock_ns),
        rank_wall_p99_ms=_percentile(rank_walls, 99),
        update_p50_ms=_percentile(updates, 50, clock_ns),
        update_p99_ms=_percentile(updates, 99, clock_ns),
        update_wall_p99_ms=_percentile(update_walls, 99),
    )


def _percentile(spent: tuple[int, ...], percent: int, clock_ns: float = 0.0) -> float:
    in_order = sorted(spent)
    return round(_MS_PER_NS * max(1.0, in_order[len(in_order) * percent // 100] - clock_ns), 6)


def _in_a_process(measure: Callable[[int], float], count: int) -> float:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, count).result()


def _index_bytes(count: int) -> float:
    return _bytes_of(count, Board)


def _list_bytes(count: int) -> float:
    return _bytes_of(count, SortedList)


def _bytes_of(count: int, make: Callable[[Iterator[Entry]], Board | SortedList]) -> float:
    """What the process grew by for each entry; its refs are made anew each time, so none is kept for it."""
    dice = random.Random(SEED)  # noqa: S311 - as above # nosec B311
    before = memory(getpid()).pss_mib
    board = make(_entry(dice, _ref(number)) for number in range(count))
    for number in range(0, count, CHURN):
        board.upsert(_entry(dice, _ref(number)))
    return round((memory(getpid()).pss_mib - before) * _BYTES_PER_MIB / count, 1)


def _ref(number: int) -> str:
    return f"us-ca{SEPARATOR}{number:026}"
