"""By which program and which packs an audit was made."""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from cli.auditing.audit import Provenance
from cli.servers.programs import run_program
from policies.pack import Pack
from region_node.packs import shipped_packs

NONE_FOUND = "no provision found"
"""What a pack says of residency where its law binds data to no place."""


def provenance() -> Provenance:
    """The commit is empty where the program does not run from its repository."""
    packs = shipped_packs().by_jurisdiction
    return Provenance(
        version=version("meridian"),
        commit=_commit(),
        packs={str(jurisdiction): pack.version for jurisdiction, pack in packs.items()},
    )


def articles() -> Mapping[str, tuple[str, ...]]:
    """By jurisdiction, the articles of its pack on where data may lie and on what it takes to leave."""
    return {str(code): _articles(pack) for code, pack in shipped_packs().by_jurisdiction.items()}


def _articles(pack: Pack) -> tuple[str, ...]:
    refs = [pack.residency.source.ref, *([pack.transfer.source.ref] if pack.transfer else [])]
    return tuple(ref for ref in refs if ref != NONE_FOUND)


def _commit() -> str:
    root = Path(__file__).resolve().parents[2]
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    return run_program((git, "-C", str(root), "rev-parse", "HEAD"), timeout_s=10).stdout.strip()
