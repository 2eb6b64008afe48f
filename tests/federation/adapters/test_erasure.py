"""What is erased lies in no file of the broker any more."""

import asyncio

import pytest

from federation.adapters.nats_link import NatsLink
from federation.errors import BusUnavailable
from federation.subjects import FederatedSubject
from federation.topology import Lane, federated_stream
from tests.support.byte_search import Needle, search_tree, text_needle
from tests.support.federation import EU, US, place_in

PLANTED = "planted-title-of-the-erased"
KEPT = "kept-title-of-another"
NEEDLES: list[Needle] = [text_needle("planted", PLANTED), text_needle("kept", KEPT)]


def subject(person, lane=Lane.BULK):
    return FederatedSubject(
        origin=EU, destination=US, lane=lane, tenant="default", type="workout.created", person=person
    )


@pytest.fixture
async def place(tmp_path):
    made = place_in(tmp_path, EU)
    text = made.server.options.accounts_file.read_text()
    made.admit(US)
    await asyncio.to_thread(made.server.start)
    assert text != made.server.options.accounts_file.read_text()
    yield made
    await asyncio.to_thread(made.server.stop)


@pytest.fixture
def in_the_clear(place, monkeypatch):
    """Without its cipher, to see what stands in the files."""
    write = place.server._write_configuration

    def unciphered(ports):
        path = write(ports)
        lines = [
            line for line in path.read_text().splitlines() if not line.strip().startswith(("cipher:", "key:"))
        ]
        path.write_text("\n".join(lines))
        return path

    place.server.stop()
    monkeypatch.setattr(place.server, "_write_configuration", unciphered)
    place.server.start()
    return place


async def fill(sender):
    await sender.prepare([US])
    for number in range(40):
        person, title = ("eu_1", PLANTED) if number % 2 else ("eu_2", KEPT)
        await sender.send(subject(person), f"{title}-{number}".encode(), str(number))


def found(place, scratch):
    store = place.server.store_directory
    return {find.needle for find in search_tree(store, NEEDLES, scratch)}


@pytest.mark.usefixtures("in_the_clear")
async def test_erased_messages_are_overwritten_and_others_are_still_there(place, tmp_path):
    sender = await place.sender()
    await fill(sender)
    assert {"planted", "kept"} == found(place, tmp_path / "scratch")
    erased = await sender.erase([EU, US], "default", "eu_1")
    assert 20 == len(erased)
    assert {"kept"} == found(place, tmp_path / "scratch")
    await sender.close()
    await asyncio.to_thread(place.server.stop)
    assert {"kept"} == found(place, tmp_path / "scratch")


async def test_nothing_lies_in_the_clear_before_or_after(place, tmp_path):
    sender = await place.sender()
    await fill(sender)
    (place.server.store_directory / "control").write_text(PLANTED)
    assert {"planted"} == found(place, tmp_path / "scratch")
    (place.server.store_directory / "control").unlink()
    assert set() == found(place, tmp_path / "scratch")
    await sender.close()


async def test_what_the_broker_refuses_to_erase_is_not_taken_for_erased(place):
    sender = await place.sender()
    await fill(sender)
    link = await NatsLink.open(place.login_of("operator"))
    stream = federated_stream(EU, US, Lane.BULK).name
    jetstream = link.client.jetstream()
    config = (await jetstream.stream_info(stream)).config
    config.deny_delete = True
    await jetstream.update_stream(config)
    with pytest.raises(BusUnavailable):
        await sender.erase([US], "default", "eu_1")
    for one in (link, sender):
        await one.close()
