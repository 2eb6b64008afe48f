"""Regions on loopback that a whole module shares; a test has lanes of its own or cleans up."""

import pytest

from tests.support.federation import BR, EU, US, place_in


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """eu-central with us-west and sa-east as peers."""
    directory = tmp_path_factory.mktemp("regions")
    place = place_in(directory, EU)
    for region in (US, BR):
        place_in(directory, region)
    place.admit(US, BR)
    place.server.start()
    yield place
    place.server.stop()
