"""What the benchmarks say. Every ratio stands beside the figures that it was made of, and its target."""

import msgspec

from cli.benchmarks.wire import Load


class ImportRound(msgspec.Struct, frozen=True, kw_only=True):
    """`files_per_s`: from the first byte of the first upload to the last workout read back."""

    seconds: float
    files_per_s: float
    import_cpu_s: float
    files_per_import_cpu_s: float
    node_cpu_s: float
    client_cpu_s: float
    p50_s: float
    p99_s: float


class BareImport(msgspec.Struct, frozen=True, kw_only=True):
    """The same files, one after the other in one process: decode, compress, one insert each."""

    seconds: float
    files_per_s: float
    cpu_s: float
    files_per_cpu_s: float


class ImportFigures(msgspec.Struct, frozen=True, kw_only=True):
    backend: str
    files: int
    people: int
    clients: int
    workouts: int
    node: ImportRound
    bare: BareImport
    files_per_s_of_bare: float
    cpu_of_bare: float
    met: dict[str, bool]


class ReadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of rounds that took turns."""

    backend: str
    connections: int
    rounds: int
    body_bytes: int
    node: Load
    bare: Load
    throughput_of_bare: float
    p99_of_bare: float
    cpu_of_bare: float
    met: dict[str, bool]


class ListFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Median times of single requests of two people."""

    backend: str
    few_workouts: int
    many_workouts: int
    list_few_ms: float
    list_many_ms: float
    list_ratio: float
    statistics_few_ms: float
    statistics_many_ms: float
    statistics_ratio: float
    met: dict[str, bool]


class FootprintFigures(msgspec.Struct, frozen=True, kw_only=True):
    backend: str
    ready_s: float
    node_at_rest_pss_mib: float
    import_processes_at_rest: int
    import_processes_after: int
    import_processes_pss_mib: list[float]
    sample_json_bytes: int
    sample_stored_bytes: int
    samples_of_json: float
    met: dict[str, bool]


class GrowthStep(msgspec.Struct, frozen=True, kw_only=True):
    uploads: int
    node_pss_mib: float
    node_rss_mib: float
    imports_pss_mib: float


class GrowthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Memory over many small uploads; growth is a straight line fitted to the second half of the steps."""

    backend: str
    uploads: int
    steps: list[GrowthStep]
    node_growth_mib_per_1000: float
    imports_growth_mib_per_1000: float
    met: dict[str, bool]


class ErasureTime(msgspec.Struct, frozen=True, kw_only=True):
    """From the person's word: until no copy can be opened, and until no row and no file is left."""

    unreadable_s: float
    gone_s: float


class ErasureFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Two people with as many workouts, one alone in the store, one among others."""

    backend: str
    workouts: int
    others: int
    alone: ErasureTime
    among: ErasureTime
    ratio: float
    met: dict[str, bool]


class EnforcedReads(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` is the share of the throughput that asking takes."""

    ruled: Load
    unruled: Load
    cost: float


class EnforcementFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Medians of rounds that took turns: a node as it is, and one whose gate allows all."""

    backend: str
    connections: int
    rounds: int
    workout: EnforcedReads
    listing: EnforcedReads
    met: dict[str, bool]


class WithdrawalFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`latest_shown_ms`, by process, is the longest after an acceptance that a read began which got the data.

    `reads_after_bound` began more than 100 ms after it.
    """

    backend: str
    readers: int
    withdrawals: int
    reads: int
    reads_after_bound: int
    shown_after_bound: int
    latest_shown_ms: dict[str, float]
    held_up_ms: float
    queue_stopped: bool
    met: dict[str, bool]


class BoardTimes(msgspec.Struct, frozen=True, kw_only=True):
    """Of the processor, and the 99th percentile on the wall."""

    rank_p50_ms: float
    rank_p99_ms: float
    rank_wall_p99_ms: float
    update_p50_ms: float
    update_p99_ms: float
    update_wall_p99_ms: float


class BoardFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The index of a leaderboard beside a plain sorted list (`bare`); ratios are of medians."""

    small_entries: int
    large_entries: int
    operations: int
    small: BoardTimes
    large: BoardTimes
    bare_small: BoardTimes
    bare_large: BoardTimes
    bytes_per_entry: float
    bare_bytes_per_entry: float
    rank_ratio: float
    update_ratio: float
    rank_of_bare: float
    update_of_bare: float
    met: dict[str, bool]


class Bench(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`load_before` is the machine's load average: figures count where it was low."""

    cores: int
    python: str
    load_before: float
    scale: float
    imports: ImportFigures | None = None
    reads: ReadFigures | None = None
    lists: ListFigures | None = None
    footprint: FootprintFigures | None = None
    growth: GrowthFigures | None = None
    erasure: ErasureFigures | None = None
    enforcement: EnforcementFigures | None = None
    withdrawal: WithdrawalFigures | None = None
    boards: BoardFigures | None = None
    ok: bool
