"""The law in force on a node, from its control database; loaded only by commands that name one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.control_session import exit_statuses, on_database, without_password
from cli.policy_facts import fail
from cli.settings_option import settings_or_exit
from policies.pack import PackSet
from region_node.active_packs import LawInForce, law_at
from region_node.backends import control_url
from region_node.control.database import ControlDatabase
from region_node.control.pack_versions import PackVersions
from region_node.control.store import ControlStore

PolicyControlUrl = Annotated[
    str | None,
    typer.Option(
        "--control-url",
        envvar="MERIDIAN_CONTROL_URL",
        callback=without_password,
        show_envvar=True,
        help="The control database, where it is not the one of --config.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLaw:
    packs: PackSet
    files: Mapping[str, str]


def law_in_force(url: str, at: datetime | None) -> FoundLaw:
    """Read the law at an instant (default: now); what is refused is named on stderr."""

    async def work(database: ControlDatabase) -> LawInForce:
        keys = await ControlStore(database).region_keys()
        return await law_at(PackVersions(database), keys, at or datetime.now(UTC))

    with exit_statuses():
        law = on_database(url, work)
    for one in law.refused:
        fail(f"pack {one.jurisdiction} {one.version} is refused: {one.why}")
    return FoundLaw(packs=law.packs, files=law.files)


def control_of(config: Path | None, url: str | None) -> str:
    """Return the URL of the control database that the options name."""
    if url:
        return url
    if config is None:
        raise fail("name the node with --config, or its control database with --control-url")
    return control_url(settings_or_exit(config))


def text_on_record(url: str, jurisdiction: str, version: str) -> str | None:
    with exit_statuses():
        found = on_database(url, lambda database: PackVersions(database).text(jurisdiction, version))
    return found.text if found else None
