"""When what is killed: drawn from a seed, told by how many uploads were acknowledged, one at a time."""

import asyncio
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from cli.demo_world import DemoWorld
from tests.chaos.node_process import NodeProcess

SEED_VARIABLE = "SEED"


def seed(default: int | None = None) -> int:
    """That of the environment, to replay; else *default*, else a new one. Printed in any case."""
    given = os.environ.get(SEED_VARIABLE)
    chosen = (
        int(given) if given else default if default is not None else random.SystemRandom().getrandbits(32)
    )
    tell(f"chaos: {SEED_VARIABLE}={chosen}")
    return chosen


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


async def until(holds: Callable[[], object], every_s: float = 0.01) -> None:
    while not holds():  # noqa: ASYNC110 - what is waited for happens in other processes
        await asyncio.sleep(every_s)


@dataclass(frozen=True, slots=True)
class Kill:
    """Once *after* uploads were acknowledged, and *pause_s* more; what was killed is away for *away_s*."""

    after: int
    pause_s: float
    away_s: float
    target: str


def draw(dice: random.Random, uploads: int, targets: dict[str, int]) -> list[Kill]:
    """One kill in each of equal parts of the way, at any point of it; which comes when is drawn."""
    names = [name for name, count in targets.items() for _ in range(count)]
    dice.shuffle(names)
    part = uploads * 0.9 / len(names)
    moments = [int(part * (number + dice.random())) for number in range(len(names))]
    return [
        Kill(after=after, pause_s=dice.uniform(0, 0.4), away_s=dice.uniform(0, 1.5), target=name)
        for after, name in zip(moments, names, strict=True)
    ]


@dataclass(slots=True)
class Killer:
    world: DemoWorld
    node: NodeProcess
    acknowledged: int = 0
    done: list[str] = field(default_factory=list)
    orphans: list[psutil.Process] = field(default_factory=list)

    def on_acknowledged(self) -> None:
        self.acknowledged += 1

    async def run(self, kills: list[Kill]) -> None:
        for kill in kills:
            await until(lambda moment=kill.after: self.acknowledged >= moment)
            await asyncio.sleep(kill.pause_s)
            began = time.monotonic()
            await getattr(self, f"_{kill.target}")(kill.away_s)
            self.done.append(kill.target)
            tell(
                f"chaos: killed {kill.target} at {self.acknowledged} uploads, "
                f"{time.monotonic() - began:.1f} s until it was back"
            )

    async def _node(self, away_s: float) -> None:
        self.orphans += await asyncio.to_thread(self.node.kill_alone)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(self.node.start)

    async def _worker(self, _away_s: float) -> None:
        """The node replaces it by itself."""
        await until(self.node.import_processes)
        self.node.import_processes()[0].kill()

    async def _nats(self, away_s: float) -> None:
        await self._server(self.world.nats, away_s)

    async def _cassandra(self, away_s: float) -> None:
        await self._server(self.world.cassandra, away_s)

    async def _frozen_cassandra(self, away_s: float) -> None:
        """Longer than the node waits for an answer: what was asked is done later all the same."""
        await asyncio.to_thread(self.world.cassandra.pause)
        await asyncio.sleep(self.world.settings().storage.request_timeout_s + away_s)
        await asyncio.to_thread(self.world.cassandra.resume)

    async def _server(self, server, away_s: float) -> None:
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(away_s)
        await asyncio.to_thread(server.start)
