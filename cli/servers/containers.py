"""Servers in containers, where a docker engine answers and the image is there or can be pulled.

They are driven through docker's own command line. A container listens on loopback at one and the same
port inside and outside, so the address a server tells its clients is the one they can reach.
"""

import functools
import hashlib
import os
import shutil
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired  # only names of types # nosec B404
from typing import ClassVar

from cli.servers.errors import DownloadFailed, ServerFailed, ServerMissing
from cli.servers.ports import LOOPBACK
from cli.servers.programs import run_program
from cli.servers.server import POLL_S, Server

PACKAGES = ("docker.io",)
COMMAND_TIMEOUT_S = 60
PULL_TIMEOUT_S = 600
LABEL = "meridian.server"
BUILT_HERE = "meridian-"
_LOG_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """What a container is run with. Secrets are in mounted files of mode 0600 or in *environment*,
    which is handed over through this process's own environment.
    """

    image: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[Path, str] = field(default_factory=dict)
    data_path: str = "/data"
    memory_mib: int = 1024


@functools.cache
def engine_runs() -> bool:
    """Whether a docker engine answers; asked once."""
    if shutil.which("docker") is None:
        return False
    try:
        return docker(["version", "--format", "{{.Server.Version}}"], check=False).returncode == 0
    except TimeoutExpired:
        return False


def find_image(names: Sequence[str]) -> str | None:
    """The first of *names* that is on this machine, else the first that can be pulled.

    Names with our own prefix are built here and never asked of a registry, where they could be anyone's.
    """
    if not engine_runs():
        return None
    for name in names:
        if docker(["image", "inspect", name], check=False).returncode == 0:
            return name
    return next((name for name in names if not name.startswith(BUILT_HERE) and _pulled(name)), None)


class ContainerServer(Server):
    """A server whose process is a container; its data is a docker volume that outlives it."""

    images: ClassVar[tuple[str, ...]]
    stop_timeout_s = 30.0

    @abstractmethod
    def _plan(self, image: str, ports: Mapping[str, int]) -> ContainerPlan:
        """What to run; called under the lock."""

    @property
    def container(self) -> str:
        """Its name: one for each directory."""
        return f"meridian-{self.name}-{hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]}"

    @property
    def running(self) -> bool:
        return engine_runs() and self._inspect("{{.State.Running}}") == "true"

    def discard_data(self) -> None:
        """Remove the stopped container's volume: nothing of it stays."""
        docker(["volume", "rm", "--force", self.container], check=False)

    def kill(self) -> None:
        docker(["kill", self.container], check=False)
        while self.running:
            time.sleep(POLL_S)

    def pause(self) -> None:
        docker(["pause", self.container])

    def resume(self) -> None:
        docker(["unpause", self.container])

    def memory_bytes(self) -> int | None:
        """Not known: the engine counts page cache along with it."""
        return None

    def _launch(self, ports: Mapping[str, int]) -> None:
        image = find_image(self.images)
        if image is None:
            what = f"An image of {self.name} for containers" if engine_runs() else "A docker engine"
            raise ServerMissing(what, () if engine_runs() else PACKAGES)
        self._remove()
        plan = self._plan(image, ports)
        arguments = ["run", "--detach", "--name", self.container, "--label", f"{LABEL}={self.name}"]
        arguments += ["--memory", f"{plan.memory_mib}m", "--volume", f"{self.container}:{plan.data_path}"]
        arguments += [f"--publish={LOOPBACK}:{port}:{port}" for port in ports.values()]
        arguments += [f"--volume={source}:{target}:ro" for source, target in plan.mounts.items()]
        # A bare name takes the value from our environment: no value is in the arguments.
        arguments += [part for name in plan.environment for part in ("--env", name)]
        docker([*arguments, plan.image, *plan.command], environment=plan.environment)

    def _end(self) -> None:
        """`docker stop` with a time limit; the volume stays."""
        if engine_runs():
            limit = int(self.stop_timeout_s)
            docker(["stop", "--time", str(limit), self.container], check=False, timeout_s=limit + 30)
            self._remove()

    def _remove(self) -> None:
        docker(["rm", "--force", self.container], check=False)

    def _inspect(self, form: str) -> str:
        return docker(["inspect", "--format", form, self.container], check=False).stdout.strip()

    def _log_since_launch(self) -> str:
        done = docker(["logs", "--tail", str(_LOG_LINES), self.container], check=False)
        return done.stdout + done.stderr


def _pulled(name: str) -> bool:
    try:
        return docker(["pull", "--quiet", name], check=False, timeout_s=PULL_TIMEOUT_S).returncode == 0
    except TimeoutExpired as fault:
        raise DownloadFailed(f"the image {name} did not arrive in {PULL_TIMEOUT_S} s") from fault


def docker(
    arguments: Sequence[str],
    *,
    check: bool = True,
    timeout_s: float = COMMAND_TIMEOUT_S,
    environment: Mapping[str, str] | None = None,
) -> CompletedProcess[str]:
    """Run docker's command line.

    Raises:
        ServerMissing: it is not installed.
        ServerFailed: it failed, and *check* is set.
        TimeoutExpired: it took longer than *timeout_s*.
    """
    program = shutil.which("docker")
    if program is None:
        raise ServerMissing("docker", PACKAGES)
    whole = {**os.environ, **(environment or {})}
    done = run_program([program, *arguments], timeout_s=timeout_s, environment=whole)
    if check and done.returncode:
        raise ServerFailed(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done
