import pytest

from tests.support.sources import tree_of


@pytest.fixture(scope="package", autouse=True)
def _trees_are_for_these_tests():
    """The trees of all sources take a hundred megabytes, which the rest of a run has no use for."""
    yield
    tree_of.cache_clear()
