"""`GET /v1/workouts/{id}` beside a bare route on the same rows, in rounds that take turns."""

import sys
from dataclasses import dataclass

from cli.benchmarks.athlete import BenchFault, Session, signed_up
from cli.benchmarks.files import BenchFile
from cli.benchmarks.model import ReadFigures
from cli.benchmarks.wire import Address, Load, Target, Wire, loaded, median_load, request_bytes
from cli.benchmarks.world import ServerProcess, server_process
from cli.demo_world import DemoWorld
from cli.servers.ports import free_port

MIN_THROUGHPUT = 0.6
MAX_P99 = 3.0
WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan:
    files: list[BenchFile]
    connections: int = 8
    rounds: int = 5
    round_s: float = 3.0


async def read_figures(world: DemoWorld, node: ServerProcess, plan: ReadPlan) -> ReadFigures:
    (session,) = await signed_up(node.address, "read", 1)
    wire = await Wire.to(node.address)
    workout_ids = [i for file in plan.files for i in await session.upload(wire, file.name, file.content)]
    real = [await session.request(wire, f"/v1/workouts/{i}") for i in workout_ids]
    port = free_port()
    arguments = (
        sys.executable,
        "-m",
        "cli.benchmarks.bare_server",
        str(world.options.directory / "node.toml"),
    )
    values = (str(port), session.person_id, *workout_ids)
    address = Address(node.address.host, port)
    bare = [request_bytes("GET", f"/v1/workouts/{i}", address) for i in workout_ids]
    log = world.options.directory / "bare.log"
    async with server_process((*arguments, *values), address, log) as plain:
        size = await _same_bodies(session, address, workout_ids)
        targets = (
            Target(address=node.address, pid=node.pid, requests=real),
            Target(address=address, pid=plain.pid, requests=bare),
        )
        loads = await _take_turns(plan, *targets)
    wire.close()
    throughput = loads[0].requests_per_s / loads[1].requests_per_s
    p99 = loads[0].p99_ms / loads[1].p99_ms
    return ReadFigures(
        backend=world.options.backend,
        connections=plan.connections,
        rounds=plan.rounds,
        body_bytes=size,
        node=loads[0],
        bare=loads[1],
        throughput_of_bare=round(throughput, 3),
        p99_of_bare=round(p99, 3),
        cpu_of_bare=round(loads[0].cpu_us_per_request / loads[1].cpu_us_per_request, 3),
        met={"throughput": throughput >= MIN_THROUGHPUT, "p99": p99 <= MAX_P99},
    )


async def _take_turns(plan: ReadPlan, real: Target, bare: Target) -> tuple[Load, Load]:
    for target in (real, bare):
        await loaded(target, connections=plan.connections, seconds=min(WARM_UP_S, plan.round_s))
    of_real: list[Load] = []
    of_bare: list[Load] = []
    for _ in range(plan.rounds):
        for target, found in ((real, of_real), (bare, of_bare)):
            found.append(await loaded(target, connections=plan.connections, seconds=plan.round_s))
    return median_load(of_real), median_load(of_bare)


async def _same_bodies(session: Session, bare: Address, workout_ids: list[str]) -> int:
    """Mean size of the bodies; a benchmark of different answers would say nothing."""
    total = 0
    wire, bare_wire = await Wire.to(session.address), await Wire.to(bare)
    for workout_id in workout_ids:
        path = f"/v1/workouts/{workout_id}"
        _, expected = await wire.ask(await session.request(wire, path))
        _, body = await bare_wire.ask(request_bytes("GET", path, bare))
        if body != expected:
            raise BenchFault("the bare route answers with another body")
        total += len(body)
    wire.close()
    bare_wire.close()
    return total // len(workout_ids)
