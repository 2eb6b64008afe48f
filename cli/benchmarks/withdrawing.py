"""How soon a withdrawal binds every process of a node: reads race with it, while the queue is stopped and one
process is held up again and again.

Two processes serve the same stores. A read counts from the moment at which it is sent, a withdrawal from the
moment at which its acceptance has arrived, both by the clock of the one client.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from cli.benchmarks.athlete import BenchFault, Session, document_of, signed_up
from cli.benchmarks.files import own_files
from cli.benchmarks.model import WithdrawalFigures
from cli.benchmarks.wire import OK, Address, Wire, request_bytes
from cli.benchmarks.world import MERIDIAN, ServerProcess, as_toml, server_process
from cli.demo_world import DemoWorld
from cli.servers.ports import free_port

MAX_LATE_MS = 100.0
HELD_UP_S = 0.2
BETWEEN_S = 0.3
SETTLE_S = 0.5
REFUSED = 403
WITHHELD = b'"withheld":["heart-rate"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalPlan:
    readers: int = 200
    withdrawals: int = 50


@dataclass(slots=True)
class _Race:
    """`reads` are (process, person, begun at, whether the data was shown)."""

    people: list[tuple[Session, str]]
    accepted: dict[int, float] = field(default_factory=dict)
    reads: list[tuple[int, int, float, bool]] = field(default_factory=list)
    over: bool = False


async def withdrawal_figures(
    world: DemoWorld, node: ServerProcess, plan: WithdrawalPlan
) -> WithdrawalFigures:
    race = _Race(await _people(node.address, plan.withdrawals))
    port = free_port()
    config = world.options.directory / "second.toml"
    settings = world.settings()
    elsewhere = msgspec.structs.replace(settings.node, port=port)
    config.write_text(as_toml(msgspec.structs.replace(settings, node=elsewhere)))
    arguments = (*MERIDIAN, "node", "run", "--config", str(config))
    address = Address(node.address.host, port)
    async with server_process(arguments, address, world.options.directory / "second.log") as second:
        await asyncio.to_thread(world.nats.stop)
        try:
            await _run(race, (node, second), plan.readers)
        finally:
            await asyncio.to_thread(world.nats.start)
    return _figures(world, plan, race)


async def _people(address: Address, count: int) -> list[tuple[Session, str]]:
    """People who consented, each with one workout that shows a heart rate."""
    (file,) = own_files(1)
    people = []
    wire = await Wire.to(address)
    for session in await signed_up(address, "withdraw", count):
        workout_id, *_ = await session.upload(wire, file.name, file.content)
        _, body = await wire.ask(await session.request(wire, f"/v1/workouts/{workout_id}"))
        if WITHHELD not in body:
            people.append((session, workout_id))
    wire.close()
    if not people:
        raise BenchFault("nobody's workout shows a heart rate")
    return people


async def _run(race: _Race, nodes: tuple[ServerProcess, ServerProcess], readers: int) -> None:
    reading = [asyncio.create_task(_read_on(race, nodes, number)) for number in range(readers)]
    holding = asyncio.create_task(_hold_up(race, nodes[1].pid))
    await asyncio.sleep(SETTLE_S)
    wire = await Wire.to(nodes[0].address)
    for number, (session, _) in enumerate(race.people):
        path = "/v1/consents/analysis?category=health"
        token = await session.token(wire)
        await document_of(wire, request_bytes("DELETE", path, nodes[0].address, token=token))
        race.accepted[number] = time.monotonic()
    await asyncio.sleep(SETTLE_S)
    race.over = True
    wire.close()
    await asyncio.gather(*reading, holding)


async def _read_on(race: _Race, nodes: tuple[ServerProcess, ServerProcess], number: int) -> None:
    process = number % 2
    address = nodes[process].address
    wire = await Wire.to(address)
    tokens = [await session.token(wire) for session, _ in race.people]
    turn = number // 2
    while not race.over:
        place = turn % len(race.people)
        turn += 1
        path = f"/v1/workouts/{race.people[place][1]}"
        begin = time.monotonic()
        status, body = await wire.ask(request_bytes("GET", path, address, token=tokens[place]))
        if status not in {OK, REFUSED}:  # where withdrawing is an objection, nothing is shown at all
            raise BenchFault(f"a read was answered {status}")
        race.reads.append((process, place, begin, status == OK and WITHHELD not in body))
    wire.close()


async def _hold_up(race: _Race, pid: int) -> None:
    """Stop a process for a while, so that nothing in it runs, and let it go on from where it was."""
    while not race.over:
        await asyncio.sleep(BETWEEN_S)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(HELD_UP_S)
            finally:
                os.kill(pid, signal.SIGCONT)


def _figures(world: DemoWorld, plan: WithdrawalPlan, race: _Race) -> WithdrawalFigures:
    latest = {0: 0.0, 1: 0.0}
    after = shown_after = 0
    for process, place, begin, shown in race.reads:
        late_ms = (begin - race.accepted[place]) * 1000
        after += late_ms > MAX_LATE_MS
        shown_after += shown and late_ms > MAX_LATE_MS
        if shown:
            latest[process] = max(latest[process], late_ms)
    return WithdrawalFigures(
        backend=world.options.backend,
        readers=plan.readers,
        withdrawals=len(race.people),
        reads=len(race.reads),
        reads_after_bound=after,
        shown_after_bound=shown_after,
        latest_shown_ms={"first": round(latest[0], 1), "held_up": round(latest[1], 1)},
        held_up_ms=HELD_UP_S * 1000,
        queue_stopped=True,
        met={"withdrawal": shown_after == 0 and after > 0},
    )
