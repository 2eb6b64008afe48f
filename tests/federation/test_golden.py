"""The bytes of each version of each type are for ever: other regions have them in their streams."""

import pytest

from federation.catalogue import CATALOGUE, FORMER
from federation.codec import decode_data
from federation.envelope import open_envelope
from tests.support.envelopes import EXAMPLES, KEYRING, arrival, sealed
from tests.support.golden import GOLDEN, golden_file

EVENTS = [pytest.param(event, id=f"{event.name}.v{event.version}") for event in CATALOGUE.values()]
READ = {golden_file(event): event for event in (*FORMER, *CATALOGUE.values())}


@pytest.mark.parametrize("event", EVENTS)
def test_bytes_change_only_with_the_version(event):
    path = golden_file(event)
    assert path.exists(), "a new version: run `python -m tests.support.golden`"
    assert path.read_bytes() == sealed(event), "raise the version, and keep the old one among FORMER"


def test_every_version_that_was_ever_written_is_still_read():
    assert set(READ) == set(GOLDEN.iterdir())
    for path, event in READ.items():
        envelope = open_envelope(path.read_bytes(), arrival(event), KEYRING)
        data = decode_data(envelope, event.lane)
        assert {name: EXAMPLES[name] for name in event.fields} == {
            name: getattr(data, name) for name in event.fields
        }
