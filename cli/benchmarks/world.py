"""A node in a process of its own, as an operator runs it, with the servers that it needs."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cli.benchmarks.wire import OK, Address, Wire, WireFault, request_bytes
from cli.demo_world import Backend, DemoWorld, WorldOptions
from cli.servers.ports import free_port
from region_node.settings import Settings

START_PATIENCE_S = 60.0
STOP_PATIENCE_S = 30.0
POLL_S = 0.005
MERIDIAN = (sys.executable, "-c", "from cli.app import main; main()")


class NodeFailed(Exception):
    """A server process ended, or never became ready; the message names its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """Something that listens. `ready_s` is from the start of the process to the first 200."""

    address: Address
    pid: int
    ready_s: float


@asynccontextmanager
async def bench_world(
    directory: Path, backend: Backend, *, import_processes: int
) -> AsyncIterator[DemoWorld]:
    """Servers with migrated stores; `directory` is made empty first."""
    options = WorldOptions(
        directory=directory, backend=backend, port=free_port(), import_processes=import_processes
    )
    async with DemoWorld(options) as world:
        await world.prepare()
        yield world


@asynccontextmanager
async def node_process(world: DemoWorld) -> AsyncIterator[ServerProcess]:
    """`meridian node run`."""
    settings = world.settings()
    config = world.options.directory / "node.toml"
    config.write_text(as_toml(settings))
    arguments = (*MERIDIAN, "node", "run", "--config", str(config))
    address = Address(settings.node.host, settings.node.port)
    async with server_process(arguments, address, world.options.directory / "node.log") as process:
        yield process


@asynccontextmanager
async def server_process(
    arguments: tuple[str, ...], address: Address, log: Path
) -> AsyncIterator[ServerProcess]:
    """Start it, wait for `/health/ready` to answer 200, end it with SIGTERM.

    Raises:
        NodeFailed
    """
    begin = time.monotonic()
    with log.open("ab") as output:
        process = await _spawn(arguments, output)
    try:
        while not await _answers(address):
            if process.returncode is not None or time.monotonic() - begin > START_PATIENCE_S:
                raise NodeFailed(f"a server did not become ready; see {log}")
            await asyncio.sleep(POLL_S)
        yield ServerProcess(address=address, pid=process.pid, ready_s=round(time.monotonic() - begin, 3))
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_PATIENCE_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _spawn(arguments: tuple[str, ...], output: BinaryIO) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
    )


async def _answers(address: Address) -> bool:
    try:
        wire = await Wire.to(address)
    except OSError:
        return False
    try:
        status, _ = await wire.ask(request_bytes("GET", "/health/ready", address))
    except WireFault:
        return False
    finally:
        wire.close()
    return status == OK


def as_toml(settings: Settings) -> str:
    """Tables of plain values, as far as settings have them; what is None is left out."""
    document = msgspec.to_builtins(settings, enc_hook=str)
    lines = [_line(name, value) for name, value in document.items() if not isinstance(value, dict | None)]
    for name, table in document.items():
        if isinstance(table, dict):
            lines += ["", f"[{name}]", *(_line(k, v) for k, v in table.items() if v is not None)]
    return "\n".join([*lines, ""])


def _line(name: str, value: Any) -> str:
    if not re.fullmatch(r"[a-z_]+", name):
        raise ValueError(f"{name} is no key of settings")
    return f"{name} = {msgspec.json.encode(value).decode()}"
