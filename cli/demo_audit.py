"""The demo's last look: the residency audit of the very stores that it has filled."""

import asyncio
from dataclasses import replace
from pathlib import Path

from cli.auditing.audit import Audit
from cli.auditing.model import Report
from cli.auditing.places import read_places
from cli.auditing.provenance import articles, provenance
from cli.auditing.sources import of_settings, readers_of
from region_node.settings import Settings

MOST_SAMPLES = 3


async def audited(settings: Settings, logs: tuple[Path, ...]) -> Report:
    """As `meridian residency audit`, of the stores of *settings* and the folders *logs*; the node may run."""
    places = read_places(settings.node.regions_file, settings.node.region, articles())
    given = replace(of_settings(settings), logs=logs)
    audit = Audit(
        places=places,
        readers=readers_of(given, places),
        provenance=provenance(),
        most_samples=MOST_SAMPLES,
    )
    return await asyncio.to_thread(audit.run, lambda _: None)
