"""PostgreSQL from Debian's packages: a cluster of files of its own, reached over loopback with a password."""

import os
import pwd
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from cli.servers.errors import ServerFailed, ServerMissing
from cli.servers.ports import LOOPBACK
from cli.servers.process_server import Launch, ProcessServer
from cli.servers.programs import run_program
from cli.servers.secret_files import secret_in
from region_node.security.private_files import replace_private

INSTALLATIONS = Path("/usr/lib/postgresql")
PACKAGES = ("postgresql",)
SYSTEM_USER = "postgres"
USERNAME = DATABASE = "meridian"
ACCESS = "host all all samehost scram-sha-256\n"
_OTHERS_MAY_ENTER = 0o001


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresOptions:
    host: str = LOOPBACK
    port: int = 0
    password_file: Path | None = None


class PostgresServer(ProcessServer):
    """PostgreSQL refuses to run as root; started by root, it runs as Debian's user `postgres`."""

    name = "postgres"
    start_timeout_s = 60.0
    # SIGTERM would wait until every client has gone.
    stop_signal = signal.SIGINT

    def __init__(self, directory: Path, options: PostgresOptions | None = None) -> None:
        self.options = options or PostgresOptions()
        super().__init__(directory, host=self.options.host, ports={"client": self.options.port})

    @property
    def url(self) -> str:
        return f"postgres://{USERNAME}@{self.host}:{self.ports['client']}/{DATABASE}"

    @property
    def password_file(self) -> Path:
        return self.options.password_file or self.directory / "secrets" / "password"

    @property
    def node_settings(self) -> dict[str, dict[str, str | int | list[str]]]:
        return {"control": {"url_file": str(self.url_file)}}

    @property
    def url_file(self) -> Path:
        """Holds the URL with the password, for `control.url_file` of a node's settings; mode 0600."""
        return self.directory / "secrets" / "url"

    @property
    def data_directory(self) -> Path:
        return self.directory / "data"

    def ready(self) -> bool:
        probe = [_program("pg_isready"), "-q", "-h", self.host, "-p", str(self.ports["client"]), "-t", "1"]
        return run_program(probe, environment={}).returncode == 0

    def _prepare(self, ports: Mapping[str, int]) -> Launch:
        password = secret_in(self.password_file)
        url = f"postgres://{USERNAME}:{quote(password, safe='')}@{self.host}:{ports['client']}/{DATABASE}"
        replace_private(self.url_file, url.encode())
        if not self.data_directory.exists():
            self._initialise(password)
        settings = {
            "listen_addresses": self.host,
            "port": str(ports["client"]),
            "unix_socket_directories": "",
            "logging_collector": "off",
            "shared_buffers": "64MB",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = (_program("postgres"), "-D", str(self.data_directory), *flags)
        return Launch(argv=(*self._unprivileged(), *server), environment={"TZ": "UTC"})

    def _initialise(self, password: str) -> None:
        """Make the files beside their final place: what a crash leaves half done is never started."""
        partial = self.directory / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(partial, SYSTEM_USER)
        initdb = [_program("initdb"), "-D", str(partial), "-U", USERNAME, "--auth=reject"]
        self._run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], "")
        # By a pipe, so that the password is in no argument and no file that another user may read.
        quoted = password.replace("'", "''")
        statements = f'ALTER USER "{USERNAME}" PASSWORD \'{quoted}\'\nCREATE DATABASE "{DATABASE}"\n'
        single = ["--single", "-c", "password_encryption=scram-sha-256", "-D", str(partial), "postgres"]
        self._run([_program("postgres"), *single], statements)
        (partial / "pg_hba.conf").write_text(ACCESS)
        partial.rename(self.data_directory)

    def _run(self, command: list[str], text: str) -> None:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}
        done = run_program([*self._unprivileged(), *command], typed=text, environment=environment)
        if done.returncode:
            # What was typed may hold the password, and the server repeats statements that fail.
            reason = "" if text else f": {done.stderr.strip()}"
            raise ServerFailed(f"{Path(command[0]).name} failed{reason}")

    def _unprivileged(self) -> tuple[str, ...]:
        """What goes before a command so that root's rights are dropped; nothing for other users.

        Where the way to the data leads through a folder closed to others, as in /root, one right is
        kept: to pass it.
        """
        if os.geteuid() != 0:
            return ()
        try:
            user = pwd.getpwnam(SYSTEM_USER)
        except KeyError as fault:
            raise ServerMissing("PostgreSQL's system user", PACKAGES) from fault
        identity = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups")
        closed = any(not parent.stat().st_mode & _OTHERS_MAY_ENTER for parent in self.data_directory.parents)
        passing = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search") if closed else ()
        return (shutil.which("setpriv") or "/usr/bin/setpriv", *identity, *passing, "--")


def _program(name: str) -> str:
    """The newest installed version's program; Debian keeps the server's out of PATH."""
    found = sorted(INSTALLATIONS.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    on_path = shutil.which(name)
    if not found and on_path is None:
        raise ServerMissing("PostgreSQL", PACKAGES)
    return str(found[0]) if found else str(on_path)
