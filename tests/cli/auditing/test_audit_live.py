"""A node that people live with is clean while it runs, and is not disturbed by the audit."""

import asyncio
from dataclasses import replace

from cli.auditing.audit import Audit
from cli.auditing.model import ControlState
from cli.auditing.places import read_places
from cli.auditing.provenance import articles, provenance
from cli.auditing.sources import of_settings, readers_of
from tests.support.node import running_node, signed_in
from tests.support.workout_files import run_fit, run_gpx


def audited(settings, *logs):
    places = read_places(settings.node.regions_file, settings.node.region, articles())
    given = replace(of_settings(settings), logs=logs)
    return Audit(places=places, readers=readers_of(given, places), provenance=provenance()).run()


async def test_a_node_that_people_live_with_is_clean_and_goes_on(tmp_path):
    async with running_node(tmp_path) as node, signed_in(node) as ana:
        async with signed_in(node, email="joao@example.org", country="BR", display_name="João") as joao:
            await asyncio.gather(ana.upload(run_fit()), joao.upload(run_gpx()))
            report = await asyncio.to_thread(audited, node.settings, node.nats.directory)
            assert "done" == (await ana.upload(run_gpx()))["state"]
        assert () == report.findings
        assert {ControlState.FOUND} == {store.control for store in report.stores}
        assert {(), ""} == {part for store in report.stores for part in (store.unread, store.fault)}
        read = {str(store.store): store.read for store in report.stores}
        assert read["sqlite"]["rows"] > 20
        assert read["objects"]["objects"] >= 3
        assert read["streams"]["messages"] >= 1
