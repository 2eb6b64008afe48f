"""Peers come and go while the others work on."""

import asyncio
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.adapters.nats_system import NatsSystem
from federation.errors import BusUnavailable
from federation.subjects import FederatedSubject
from federation.topology import Lane
from tests.support.federation import BR, EU, US, place_in, with_pins


@pytest.fixture
async def place(tmp_path):
    made = place_in(tmp_path, EU)
    for region in (US, BR):
        place_in(tmp_path, region)
    made.admit(US)
    await asyncio.to_thread(made.server.start)
    yield made
    await asyncio.to_thread(made.server.stop)


@pytest.fixture
async def sender(place):
    opened = await place.sender()
    await opened.prepare([EU, US, BR])
    yield opened
    await opened.close()


async def send(sender, destination, body, message_id):
    subject = FederatedSubject(
        origin=EU,
        destination=destination,
        lane=Lane.BULK,
        tenant="default",
        type="workout.created",
        person="eu_1",
    )
    return await sender.send(subject, body, message_id)


def key_of(login):
    certificate = x509.load_pem_x509_certificate(login.certificate.read_bytes())
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()


async def until_refused(receiver):
    async with asyncio.timeout(20):
        while True:
            try:
                await (await receiver.pull(Lane.INTERACTIVE)).next(1, 0.1)
            except BusUnavailable:
                return


async def test_a_peer_that_is_admitted_gets_what_was_kept_for_it_and_others_notice_nothing(place, sender):
    await send(sender, BR, b"kept", "kept")
    us = await place.receiver(US)
    us_pull = await us.pull(Lane.BULK)
    assert [] == list(await us_pull.next(1, 0.1))
    with pytest.raises(BusUnavailable):
        await place.receiver(BR)
    await asyncio.to_thread(place.admit, US, BR)
    br = await place.receiver(BR)
    (parcel,) = await (await br.pull(Lane.BULK)).next(1, 5.0)
    assert b"kept" == parcel.body
    await send(sender, US, b"undisturbed", "undisturbed")
    (parcel,) = await us_pull.next(1, 5.0)
    assert b"undisturbed" == parcel.body
    assert 1 == us._link.connections
    for one in (us, br):
        await one.close()


async def test_a_peer_that_is_dismissed_is_out_at_once_and_goes_on_where_it_was(place, sender):
    await asyncio.to_thread(place.admit, US, BR)
    us, br = await place.receiver(US), await place.receiver(BR)
    await asyncio.to_thread(place.admit, BR)
    await until_refused(us)
    await us.close()
    with pytest.raises(BusUnavailable):
        await place.receiver(US)
    await send(sender, US, b"meanwhile", "meanwhile")
    assert 1 == br._link.connections
    await br.close()
    await asyncio.to_thread(place.admit, US, BR)
    us = await place.receiver(US)
    (parcel,) = await (await us.pull(Lane.BULK)).next(1, 5.0)
    assert (b"meanwhile", 1) == (parcel.body, parcel.number)
    await us.close()


async def test_a_withdrawn_certificate_is_ended_and_does_not_come_again(place, sender):
    us = await place.receiver(US)
    system = await NatsSystem.open(place.login_of("system"))
    logins = {one.login.split(".")[0]: one.key_sha256 for one in await system.connections()}
    assert key_of(place.login_of("peer", US)) == logins["peer"]
    pins = {key_of(place.login_of(role)) for role in ("node", "system", "operator")}
    await asyncio.to_thread(place.server.reload, with_pins(place, pins))
    assert "peer" in {one.login.split(".")[0] for one in await system.connections()}, "a reload ends nothing"
    ended = await system.end(lambda one: one.key_sha256 not in pins)
    assert ["PEER_us-west"] == [one.account for one in ended]
    await until_refused(us)
    await us.close()
    with pytest.raises(BusUnavailable):
        await place.receiver(US)
    await send(sender, US, b"others work on", "works")
    await system.close()
