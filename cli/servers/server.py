"""What every server of ours can do: start, stop, be killed or paused, say whether it answers."""

import fcntl
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from cli.servers.errors import ServerFailed
from cli.servers.ports import LOOPBACK, claim_ports, recorded_ports

POLL_S = 0.02
PORT_ATTEMPTS = 3
_LOG_LINES = 5
_PORT_TAKEN = ("address already in use", "port is already allocated")


class Server(ABC):
    """A server whose whole state is a directory: another process may stop what this one started.

    `start` adopts one that runs already. Methods block; call them from a thread in asynchronous
    code. Starting and stopping hold a file lock, so two callers never start one twice.
    """

    name: ClassVar[str]
    start_timeout_s: ClassVar[float] = 60.0
    stop_timeout_s: ClassVar[float] = 15.0
    fatal_log_text: ClassVar[str] = ""
    """What a server logs that runs on and will never be ready; waiting for it is pointless."""

    def __init__(self, directory: Path, *, host: str = LOOPBACK, ports: Mapping[str, int]) -> None:
        """*ports* are the wanted ones by role, 0 for any."""
        self.directory = directory.resolve()
        self.host = host
        self._wanted = dict(ports)

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect; without a password."""

    @property
    @abstractmethod
    def node_settings(self) -> dict[str, dict[str, str | int | list[str]]]:
        """The part of a node's settings file that leads to this server; names files, holds no secret."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether requests are answered at this moment. Never raises."""

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether it is there at all; a paused or recovering one is."""

    @abstractmethod
    def kill(self) -> None:
        """SIGKILL, as a crash would, and wait until it is gone: the next start has to recover."""

    @abstractmethod
    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing is answered, until `resume`."""

    @abstractmethod
    def resume(self) -> None: ...

    @abstractmethod
    def memory_bytes(self) -> int | None:
        """Proportional set size with all its processes; nothing when it is not known."""

    @abstractmethod
    def _launch(self, ports: Mapping[str, int]) -> None:
        """Start it on *ports*, after writing configuration and data of a first start."""

    @abstractmethod
    def _end(self) -> None:
        """End what runs, within `stop_timeout_s`; harmless when nothing does."""

    @abstractmethod
    def _log_since_launch(self) -> str: ...

    @property
    def ports(self) -> dict[str, int]:
        return recorded_ports(self._port_record) or dict(self._wanted)

    def start(self) -> None:
        """Start unless it runs, and wait until it answers.

        Raises:
            ServerMissing: the software is not installed.
            DownloadFailed: the software could not be fetched.
            ServerFailed: it ended, or was not ready in time; then nothing is left running.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            for attempt in range(1, PORT_ATTEMPTS + 1):
                if not self.running:
                    self._launch(claim_ports(self._port_record, self.host, self._wanted))
                if self._wait_until_ready():
                    return
                if attempt == PORT_ATTEMPTS or not self._port_was_taken():
                    break
            lines = self._log_since_launch().strip().splitlines()[-_LOG_LINES:]
            self._end()
        raise ServerFailed(f"{self.name} did not start; its log ends with: {' | '.join(lines) or 'nothing'}")

    def stop(self) -> None:
        """Ask it to end, kill it after `stop_timeout_s`. Data stays. Safe to repeat."""
        if not self.directory.is_dir():
            return
        with self._locked():
            self._end()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _port_record(self) -> Path:
        return self.directory / "ports.json"

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
        log = self._log_since_launch().lower()
        return not self.running and any(text in log for text in _PORT_TAKEN)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
