"""Start, memory at rest, import processes, and what samples take up."""

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import numpy as np

from cli.benchmarks.athlete import signed_up
from cli.benchmarks.files import BenchFile
from cli.benchmarks.model import FootprintFigures
from cli.benchmarks.proc import import_processes, memory
from cli.benchmarks.wire import Wire
from cli.benchmarks.world import node_process
from cli.demo_world import DemoWorld
from region_node.features.workouts.analyse import analyse_outcomes
from region_node.features.workouts.importing.model import COLUMNS
from region_node.features.workouts.samples import RESOLUTION, FloatArray, encode_blocks
from region_node.security.sealing import OVERHEAD_BYTES

MAX_SHARE = 0.15
MAX_PSS_MIB = 150.0
MAX_READY_S = 3.0
SETTLE_S = 2.0


async def footprint_figures(world: DemoWorld, files: list[BenchFile]) -> FootprintFigures:
    async with node_process(world) as node:
        await asyncio.sleep(SETTLE_S)
        at_rest, before = memory(node.pid).pss_mib, len(import_processes(node.pid))
        (session,) = await signed_up(node.address, "rest", 1)
        wire = await Wire.to(node.address)
        await session.upload(wire, files[0].name, files[0].content)
        wire.close()
        imports = [memory(pid).pss_mib for pid in import_processes(node.pid)]
    as_json, stored = _sample_bytes(files)
    return FootprintFigures(
        backend=world.options.backend,
        ready_s=node.ready_s,
        node_at_rest_pss_mib=at_rest,
        import_processes_at_rest=before,
        import_processes_after=len(imports),
        import_processes_pss_mib=imports,
        sample_json_bytes=as_json,
        sample_stored_bytes=stored,
        samples_of_json=round(stored / as_json, 4),
        met={
            "ready_s": node.ready_s < MAX_READY_S or world.options.backend != "sqlite",
            "at_rest": at_rest < MAX_PSS_MIB,
            "started_with_first_upload": before == 0 < len(imports),
            "samples": stored <= MAX_SHARE * as_json,
        },
    )


def _sample_bytes(files: list[BenchFile]) -> tuple[int, int]:
    """As JSON (columns, no spaces, each value to the resolution of its channel) and sealed as stored."""
    as_json = stored = 0
    for columns in _columns(files):
        as_json += len(msgspec.json.encode({n: _values(n, c) for n, c in columns.items()}))
        stored += sum(len(block) + OVERHEAD_BYTES for block in encode_blocks(columns))
    return as_json, stored


def _columns(files: list[BenchFile]) -> Iterator[dict[str, FloatArray]]:
    """Of each workout, the channels that have values."""
    now = datetime.now(UTC)
    for file in files:
        for outcome in analyse_outcomes(file.name, io.BytesIO(file.content), now=now):
            for workout in outcome.workouts:
                columns = {name: getattr(workout.samples, name) for name in COLUMNS}
                yield {name: column for name, column in columns.items() if np.isfinite(column).any()}


def _values(name: str, column: FloatArray) -> list[float | None]:
    resolution = RESOLUTION[name]
    units = np.round(column / resolution)
    decimals = max(0, round(-np.log10(resolution) + 0.3))
    exact = np.round(units * resolution, decimals)
    return [_shortest(value) if value == value else None for value in exact.tolist()]  # noqa: PLR0124 - NaN alone differs


def _shortest(value: float) -> float:
    """Whole numbers without a point, so that JSON is not made longer than it has to be."""
    return int(value) if value.is_integer() else value
