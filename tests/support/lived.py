"""A node as an operator runs it, that people lived with, and what was seen of it while it was alive."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from cli.demo_world import DemoWorld, WorldOptions
from region_node.settings import Settings
from tests.chaos.node_process import NodeProcess
from tests.support.byte_search import Find, Needle, search_tree, text_needle
from tests.support.eavesdropper import eavesdropping, said
from tests.support.operators import bootstrapped
from tests.support.planted import Life, live


@dataclass(frozen=True, kw_only=True)
class Lived:
    """`alive` was found while all ran; `commands` are arguments and environments by name of a process.

    `commit_log` holds Cassandra's segments as they were before the flush; empty on SQLite.
    """

    directory: Path
    settings: Settings
    life: Life
    operator_token: str
    alive: set[Find]
    alive_files: set[str]
    messages: list[tuple[str, bytes]]
    commands: dict[str, bytes]
    commit_log: dict[str, bytes]

    @property
    def needles(self) -> tuple[Needle, ...]:
        return needles_of(self.life, self.operator_token)

    def file(self, pattern: str) -> Path:
        """The largest file of a kind."""
        return max(self.directory.glob(pattern), key=lambda path: path.stat().st_size)


def needles_of(life: Life, operator_token: str) -> tuple[Needle, ...]:
    return (*life.needles(), text_needle("operator token", operator_token))


async def live_in(folder: Path, backend: str = "sqlite") -> Lived:
    """Let somebody live with a node under *folder*, then stop node and servers cleanly."""
    options = WorldOptions(directory=folder / "world", backend=backend, import_processes=1)
    async with DemoWorld(options) as world:
        await world.prepare()
        settings = world.settings()
        operator = await bootstrapped(settings)
        node = NodeProcess(world)
        async with eavesdropping(settings) as heard:
            await asyncio.to_thread(node.start)
            try:
                life = await asyncio.to_thread(live, node.url, world.nats)
                await _scrape(node.url, operator)
                commands = commands_of(node, world)
                needles = needles_of(life, operator)
                files = {
                    path.relative_to(options.directory).as_posix() for path in options.directory.rglob("*")
                }
                alive = await asyncio.to_thread(search_tree, options.directory, needles, folder / "alive")
                segments = options.directory.glob("cassandra/commitlog/*.log")
                commit_log = {path.name: path.read_bytes() for path in segments}
                if world.cassandra is not None:
                    await asyncio.to_thread(world.cassandra.nodetool, "flush")
            finally:
                await asyncio.to_thread(node.stop)
    return Lived(
        directory=options.directory,
        settings=settings,
        life=life,
        operator_token=operator,
        alive=alive,
        alive_files=files,
        messages=said(heard),
        commands=commands,
        commit_log=commit_log,
    )


def commands_of(node: NodeProcess, world: DemoWorld) -> dict[str, bytes]:
    """What every user of the machine (arguments) and this one (environment) can read of each process."""
    servers = [node, world.nats, *([world.cassandra] if world.cassandra else [])]
    found = {}
    for server in servers:
        process = psutil.Process(server.process.pid())
        for one in (process, *process.children(recursive=True)):
            with suppress(FileNotFoundError, ProcessLookupError):
                place = Path("/proc") / str(one.pid)
                found[f"{server.name} {one.pid}"] = (place / "cmdline").read_bytes()
                found[f"{server.name} {one.pid} environment"] = (place / "environ").read_bytes()
    return found


async def _scrape(url: str, operator_token: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        answer = await http.get("/metrics", headers={"authorization": f"Bearer {operator_token}"})
        assert answer.status_code == httpx.codes.OK, answer.text
