"""Asks a server whether it speaks CQL, without a driver: an OPTIONS frame, answered by SUPPORTED."""

import socket

OPTIONS_FRAME = bytes.fromhex("04 00 0000 05 00000000")
SUPPORTED = 0x06
_RESPONSE_V4 = 0x84
_HEADER_LENGTH = 9


def speaks_cql(host: str, port: int, timeout_s: float = 1.0) -> bool:
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as link:
            link.sendall(OPTIONS_FRAME)
            header = link.recv(_HEADER_LENGTH, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(header) == _HEADER_LENGTH and header[0] == _RESPONSE_V4 and header[4] == SUPPORTED
