"""Reads the policy packs that ship; the policies themselves touch no file."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from policies.loading import load_packs
from policies.pack import PackSet


@cache
def shipped_packs() -> PackSet:
    """Return the packs that ship with this version, read once per process.

    Raises:
        FaultyDocuments: A pack file is wrong; every mistake is named.
    """
    return load_packs(shipped_files())


def shipped_files() -> dict[str, str]:
    """Return the texts of the packs by file name, such as ``eu.toml``."""
    return {
        entry.name: entry.read_text("utf-8") for entry in _folder().iterdir() if entry.name.endswith(".toml")
    }


def _folder() -> Traversable:
    return resources.files("policies") / "packs"
