"""One server process that outlives whoever started it, known by a pid file that is never trusted blindly.

A pid file names the boot, the pid and the tick at which the process began, so that a pid the system
gave to somebody else in the meantime is never signalled. Signals go through a pidfd, which cannot
change hands between the check and the signal. Linux only, as the servers' packages are.
"""

import os
import select
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
KILL_TIMEOUT_S = 10.0
PAUSE_TIMEOUT_S = 5.0
PAUSE_POLL_S = 0.005
_STOPPED = "T"
_GONE = frozenset("ZX")


class ProcessIdentity(msgspec.Struct, frozen=True, kw_only=True):
    pid: int
    started_at_ticks: int
    boot_id: str


class ServerProcess:
    """`<directory>/<name>.pid` and `<name>.log` belong to it. Not thread-safe: callers hold a lock."""

    def __init__(self, directory: Path, name: str) -> None:
        self.pid_file = directory / f"{name}.pid"
        self.log_file = directory / f"{name}.log"

    def spawn(self, argv: tuple[str, ...], environment: Mapping[str, str]) -> int:
        """Start in a session of its own, with output appended to the log; return the pid.

        Nothing secret may be in *argv*: every user of the machine can read it.
        """
        log = self.log_file
        pid = os.posix_spawn(
            argv[0],
            list(argv),
            dict(environment),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGPIPE, signal.SIGINT, signal.SIGTERM],
        )
        identity = identity_of(pid)
        if identity is not None:
            beside = self.pid_file.with_suffix(".new")
            beside.write_bytes(msgspec.json.encode(identity))
            beside.replace(self.pid_file)
        return pid

    def pid(self) -> int | None:
        """The pid while the very process that the pid file names is alive."""
        recorded = self._recorded()
        if recorded is None or identity_of(recorded.pid) != recorded:
            return None
        return recorded.pid

    def stop(self, timeout_s: float, number: signal.Signals = signal.SIGTERM) -> bool:
        """SIGTERM, then SIGKILL after *timeout_s*; returns whether it ended by itself. Safe to repeat.

        *number* is sent in place of SIGTERM to a server that takes another signal for the same wish.
        """
        with self._open() as descriptor:
            if descriptor is None:
                graceful = True
            else:
                signal.pidfd_send_signal(descriptor, number)
                # A paused process acts on a signal only once it goes on.
                self.resume()
                graceful = _ended(descriptor, timeout_s)
        if not graceful:
            self.kill()
        self.pid_file.unlink(missing_ok=True)
        return graceful

    def kill(self) -> None:
        """SIGKILL the process and what it started, and wait until it is gone."""
        with self._open() as descriptor:
            if descriptor is None:
                return
            self.signal_tree(signal.SIGKILL)
            _ended(descriptor, KILL_TIMEOUT_S)

    def pause(self) -> None:
        """SIGSTOP the process and what it started; returns once every thread stands still."""
        self.signal_tree(signal.SIGSTOP)
        deadline = time.monotonic() + PAUSE_TIMEOUT_S
        pid = self.pid()
        while pid is not None and time.monotonic() < deadline and not _stands_still(pid):
            time.sleep(PAUSE_POLL_S)

    def resume(self) -> None:
        self.signal_tree(signal.SIGCONT)

    def signal_tree(self, number: signal.Signals) -> None:
        """Send to the process first, then to its descendants, so that it cannot replace them."""
        pid = self.pid()
        if pid is None:
            return
        family = [pid, *_descendants(pid)]
        descriptors = [opened for member in family if (opened := _open_pid(member)) is not None]
        for descriptor in descriptors:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(descriptor, number)
            os.close(descriptor)

    def _recorded(self) -> ProcessIdentity | None:
        try:
            return msgspec.json.decode(self.pid_file.read_bytes(), type=ProcessIdentity)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    @contextmanager
    def _open(self) -> Iterator[int | None]:
        """A pidfd of the recorded process, checked after opening, or nothing where it is gone."""
        recorded = self._recorded()
        descriptor = None if recorded is None else _open_pid(recorded.pid)
        try:
            yield descriptor if descriptor is not None and self.pid() is not None else None
        finally:
            if descriptor is not None:
                os.close(descriptor)


def memory_bytes(pid: int) -> int | None:
    """Proportional set size of a process with its descendants; nothing where the kernel won't tell."""
    sizes = [_proportional_bytes(member) for member in [pid, *_descendants(pid)]]
    return None if sizes[0] is None else sum(size or 0 for size in sizes)


def _proportional_bytes(pid: int) -> int | None:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    return 1024 * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def identity_of(pid: int) -> ProcessIdentity | None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that ended would stay visible as a zombie
    status = _status(pid)
    if status is None or status[0] in _GONE:
        return None
    return ProcessIdentity(pid=pid, started_at_ticks=int(status[19]), boot_id=BOOT_ID.read_text().strip())


def _status(pid: int | str) -> list[str] | None:
    """Fields of /proc/<pid>/stat from the state on; the command's name before it may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _stands_still(pid: int) -> bool:
    threads = Path("/proc").glob(f"{pid}/task/*")
    states = [status[0] for thread in threads if (status := _status(f"{pid}/task/{thread.name}")) is not None]
    return all(state == _STOPPED for state in states)


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (status := _status(int(entry.name))) is not None:
            children.setdefault(int(status[1]), []).append(int(entry.name))
    found: list[int] = []
    pending = [pid]
    while pending:
        offspring = children.get(pending.pop(), [])
        found += offspring
        pending += offspring
    return found


def _open_pid(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _ended(descriptor: int, timeout_s: float) -> bool:
    return bool(select.select([descriptor], [], [], timeout_s)[0])
