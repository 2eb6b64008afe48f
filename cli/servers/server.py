"""What every server of ours can do: start, stop, be killed or paused, say whether it answers."""

import fcntl
import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from cli.servers.errors import ServerFailed
from cli.servers.ports import LOOPBACK, claim_ports, recorded_ports
from cli.servers.process import ServerProcess, memory_bytes

POLL_S = 0.02
PORT_ATTEMPTS = 3
_LOG_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A command to run. Secrets go through `environment` or files, never through `argv`."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class Server(ABC):
    """A server whose whole state is a directory: another process may stop what this one started.

    `start` adopts one that runs already. Methods block; call them from a thread in asynchronous
    code. Starting and stopping hold a file lock, so two callers never start one twice.
    """

    name: ClassVar[str]
    start_timeout_s: ClassVar[float] = 60.0
    stop_timeout_s: ClassVar[float] = 15.0
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    fatal_log_text: ClassVar[str] = ""
    """What a server logs that runs on and will never be ready; waiting for it is pointless."""

    def __init__(self, directory: Path, *, host: str = LOOPBACK, ports: Mapping[str, int]) -> None:
        """*ports* are the wanted ones by role, 0 for any."""
        self.directory = directory.resolve()
        self.host = host
        self._wanted = dict(ports)
        self.process = ServerProcess(self.directory, self.name)
        self._log_offset = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect; without a password."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether requests are answered at this moment. Never raises."""

    @abstractmethod
    def _prepare(self, ports: Mapping[str, int]) -> Launch:
        """Write configuration and data of a first start; called under the lock."""

    @property
    def ports(self) -> dict[str, int]:
        return recorded_ports(self._port_record) or dict(self._wanted)

    @property
    def running(self) -> bool:
        return self.process.pid() is not None

    def start(self) -> None:
        """Start unless it runs, and wait until it answers.

        Raises:
            ServerMissing: the software is not installed.
            ServerFailed: it ended, or was not ready in time; then nothing is left running.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            for attempt in range(1, PORT_ATTEMPTS + 1):
                if not self.running:
                    self._launch()
                if self._wait_until_ready():
                    return
                if attempt == PORT_ATTEMPTS or not self._port_was_taken():
                    break
            tail = self._log_tail()
            self.process.stop(self.stop_timeout_s, self.stop_signal)
        raise ServerFailed(f"{self.name} did not start; {self.process.log_file} ends with: {tail}")

    def stop(self) -> None:
        """Ask it to end, SIGKILL after `stop_timeout_s`. Data stays. Safe to repeat."""
        if not self.directory.is_dir():
            return
        with self._locked():
            self.process.stop(self.stop_timeout_s, self.stop_signal)

    def kill(self) -> None:
        """SIGKILL, as a crash would: the next start has to recover."""
        self.process.kill()

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing is answered, until `resume`."""
        self.process.signal_tree(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.signal_tree(signal.SIGCONT)

    def memory_bytes(self) -> int | None:
        pid = self.process.pid()
        return None if pid is None else memory_bytes(pid)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _port_record(self) -> Path:
        return self.directory / "ports.json"

    def _launch(self) -> None:
        launch = self._prepare(claim_ports(self._port_record, self.host, self._wanted))
        self._log_offset = self.process.log_file.stat().st_size if self.process.log_file.exists() else 0
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **launch.environment}
        self.process.spawn(launch.argv, environment)

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + self.start_timeout_s
        while time.monotonic() < deadline:
            if self.ready():
                # Somebody else's server may answer on a port that ours failed to get.
                return self.running
            fatal = self.fatal_log_text and self.fatal_log_text in self._log_since_launch()
            if fatal or not self.running:
                return False
            time.sleep(POLL_S)
        return False

    def _port_was_taken(self) -> bool:
        return not self.running and "address already in use" in self._log_since_launch().lower()

    def _log_since_launch(self) -> str:
        if not self.process.log_file.exists():
            return ""
        with self.process.log_file.open("rb") as log:
            log.seek(self._log_offset)
            return log.read().decode(errors="replace")

    def _log_tail(self) -> str:
        return " | ".join(self._log_since_launch().strip().splitlines()[-_LOG_LINES:]) or "nothing"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
