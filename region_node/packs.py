"""Reads the policy packs that ship; the policies themselves touch no file."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from policies.engine import Engine
from policies.loading import PLATFORM_FILE, load_packs
from policies.pack import PackSet
from policies.thresholds import FILE as THRESHOLDS_FILE
from policies.thresholds import Threshold, load_thresholds


@cache
def shipped_packs() -> PackSet:
    """Return the packs that ship with this version, read once per process.

    Raises:
        FaultyDocuments: A pack file is wrong; every mistake is named.
    """
    return load_packs(shipped_files(), shipped_platform())


@cache
def shipped_engine() -> Engine:
    """Return the engine of the packs that ship; it compiles each law when that is first asked about."""
    return Engine(shipped_packs())


@cache
def shipped_thresholds() -> tuple[Threshold, ...]:
    """Return from how many people on laws ask more of transfers."""
    return load_thresholds((resources.files("policies") / THRESHOLDS_FILE).read_text("utf-8"))


def shipped_platform() -> str:
    """Return the text of the platform's own rules, which hold under every pack."""
    return (resources.files("policies") / PLATFORM_FILE).read_text("utf-8")


def shipped_files() -> dict[str, str]:
    """Return the texts of the packs by file name, such as ``eu.toml``."""
    return {
        entry.name: entry.read_text("utf-8") for entry in _folder().iterdir() if entry.name.endswith(".toml")
    }


def _folder() -> Traversable:
    return resources.files("policies") / "packs"
