import pytest

from policies.vocabulary import Purpose
from region_node.schema import MIGRATIONS
from tests.support.storage import known_person, open_stores
from tests.support.workouts import Person


@pytest.fixture
async def ana(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield Person(stores.of("t1", "eu", Purpose.ANALYSIS), await known_person(stores))
    await stores.engine.close()
