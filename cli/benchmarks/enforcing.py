"""Reads of a node that asks policy beside those of one that allows all, in rounds that take turns.

Both are processes of their own on the same stores, and answer with the same bytes.
"""

import sys
from dataclasses import dataclass
from typing import Any

import msgspec

from cli.benchmarks.athlete import BenchFault, Session, signed_up
from cli.benchmarks.files import BenchFile
from cli.benchmarks.model import EnforcedReads, EnforcementFigures
from cli.benchmarks.seeding import FEW_SPAN, Seed, seed_workouts
from cli.benchmarks.wire import Address, Load, Target, Wire, loaded, median_load, request_bytes
from cli.benchmarks.world import ServerProcess, as_toml, server_process
from cli.demo_world import DemoWorld
from cli.servers.ports import free_port

MAX_COST = 0.1
LISTED = 20
WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementPlan:
    files: list[BenchFile]
    connections: int = 8
    rounds: int = 7
    round_s: float = 3.0


async def enforcement_figures(
    world: DemoWorld, node: ServerProcess, plan: EnforcementPlan
) -> EnforcementFigures:
    (session,) = await signed_up(node.address, "enforce", 1)
    wire = await Wire.to(node.address)
    workouts = [i for file in plan.files for i in await session.upload(wire, file.name, file.content)]
    await seed_workouts(world, [Seed(session.person_id, LISTED, FEW_SPAN)])
    port = free_port()
    config = world.options.directory / "unruled.toml"
    settings = world.settings()
    elsewhere = msgspec.structs.replace(settings.node, port=port)
    config.write_text(as_toml(msgspec.structs.replace(settings, node=elsewhere)))
    arguments = (sys.executable, "-m", "cli.benchmarks.unruled_node", str(config))
    address = Address(node.address.host, port)
    async with server_process(arguments, address, world.options.directory / "unruled.log") as other:
        paths = [f"/v1/workouts/{workout_id}" for workout_id in workouts]
        workout = await _beside(plan, session, (node, other), paths)
        listing = await _beside(plan, session, (node, other), [f"/v1/workouts?limit={LISTED}"])
    wire.close()
    return EnforcementFigures(
        backend=world.options.backend,
        connections=plan.connections,
        rounds=plan.rounds,
        workout=workout,
        listing=listing,
        met={"workout": workout.cost < MAX_COST, "list": listing.cost < MAX_COST},
    )


async def _beside(
    plan: EnforcementPlan, session: Session, nodes: tuple[ServerProcess, ServerProcess], paths: list[str]
) -> EnforcedReads:
    requests = await _same_bodies(session, nodes, paths)
    targets = [Target(address=n.address, pid=n.pid, requests=r) for n, r in zip(nodes, requests, strict=True)]
    for target in targets:
        await loaded(target, connections=plan.connections, seconds=min(WARM_UP_S, plan.round_s))
    rounds: tuple[list[Load], list[Load]] = ([], [])
    for number in range(plan.rounds):
        for place in (0, 1) if number % 2 else (1, 0):
            load = await loaded(targets[place], connections=plan.connections, seconds=plan.round_s)
            rounds[place].append(load)
    ruled, unruled = median_load(rounds[0]), median_load(rounds[1])
    cost = 1 - ruled.requests_per_s / unruled.requests_per_s
    return EnforcedReads(ruled=ruled, unruled=unruled, cost=round(cost, 4))


async def _same_bodies(
    session: Session, nodes: tuple[ServerProcess, ServerProcess], paths: list[str]
) -> tuple[list[bytes], list[bytes]]:
    """The requests for each node; a benchmark of different answers would say nothing."""
    wires = [await Wire.to(node.address) for node in nodes]
    found: tuple[list[bytes], list[bytes]] = ([], [])
    for path in paths:
        bodies = []
        for wire, node, requests in zip(wires, nodes, found, strict=True):
            token = await session.token(wires[0])
            requests.append(request_bytes("GET", path, node.address, token=token))
            bodies.append(_compared((await wire.ask(requests[-1]))[1]))
        if bodies[0] != bodies[1]:
            raise BenchFault("the two nodes answer with different bodies")
    for wire in wires:
        wire.close()
    return found


def _compared(body: bytes) -> dict[str, Any]:
    """An answer without its cursor, which is sealed anew each time."""
    document: dict[str, Any] = msgspec.json.decode(body)
    return {name: value for name, value in document.items() if name != "next_cursor"}
