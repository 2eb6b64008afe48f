"""What Linux says of a process: CPU seconds and memory."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
IMPORT_MARK = b"spawn_main"
_PARENT, _USER_TICKS, _SYSTEM_TICKS = 1, 11, 12


@dataclass(frozen=True, slots=True)
class Memory:
    pss_mib: float
    rss_mib: float


def cpu_s(pid: int) -> float:
    """User and system seconds since the process started, to a hundredth."""
    status = _status(pid)
    return (int(status[_USER_TICKS]) + int(status[_SYSTEM_TICKS])) / TICKS_PER_S


def memory(pid: int) -> Memory:
    """Of this process alone; shared pages count in parts in `pss_mib`, in full in `rss_mib`."""
    sizes = dict.fromkeys(("Pss:", "Rss:"), 0)
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, *rest = line.split()
        if name in sizes:
            sizes[name] = int(rest[0])
    return Memory(round(sizes["Pss:"] / 1024, 1), round(sizes["Rss:"] / 1024, 1))


def import_processes(node_pid: int) -> list[int]:
    """Children of a node that read files; its resource tracker is not one of them."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            is_child = entry.name.isdigit() and int(_status(int(entry.name))[_PARENT]) == node_pid
            if is_child and IMPORT_MARK in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _status(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from the state on; the command's name before it may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
