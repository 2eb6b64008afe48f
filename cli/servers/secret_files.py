"""Secrets of local servers: made once, kept in files of mode 0600."""

import secrets
from pathlib import Path

from region_node.security.private_files import create_private, read_private


def secret_in(path: Path) -> str:
    """Read the secret of *path*, or make a random one of 256 bits there.

    Raises:
        PrivateFileError: others than its owner may read the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        create_private(path, secrets.token_urlsafe(32).encode())
    return read_private(path).decode().strip()
