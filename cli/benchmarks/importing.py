"""Uploads by several clients until each workout is readable, beside bare decoding of the same files."""

import asyncio
import io
import statistics
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.benchmarks.athlete import BenchFault, Session, signed_up
from cli.benchmarks.files import BenchFile
from cli.benchmarks.model import BareImport, ImportFigures, ImportRound
from cli.benchmarks.proc import cpu_s, import_processes
from cli.benchmarks.wire import Wire
from cli.benchmarks.world import ServerProcess
from cli.demo_world import DemoWorld
from region_node import backends
from region_node.features.workouts.importing.containers import Packed, open_content, stream_chunks
from region_node.features.workouts.importing.decode import decode
from region_node.features.workouts.importing.limits import TIME_LIMIT_S, Deadline
from region_node.features.workouts.importing.model import COLUMNS
from region_node.features.workouts.model import PartKind
from region_node.features.workouts.samples import encode_blocks
from region_node.features.workouts.tables import WORKOUT_PARTS
from region_node.ids import jurisdiction_of
from region_node.storage.engine import Engine, Put, Row
from region_node.storage.schema import JURISDICTION, TENANT

MIN_PER_CPU_S = 20.0
MIN_PER_S = {"sqlite": 20.0, "cassandra": 10.0}
BARE_TENANT = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    files: list[BenchFile]
    people: int = 10
    clients: int = 8


@dataclass(slots=True)
class _Run:
    """`jobs` alternate between people, as uploads of a busy hour do."""

    jobs: Iterator[tuple[Session, BenchFile]]
    durations_s: list[float] = field(default_factory=list)
    workouts: int = 0


async def import_figures(world: DemoWorld, node: ServerProcess, plan: ImportPlan) -> ImportFigures:
    sessions = await signed_up(node.address, "import", plan.people)
    bare = await _bare(world, sessions[0].person_id, plan)
    run = _Run((session, file) for file in plan.files for session in sessions)
    node_cpu, client_cpu, begin = cpu_s(node.pid), time.process_time(), time.perf_counter()
    await asyncio.gather(*(_client(node, run) for _ in range(plan.clients)))
    seconds = time.perf_counter() - begin
    uploads = len(run.durations_s)
    imports_cpu = sum(cpu_s(pid) for pid in import_processes(node.pid))
    ordered = sorted(run.durations_s)
    real = ImportRound(
        seconds=round(seconds, 3),
        files_per_s=round(uploads / seconds, 2),
        import_cpu_s=round(imports_cpu, 2),
        files_per_import_cpu_s=round(uploads / imports_cpu, 2),
        node_cpu_s=round(cpu_s(node.pid) - node_cpu, 2),
        client_cpu_s=round(time.process_time() - client_cpu, 2),
        p50_s=round(statistics.median(ordered), 3),
        p99_s=round(ordered[min(uploads - 1, uploads * 99 // 100)], 3),
    )
    backend = world.options.backend
    return ImportFigures(
        backend=backend,
        files=uploads,
        people=plan.people,
        clients=plan.clients,
        workouts=run.workouts,
        node=real,
        bare=bare,
        files_per_s_of_bare=round(real.files_per_s / bare.files_per_s, 3),
        cpu_of_bare=round((imports_cpu / uploads) * bare.files_per_cpu_s, 3),
        met={
            "files_per_import_cpu_s": real.files_per_import_cpu_s >= MIN_PER_CPU_S,
            "files_per_s": real.files_per_s >= MIN_PER_S[backend],
        },
    )


async def _client(node: ServerProcess, run: _Run) -> None:
    wire = await Wire.to(node.address)
    try:
        for session, file in run.jobs:
            begin = time.perf_counter()
            for workout_id in await session.upload(wire, file.name, file.content):
                shown = await session.get(wire, f"/v1/workouts/{workout_id}")
                if shown["workout_id"] != workout_id:
                    raise BenchFault(f"{file.name}: another workout was shown")
                run.workouts += 1
            run.durations_s.append(time.perf_counter() - begin)
    finally:
        wire.close()


async def _bare(world: DemoWorld, person_id: str, plan: ImportPlan) -> BareImport:
    settings = world.settings()
    engine = await backends.open_engine(settings, backends.geography(settings))
    begin, cpu_begin, count = time.perf_counter(), time.process_time(), 0
    try:
        for turn in range(plan.people):
            for number, file in enumerate(plan.files):
                row = _bare_row(file, person_id, turn * len(plan.files) + number)
                await _insert(engine, row)
                count += 1
    finally:
        await engine.close()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu_begin
    return BareImport(
        seconds=round(seconds, 3),
        files_per_s=round(count / seconds, 2),
        cpu_s=round(cpu, 2),
        files_per_cpu_s=round(count / cpu, 2),
    )


def _bare_row(file: BenchFile, person_id: str, number: int) -> Row:
    """The decoder's samples, packed by the same code and compressor; not sealed, nothing computed."""
    chunks = stream_chunks(io.BytesIO(file.content))
    opened = open_content(Packed(file.name, chunks, len(file.content)))
    recorded = decode(file.name, opened, Deadline(TIME_LIMIT_S))
    deque(opened.chunks, maxlen=0)
    samples = [one.columns for one in recorded]
    blocks = [b for one in samples for b in encode_blocks({name: getattr(one, name) for name in COLUMNS})]
    return {
        TENANT: BARE_TENANT,
        JURISDICTION: jurisdiction_of(person_id),
        "person_id": person_id,
        "workout_id": f"bare{number}",
        "kind": PartKind.SAMPLES.value,
        "number": 0,
        "body": b"".join(blocks),
    }


async def _insert(engine: Engine, row: Row) -> None:
    await engine.write(str(row[JURISDICTION]), [Put(WORKOUT_PARTS, row)])
