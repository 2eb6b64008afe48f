"""Lists and month statistics of somebody with few workouts and of somebody with many."""

import statistics
import time
from dataclasses import dataclass

from cli.benchmarks.athlete import BenchFault, signed_up
from cli.benchmarks.model import ListFigures
from cli.benchmarks.seeding import FEW_SPAN, MANY_SPAN, Seed, seed_workouts
from cli.benchmarks.wire import OK, Wire
from cli.benchmarks.world import ServerProcess
from cli.demo_world import DemoWorld

MAX_RATIO = 1.3
LIST_PATH = "/v1/workouts"
STATISTICS_PATH = "/v1/statistics?period=month&first=2025-07-01&last=2026-06-30"
WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlan:
    few: int = 100
    many: int = 10_000
    requests: int = 400


async def list_figures(world: DemoWorld, node: ServerProcess, plan: ListPlan) -> ListFigures:
    few, many = await signed_up(node.address, "list", 2)
    await seed_workouts(
        world, [Seed(few.person_id, plan.few, FEW_SPAN), Seed(many.person_id, plan.many, MANY_SPAN)]
    )
    wire = await Wire.to(node.address)
    found: dict[str, list[float]] = {}
    for path in (LIST_PATH, STATISTICS_PATH):
        found[path] = await _alternately(
            wire, [await few.request(wire, path), await many.request(wire, path)], plan.requests
        )
    wire.close()
    (list_few, list_many), (sums_few, sums_many) = found[LIST_PATH], found[STATISTICS_PATH]
    ratios = list_many / list_few, sums_many / sums_few
    return ListFigures(
        backend=world.options.backend,
        few_workouts=plan.few,
        many_workouts=plan.many,
        list_few_ms=round(list_few, 3),
        list_many_ms=round(list_many, 3),
        list_ratio=round(ratios[0], 3),
        statistics_few_ms=round(sums_few, 3),
        statistics_many_ms=round(sums_many, 3),
        statistics_ratio=round(ratios[1], 3),
        met={"list": ratios[0] < MAX_RATIO, "statistics": ratios[1] < MAX_RATIO},
    )


async def _alternately(wire: Wire, requests: list[bytes], count: int) -> list[float]:
    """Median milliseconds of each request; they take turns, so that what disturbs one disturbs all."""
    durations: list[list[float]] = [[] for _ in requests]
    for number in range(WARM_UP + count):
        for own, request in zip(durations, requests, strict=True):
            begin = time.perf_counter()
            status, body = await wire.ask(request)
            if status != OK or body.endswith(b'"items":[]}'):
                raise BenchFault(f"answered {status} with {len(body)} bytes")
            if number >= WARM_UP:
                own.append((time.perf_counter() - begin) * 1000)
    return [statistics.median(own) for own in durations]
