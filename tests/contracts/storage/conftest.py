"""Both engines, each with one space per test run; the suite never knows which one it has."""

import os
import uuid

import pytest

from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_cql import create_keyspace, keyspace
from region_node.storage.cassandra_session import CassandraSession
from region_node.storage.engine import CreateTable
from region_node.storage.sqlite import SqliteEngine
from tests.contracts.storage.declared import TABLES


@pytest.fixture(params=["sqlite", pytest.param("cassandra", marks=pytest.mark.services)])
def engine_name(request):
    return request.param


@pytest.fixture
async def engine(engine_name, tmp_path, request):
    if engine_name == "sqlite":
        opened = SqliteEngine(tmp_path)
    else:
        address = request.getfixturevalue("cassandra_address")
        opened = CassandraEngine(await CassandraSession.open(address))
    yield opened
    await opened.close()


@pytest.fixture
async def space(engine, engine_name):
    name = f"t{uuid.uuid4().hex[:12]}"
    if engine_name == "cassandra":
        await engine._session.execute(create_keyspace(name, {"dc1": 1}))
    await engine.apply(name, [CreateTable(table) for table in TABLES])
    yield name
    if engine_name == "cassandra":
        await engine._session.execute(f"DROP KEYSPACE {keyspace(name)}")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
