"""Memory of a node over many small uploads."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from cli.benchmarks.athlete import Session, signed_up
from cli.benchmarks.files import BenchFile
from cli.benchmarks.model import GrowthFigures, GrowthStep
from cli.benchmarks.proc import import_processes, memory
from cli.benchmarks.wire import Wire
from cli.benchmarks.world import ServerProcess
from cli.demo_files import DemoFormat, demo_activity, demo_file
from cli.demo_model import DemoSport
from cli.demo_people import FIRST_DAY, PEOPLE
from cli.demo_world import DemoWorld, Tell

FLAT_MIB_PER_1000 = 1.0
PEOPLE_COUNT = 20
CLIENTS = 8
STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthPlan:
    uploads: int
    settle_s: float
    tell: Tell


async def growth_figures(world: DemoWorld, node: ServerProcess, plan: GrowthPlan) -> GrowthFigures:
    sessions = await signed_up(node.address, "grow", PEOPLE_COUNT)
    jobs = _jobs(sessions)
    steps = []
    size = max(1, plan.uploads // STEPS)
    for number in range(1, STEPS + 1):
        await _upload(node, jobs, size)
        await asyncio.sleep(plan.settle_s)
        own = memory(node.pid)
        imports = sum(memory(pid).pss_mib for pid in import_processes(node.pid))
        step = GrowthStep(
            uploads=number * size,
            node_pss_mib=own.pss_mib,
            node_rss_mib=own.rss_mib,
            imports_pss_mib=round(imports, 1),
        )
        steps.append(step)
        plan.tell(f"{step.uploads} uploads: node {own.pss_mib} MiB, imports {step.imports_pss_mib} MiB")
    node_growth = _slope([(s.uploads, s.node_pss_mib) for s in steps])
    imports_growth = _slope([(s.uploads, s.imports_pss_mib) for s in steps])
    return GrowthFigures(
        backend=world.options.backend,
        uploads=steps[-1].uploads,
        steps=steps,
        node_growth_mib_per_1000=node_growth,
        imports_growth_mib_per_1000=imports_growth,
        met={"node": node_growth < FLAT_MIB_PER_1000, "imports": imports_growth < FLAT_MIB_PER_1000},
    )


async def _upload(node: ServerProcess, jobs: Iterator[tuple[Session, BenchFile]], count: int) -> None:
    left = iter(range(count))

    async def client() -> None:
        wire = await Wire.to(node.address)
        for _ in left:
            session, file = next(jobs)
            await session.upload(wire, file.name, file.content)
        wire.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def _jobs(sessions: list[Session]) -> Iterator[tuple[Session, BenchFile]]:
    """Never the same file twice for one person: each is a workout of its own, on a day of its own."""
    day = 0
    while True:
        activity = demo_activity(
            DemoSport.RUN,
            seed=day % 7,
            start=FIRST_DAY - timedelta(days=day),
            minutes=2,
            origin=PEOPLE[0].home,
        )
        file = BenchFile(f"small-{day}.fit", demo_file(activity, DemoFormat.FIT))
        for session in sessions:
            yield session, file
        day += 1


def _slope(points: list[tuple[int, float]]) -> float:
    """MiB per 1,000 uploads, by least squares over the second half: caches have filled by then."""
    uploads, sizes = zip(*points[len(points) // 2 :], strict=True)
    return round(float(np.polyfit(uploads, sizes, 1)[0]) * 1000, 3)
