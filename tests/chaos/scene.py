"""A node in a process of its own, the servers that it needs, and people who have signed in."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from cli.demo_people import PEOPLE
from cli.demo_world import Backend, DemoWorld, WorldOptions
from region_node.settings import Settings
from tests.chaos.athletes import Athlete, plan
from tests.chaos.audit import audit, ended, quiet
from tests.chaos.node_process import NodeProcess
from tests.chaos.schedule import tell

REQUEUE_AFTER_S = 20.0
"""Sooner than an operator would want it, so that a test need not wait for minutes."""
LAST_ERRORS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneOptions:
    """`uploads` are shared out to `people`; `changes` are settings of the node by section."""

    directory: Path
    dice: random.Random
    uploads: int
    people: int = len(PEOPLE)
    backend: Backend = "sqlite"
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    world: DemoWorld
    node: NodeProcess
    athletes: list[Athlete]
    http: httpx.AsyncClient

    @property
    def settings(self) -> Settings:
        return self.world.settings()

    async def settle(self) -> None:
        """Wait for all that was begun."""
        await ended(self.athletes)
        await quiet(self.settings)

    async def audit(self) -> None:
        await audit(self.settings, self.athletes)


@asynccontextmanager
async def scene(options: SceneOptions) -> AsyncIterator[Scene]:
    changes = {"imports": {"requeue_after_s": REQUEUE_AFTER_S}} | options.changes
    wanted = WorldOptions(directory=options.directory / "world", backend=options.backend, changes=changes)
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(DemoWorld(wanted))
        await world.prepare()
        node = NodeProcess(world)
        stack.push_async_callback(asyncio.to_thread, node.stop)
        await asyncio.to_thread(node.start)
        shares = _shares(options.uploads, options.people)
        athletes = [
            Athlete(person, await stack.enter_async_context(_client(node)), plan(options.dice, person, count))
            for person, count in zip(PEOPLE, shares, strict=False)
        ]
        for athlete in athletes:
            await athlete.join()
        try:
            yield Scene(world, node, athletes, await stack.enter_async_context(_client(node)))
        except BaseException:
            errors = [line for line in node.log().splitlines() if '"level":"error"' in line]
            tell("\n".join(["chaos: errors in the node's log:", *errors[-LAST_ERRORS:]]))
            raise


def _shares(total: int, people: int) -> list[int]:
    return [total // people + (number < total % people) for number in range(people)]


def _client(node: NodeProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=node.url, headers={"host": "localhost"}, timeout=60, trust_env=False)
