import pytest

from region_node.packs import shipped_packs


@pytest.fixture(scope="session")
def packs():
    return shipped_packs()
