"""A server that is a process of this machine."""

import os
import signal
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from cli.servers.ports import LOOPBACK
from cli.servers.process import ServerProcess, memory_bytes
from cli.servers.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A command to run. Secrets go through `environment` or files, never through `argv`."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class ProcessServer(Server):
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, directory: Path, *, host: str = LOOPBACK, ports: Mapping[str, int]) -> None:
        super().__init__(directory, host=host, ports=ports)
        self.process = ServerProcess(self.directory, self.name)
        self._log_offset = 0

    @abstractmethod
    def _prepare(self, ports: Mapping[str, int]) -> Launch:
        """Write configuration, and the data of a first start; called under the lock."""

    @property
    def running(self) -> bool:
        return self.process.pid() is not None

    def kill(self) -> None:
        self.process.kill()

    def pause(self) -> None:
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def memory_bytes(self) -> int | None:
        pid = self.process.pid()
        return None if pid is None else memory_bytes(pid)

    def _launch(self, ports: Mapping[str, int]) -> None:
        launch = self._prepare(ports)
        log = self.process.log_file
        self._log_offset = log.stat().st_size if log.exists() else 0
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", **launch.environment}
        self.process.spawn(launch.argv, environment)

    def _end(self) -> None:
        self.process.stop(self.stop_timeout_s, self.stop_signal)

    def _log_since_launch(self) -> str:
        if not self.process.log_file.exists():
            return ""
        with self.process.log_file.open("rb") as log:
            log.seek(self._log_offset)
            return log.read().decode(errors="replace")
