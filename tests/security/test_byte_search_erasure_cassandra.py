"""The same after an erasure on a real Cassandra, a day later by its clock: for so long it keeps deletes."""

import asyncio
import dataclasses
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from cli.servers.cassandra import CassandraOptions, CassandraServer
from region_node import backends, lifecycle
from region_node.features.rights.receipts import read_receipt
from region_node.security.signing_keys import jwks_document
from tests.security.test_byte_search_erasure import OPENED_BEFORE, epochs_ended, erased, lived
from tests.support.byte_search import search_tree
from tests.support.node import running_node
from tests.support.opened import found_in_engine
from tests.support.planted import personal_needles

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

LATER = timedelta(hours=30)
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class LaterCassandra(CassandraServer):
    """A server whose clock is ahead by LATER."""

    def _prepare(self, ports):
        launch = super()._prepare(ports)
        ahead = {
            "LD_PRELOAD": str(FAKETIME[0]),
            "FAKETIME": f"+{int(LATER.total_seconds())}s",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }
        return dataclasses.replace(launch, environment={**launch.environment, **ahead})


def storage_of(server):
    return {
        "engine": "cassandra",
        "contact_points": [server.host],
        "port": server.ports["client"],
        "local_datacenter": server.datacenter,
        "replicas": 1,
        "request_timeout_s": 30.0,
        "nodetool": list(server.nodetool_words),
    }


async def opened(settings, ring, needles, scratch, objects=None):
    """Names of what *ring* brings to light of the rows that Cassandra serves now."""
    engine = await backends.open_engine(settings, backends.geography(settings))
    folder = objects or settings.node.data_directory / "objects"
    return await found_in_engine(engine, folder, ring, needles, scratch)


async def stopped(server):
    await asyncio.to_thread(server.stop)


async def started(server):
    await asyncio.to_thread(server.start)
    return server


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed (Debian: libfaketime)")
async def test_nothing_of_an_erased_person_is_left_on_cassandras_disks_or_in_a_backup(tmp_path):
    directory, backup = tmp_path / "cassandra", tmp_path / "backup"
    server = await started(CassandraServer(directory, CassandraOptions(flush_schema=False)))
    try:
        async with running_node(
            tmp_path / "world", storage=storage_of(server), rights={"late_after_s": 0.0}
        ) as node:
            settings, data = node.settings, node.settings.node.data_directory
            athlete, ids = await lived(node)
            needles = (*personal_needles(), *ids)
            await node.node.stop()
            ring = backends.open_ring(settings)
            assert await opened(settings, ring, needles, tmp_path / "opened") >= OPENED_BEFORE
            await stopped(server)
            shutil.copytree(directory, backup / "cassandra")
            shutil.copytree(data, backup / "node")
            raw = {find.needle for find in search_tree(directory, ids, tmp_path / "copy")}
            assert {needle.name for needle in ids} == raw

            await started(server)
            node.node = await lifecycle.start(settings)
            signed = await erased(node, athlete)
            assert [] == await node.container.rights.retention.clear(), "deletes are kept for a day"
            await node.node.stop()
            await stopped(server)

            server = await started(LaterCassandra(directory, CassandraOptions(flush_schema=False)))
            node.node = await lifecycle.start(settings)
            now = node.container.rights.retention
            later = dataclasses.replace(now, clock=lambda: now.clock() + LATER)
            assert {"eu": False, "keys": False} == {one.space: one.by_hand for one in await later.clear()}
            await node.node.stop()
            assert set() == search_tree(tmp_path / "cassandra", needles, tmp_path / "copy")
            await epochs_ended(settings)
            assert set() == await opened(settings, ring, needles, tmp_path / "opened")
            await stopped(server)
            assert set() == search_tree(directory, needles, tmp_path / "copy")
            assert set() == search_tree(data, needles, tmp_path / "copy")
            receipt = read_receipt(signed, jwks_document(ring.signing_keys()))
            assert 1 == receipt.key_epoch

            shutil.rmtree(directory / "data")
            shutil.rmtree(directory / "commitlog", ignore_errors=True)
            shutil.copytree(backup / "cassandra" / "data", directory / "data")
            shutil.copytree(backup / "cassandra" / "commitlog", directory / "commitlog")
            server = await started(CassandraServer(directory, CassandraOptions(flush_schema=False)))
            objects = backup / "node" / "objects"
            assert set() == await opened(settings, ring, needles, tmp_path / "opened", objects)
            node.node = await lifecycle.start(settings)
    finally:
        await stopped(server)
