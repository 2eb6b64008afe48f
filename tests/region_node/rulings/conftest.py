import pytest

from region_node.schema import MIGRATIONS
from tests.support.storage import open_stores


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS)
    yield opened
    await opened.engine.close()
