"""Ports of a server: as asked for, else as last time, else free ones; recorded beside its data."""

import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

LOOPBACK = "127.0.0.1"
# Below the range from which the system takes the near end of outgoing connections.
LOWEST, HIGHEST = 15_000, 32_000
_ATTEMPTS = 200


class PortsTaken(Exception):
    """No free port was found."""


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there now; another program may come first."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(host: str = LOOPBACK, taken: frozenset[int] = frozenset()) -> int:
    for _ in range(_ATTEMPTS):
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        if port not in taken and is_free(host, port):
            return port
    raise PortsTaken(f"no free port on {host}")


def claim_ports(record: Path, host: str, wanted: Mapping[str, int]) -> dict[str, int]:
    """Give each role of *wanted* its port (0: any) and write the outcome to *record*.

    A port of any number stays the same from one start to the next, so that clients find the server
    again; it changes only when somebody else listens there by now.
    """
    recorded = recorded_ports(record)
    ports = {role: port for role, port in wanted.items() if port}
    for role in wanted.keys() - ports.keys():
        taken = frozenset(ports.values())
        last = recorded.get(role, 0)
        usable = last and last not in taken and is_free(host, last)
        ports[role] = last if usable else free_port(host, taken)
    record.write_bytes(msgspec.json.encode(ports))
    return ports


def recorded_ports(record: Path) -> dict[str, int]:
    try:
        return msgspec.json.decode(record.read_bytes(), type=dict[str, int])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
