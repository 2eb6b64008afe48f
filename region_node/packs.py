"""Reads the policy packs that ship; the policies themselves touch no file."""

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from policies.loading import load_packs
from policies.pack import PackSet


def pack_digest(jurisdiction: str) -> str:
    """SHA-256 of the pack file of a jurisdiction, in hex."""
    return hashlib.sha256((_folder() / f"{jurisdiction}.toml").read_bytes()).hexdigest()


@cache
def shipped_packs() -> PackSet:
    """Return the packs that ship with this version, read once per process.

    Raises:
        FaultyDocuments: A pack file is wrong; every mistake is named.
    """
    folder = _folder()
    files = {
        entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return load_packs(files)


def _folder() -> Traversable:
    return resources.files("policies") / "packs"
