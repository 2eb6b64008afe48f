"""The parts of a benchmark by name, each on a node process of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.benchmarks.boards import BoardPlan, board_figures
from cli.benchmarks.enforcing import EnforcementPlan, enforcement_figures
from cli.benchmarks.erasing import ErasePlan, erasure_figures
from cli.benchmarks.files import BenchFile, bench_files
from cli.benchmarks.footprint import footprint_figures
from cli.benchmarks.growth import GrowthPlan, growth_figures
from cli.benchmarks.importing import ImportPlan, import_figures
from cli.benchmarks.listing import ListPlan, list_figures
from cli.benchmarks.model import (
    BoardFigures,
    EnforcementFigures,
    ErasureFigures,
    FootprintFigures,
    GrowthFigures,
    ImportFigures,
    ListFigures,
    ReadFigures,
    WithdrawalFigures,
)
from cli.benchmarks.reading import ReadPlan, read_figures
from cli.benchmarks.withdrawing import WithdrawalPlan, withdrawal_figures
from cli.benchmarks.world import node_process
from cli.demo_world import Backend, DemoWorld
from cli.output import stderr

FILES = 40
PEOPLE = 10
READ_FILES = 12
ROUNDS = 7
ROUND_S = 3.0
REQUESTS = 400
MANY = 10_000
FEW = 100
UPLOADS = 10_000
READERS = 200
WITHDRAWALS = 50
ERASED = 5_000
OTHERS = 1_000
SETTLE_S = 3.0
BOARD_SMALL = 10_000
BOARD_LARGE = 1_000_000
BOARD_OPERATIONS = 10_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Where, on what, and how much: `scale` shortens all parts alike."""

    backend: Backend
    samples: Path | None
    scale: float

    def scaled(self, full: int, least: int = 1) -> int:
        return max(least, round(full * self.scale))

    def files(self, full: int = FILES) -> list[BenchFile]:
        return bench_files(self.samples, self.scaled(full, least=2))


async def imports(world: DemoWorld, wish: Wish) -> ImportFigures:
    async with node_process(world) as node:
        plan = ImportPlan(files=wish.files(), people=wish.scaled(PEOPLE))
        return await import_figures(world, node, plan)


async def reads(world: DemoWorld, wish: Wish) -> ReadFigures:
    async with node_process(world) as node:
        plan = ReadPlan(
            files=wish.files(READ_FILES), rounds=wish.scaled(ROUNDS), round_s=max(0.1, ROUND_S * wish.scale)
        )
        return await read_figures(world, node, plan)


async def lists(world: DemoWorld, wish: Wish) -> ListFigures:
    async with node_process(world) as node:
        plan = ListPlan(
            few=wish.scaled(FEW, 10), many=wish.scaled(MANY, 20), requests=wish.scaled(REQUESTS, 5)
        )
        return await list_figures(world, node, plan)


async def footprint(world: DemoWorld, wish: Wish) -> FootprintFigures:
    return await footprint_figures(world, wish.files())


async def growth(world: DemoWorld, wish: Wish) -> GrowthFigures:
    async with node_process(world) as node:
        plan = GrowthPlan(
            uploads=wish.scaled(UPLOADS, least=10), settle_s=SETTLE_S * wish.scale, tell=stderr.print
        )
        return await growth_figures(world, node, plan)


async def erasure(world: DemoWorld, wish: Wish) -> ErasureFigures:
    async with node_process(world) as node:
        plan = ErasePlan(
            workouts=wish.scaled(ERASED, least=5),
            others=wish.scaled(OTHERS, least=3),
            each=5,
            tell=stderr.print,
        )
        return await erasure_figures(world, node, plan)


async def enforcement(world: DemoWorld, wish: Wish) -> EnforcementFigures:
    async with node_process(world) as node:
        plan = EnforcementPlan(
            files=wish.files(READ_FILES), rounds=wish.scaled(ROUNDS), round_s=max(0.1, ROUND_S * wish.scale)
        )
        return await enforcement_figures(world, node, plan)


async def withdrawal(world: DemoWorld, wish: Wish) -> WithdrawalFigures:
    async with node_process(world) as node:
        plan = WithdrawalPlan(readers=wish.scaled(READERS, 4), withdrawals=wish.scaled(WITHDRAWALS, 2))
        return await withdrawal_figures(world, node, plan)


def boards(wish: Wish) -> BoardFigures:
    plan = BoardPlan(
        small=wish.scaled(BOARD_SMALL, 100),
        large=wish.scaled(BOARD_LARGE, 1_000),
        operations=wish.scaled(BOARD_OPERATIONS, 100),
    )
    return board_figures(plan)


PARTS: dict[str, Callable[[DemoWorld, Wish], Awaitable[Any]]] = {
    "imports": imports,
    "reads": reads,
    "lists": lists,
    "footprint": footprint,
    "growth": growth,
    "erasure": erasure,
    "enforcement": enforcement,
    "withdrawal": withdrawal,
}

WITHOUT_NODE: dict[str, Callable[[Wish], Any]] = {"boards": boards}
"""Parts that need neither a node nor a server."""
