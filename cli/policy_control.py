"""Where the law of a policy command comes from: the packs that ship, or those in force on a node."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.policy_facts import fail
from policies.documents import FaultyDocuments, Reading
from policies.loading import load_packs
from policies.pack import PackSet
from policies.vocabulary import Jurisdiction
from region_node.packs import shipped_files, shipped_packs, shipped_platform

SHIPPED = "shipped"
MAX_FILE_BYTES = 512 * 1024
_PACK = re.compile(r"[a-z]{2}(-[a-z0-9]{1,3})?(@[0-9a-z.-]+)?")

PolicyConfig = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="MERIDIAN_CONFIG", help="Settings file of a node: take the packs in force there."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """All packs, parsed and as files; `url` is their control database, empty for those that ship."""

    packs: PackSet
    files: Mapping[str, str]
    url: str = ""

    def having(self, *candidates: "Candidate") -> PackSet:
        """Return all packs with *candidates* in the places of their jurisdictions'.

        Raises:
            typer.Exit: 2, every mistake named.
        """
        files = {**self.files, **{f"{one.jurisdiction}.toml": one.text for one in candidates}}
        try:
            return load_packs(files, shipped_platform())
        except FaultyDocuments as faulty:
            raise fail(str(faulty)) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A version of a pack as text; `name` says where it came from."""

    name: str
    jurisdiction: Jurisdiction
    version: str
    text: str


def law_of(config: Path | None, url: str | None = None, at: datetime | None = None) -> Law:
    """Return the law in force at an instant (default: now) on the node or in the control database named.

    Without either, what ships with this version.
    """
    if config is None and not url:
        return Law(packs=shipped_packs(), files=shipped_files())
    from cli import policy_node  # noqa: PLC0415 - most questions are asked of no node, and want no drivers

    source = policy_node.control_of(config, url)
    found = policy_node.law_in_force(source, at)
    return Law(packs=found.packs, files=found.files, url=source)


def candidate_of(name: str, law: Law) -> Candidate:
    """Return the pack that *name* stands for.

    A file; ``eu``: the one in force; ``eu@2027-01-01``: that version, on record or as it ships;
    ``eu@shipped``: the one of this version of the software.
    """
    if Path(name).is_file():
        return _parsed(name, _read(Path(name)))
    jurisdiction, _, version = name.partition("@")
    shipped = shipped_files().get(f"{jurisdiction}.toml")
    in_force = law.files.get(f"{jurisdiction}.toml")
    if version == SHIPPED and shipped is not None:
        return _parsed(name, shipped)
    if not version and in_force is not None:
        return _parsed(name, in_force)
    if version:
        text = _on_record(law.url, jurisdiction, version) if law.url else None
        if text is not None:
            return _parsed(name, text)
        candidate = _parsed(name, shipped) if shipped is not None else None
        if candidate is not None and candidate.version == version:
            return candidate
    raise fail(
        f"{name!r} is neither a file nor a pack; write eu, eu@2027-01-01 or eu@{SHIPPED},"
        " and name the node with --config for versions on record",
        ExitCode.NOT_FOUND if _PACK.fullmatch(name) else ExitCode.USAGE,
    )


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise fail(f"{path} has more than {MAX_FILE_BYTES // 1024} KiB")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path} cannot be read ({type(error).__name__})") from None


def _parsed(name: str, text: str) -> Candidate:
    """Read no more than whose pack it is: the rest is checked among the other packs."""
    reading = Reading()
    table = reading.document(name, text)
    jurisdiction, version = table.text("id"), table.text("version")
    try:
        reading.finish()
    except FaultyDocuments as faulty:
        raise fail(str(faulty)) from None
    return Candidate(name=name, jurisdiction=Jurisdiction(jurisdiction), version=version, text=text)


def _on_record(url: str, jurisdiction: str, version: str) -> str | None:
    from cli import policy_node  # noqa: PLC0415 - as above

    return policy_node.text_on_record(url, jurisdiction, version)
