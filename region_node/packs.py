"""Reads the policy packs that ship; the policies themselves touch no file."""

from functools import cache
from importlib import resources

from policies.loading import load_packs
from policies.pack import PackSet


@cache
def shipped_packs() -> PackSet:
    """Return the packs that ship with this version, read once per process.

    Raises:
        FaultyDocuments: A pack file is wrong; every mistake is named.
    """
    folder = resources.files("policies") / "packs"
    files = {
        entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return load_packs(files)
