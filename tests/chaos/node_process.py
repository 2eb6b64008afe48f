"""A node as an operator runs it, in a process of its own, started again after a kill as a supervisor does."""

import http.client
import sys
from pathlib import Path

import msgspec
import psutil

from cli.demo_world import DemoWorld
from cli.servers.process_server import Launch, ProcessServer

KILL_TIMEOUT_S = 10


class NodeProcess(ProcessServer):
    """`meridian node run` on the servers of *world*; its settings file is written at each start."""

    name = "node"
    start_timeout_s = 90.0
    stop_timeout_s = 30.0

    def __init__(self, world: DemoWorld) -> None:
        super().__init__(world.options.directory / "node", ports={"http": 0})
        self._world = world

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.ports['http']}"

    def node_settings(self) -> dict[str, dict[str, object]]:
        """It is the node: nothing else is pointed at it."""
        return {}

    @property
    def pid(self) -> int:
        found = self.process.pid()
        assert found is not None, "the node does not run"
        return found

    def ready(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.ports["http"], timeout=5)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def kill_alone(self) -> list[psutil.Process]:
        """SIGKILL the node and nothing that it started; returns what it leaves behind."""
        node = psutil.Process(self.pid)
        orphans = node.children(recursive=True)
        node.kill()
        node.wait(KILL_TIMEOUT_S)
        return orphans

    def import_processes(self) -> list[psutil.Process]:
        """The processes that decode files; there are none before the first upload."""
        children = psutil.Process(self.pid).children()
        return [child for child in children if any("spawn_main" in part for part in _command(child))]

    def log(self) -> str:
        return self.process.log_file.read_text(errors="replace") if self.process.log_file.exists() else ""

    def _prepare(self, ports: dict[str, int]) -> Launch:
        document = msgspec.to_builtins(self._world.settings(), enc_hook=str)
        document["node"]["port"] = ports["http"]
        config = self.directory / "node.toml"
        config.write_text(toml_of(document))
        arguments = ("-c", "from cli.app import main; main()", "node", "run", "--config", str(config))
        return Launch(argv=(sys.executable, *arguments), environment={"PYTHONPATH": str(Path.cwd())})


def toml_of(document: dict[str, object]) -> str:
    """Tables of plain values; what is absent is left out. JSON's values of these kinds are TOML's as well."""

    def line(name, value):
        return f"{name} = {msgspec.json.encode(value).decode()}\n"

    tables = {name: value for name, value in document.items() if isinstance(value, dict)}
    plain = {name: value for name, value in document.items() if name not in tables and value is not None}
    lines = [line(name, value) for name, value in plain.items()]
    for name, table in tables.items():
        lines.append(f"[{name}]\n")
        lines += [line(key, value) for key, value in table.items() if value is not None]
    return "".join(lines)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
