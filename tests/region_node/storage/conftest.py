import pytest

from region_node.schema import MIGRATIONS
from region_node.storage.engine import CreateTable
from region_node.storage.migrations import Migration
from tests.contracts.storage.declared import TABLES
from tests.support.storage import open_stores

DECLARED = Migration(
    len(MIGRATIONS) + 1, "tables of the tests", tuple(CreateTable(table) for table in TABLES)
)


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, (*MIGRATIONS, DECLARED))
    yield opened
    await opened.engine.close()
