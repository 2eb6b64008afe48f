"""A peer can pull its own lanes and acknowledge them, and nothing else, whatever its code tries."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from federation.adapters.nats_accounts import render_accounts
from federation.permissions import accounts_of, pull_subject
from federation.subjects import FederatedSubject
from federation.topology import Lane, federated_consumer, federated_stream
from region_node.security.private_files import replace_private
from tests.support.federation import BR, EU, US, place_in

OWN = federated_consumer(EU, US, Lane.BULK)
OTHERS = federated_consumer(EU, BR, Lane.BULK)
OWN_PULL = pull_subject(OWN)
EVENT = "fed.eu-central.us-west.bulk.default.workout-created.eu_1"
NOT_ONES_OWN = [
    EVENT,
    EVENT.replace("us-west", "sa-east"),
    EVENT.replace("eu-central", "us-west"),
    "work.import.eu",
    "event.eu.workout-created",
    pull_subject(OTHERS),
    pull_subject(federated_consumer(EU, EU, Lane.BULK)),
    f"$JS.ACK.{OTHERS.stream}.{OTHERS.name}.1.1.1.1.0",
    "$JS.API.INFO",
    "$JS.API.STREAM.NAMES",
    "$JS.API.STREAM.LIST",
    "$JS.API.STREAM.CREATE.MINE",
    *(
        f"$JS.API.STREAM.{act}.{stream}"
        for act in ("INFO", "UPDATE", "DELETE", "PURGE", "SNAPSHOT", "MSG.GET", "MSG.DELETE")
        for stream in (OWN.stream, OTHERS.stream, "WORK")
    ),
    *(
        f"$JS.API.CONSUMER.{act}.{consumer.stream}.{consumer.name}"
        for act in ("INFO", "DELETE", "PAUSE", "DURABLE.CREATE", "CREATE")
        for consumer in (OWN, OTHERS)
    ),
    f"$JS.API.CONSUMER.NAMES.{OWN.stream}",
    f"$JS.API.DIRECT.GET.{OWN.stream}",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.REGION.CONNZ",
]
BODIES = [b"", b"{}", b'{"seq":1}', b'{"purge":{}}', b'{"batch":10,"expires":1000000000}']
ANSWERS_TO = [
    EVENT,
    EVENT.replace("us-west", "sa-east"),
    "work.import.eu",
    *(
        f"$JS.API.STREAM.{act}.{stream}"
        for act in ("PURGE", "DELETE")
        for stream in (OWN.stream, OTHERS.stream)
    ),
    f"$JS.API.STREAM.MSG.DELETE.{OWN.stream}",
    f"$JS.API.CONSUMER.DELETE.{OTHERS.stream}.{OTHERS.name}",
    f"$JS.API.CONSUMER.DELETE.{OWN.stream}.{OWN.name}",
    "$SYS.REQ.SERVER.PING",
]
GREEDY = [
    b'{"batch":2,"no_wait":true}',
    b'{"batch":-1}',
    b"nonsense",
    b'{"batch":3,"expires":300000000}',
    b'{"batch":99999,"expires":300000000}',
]
LISTENING = [">", "fed.>", "work.>", "$JS.>", "$SYS.>", "_INBOX.>", "_R_.>", "$JS.ACK.>", "*.*.>"]


def subject(destination, lane=Lane.BULK, person="eu_1"):
    return FederatedSubject(
        origin=EU, destination=destination, lane=lane, tenant="default", type="workout.created", person=person
    )


@asynccontextmanager
async def logged_in(login, heard=None):
    async def hear(fault):
        if heard is not None:
            heard.append(str(fault))

    client = Client()
    await client.connect(
        login.url,
        tls=login.context(),
        tls_handshake_first=True,
        tls_hostname=login.server_name,
        allow_reconnect=False,
        error_cb=hear,
    )
    try:
        yield client
    finally:
        await client.close()


async def pulled(peer, wait_s=5):
    """What comes has the subject of the event, by which a client's `request` would not know it."""
    subscription = await peer.subscribe(peer.new_inbox())
    try:
        await peer.publish(OWN_PULL, b'{"batch":1,"expires":5000000000}', reply=subscription.subject)
        return await subscription.next_msg(timeout=wait_s)
    finally:
        await subscription.unsubscribe()


async def own_message(sender, peer, word):
    """Pulls that earlier cases left waiting take some messages first."""
    number = 0
    while True:
        number += 1
        await sender.send(subject(US), b"one", f"{word}-{number}")
        with suppress(NatsError):
            return await pulled(peer, wait_s=1)


async def state_of(operator):
    """All streams and consumers with their settings and counts, but for what a peer may waste of its own."""
    jetstream = operator.jetstream()
    streams = {}
    for info in await jetstream.streams_info():
        consumers = [
            (one.name, one.config.as_dict()) for one in await jetstream.consumers_info(info.config.name)
        ]
        counts = (info.state.messages, info.state.first_seq, info.state.last_seq)
        streams[info.config.name] = (counts, info.config.as_dict(), consumers)
    return streams


@pytest.fixture(scope="module", params=["both-fences", "account-alone"])
def broker(request, tmp_path_factory):
    """Once as it is made, and once without the permissions of users: the account has to suffice."""
    directory = tmp_path_factory.mktemp("regions")
    place = place_in(directory, EU)
    for region in (US, BR):
        place_in(directory, region)
    accounts = accounts_of(EU, [US, BR])
    if request.param == "account-alone":
        accounts = [
            account
            if account.streams
            else replace(
                account, logins=tuple(replace(one, publish=(), subscribe=()) for one in account.logins)
            )
            for account in accounts
        ]
    replace_private(place.server.options.accounts_file, render_accounts(accounts).encode())
    place.server.start()
    yield place
    place.server.stop()


@pytest.fixture
async def sender(broker):
    opened = await broker.sender()
    await opened.prepare([EU, US, BR])
    yield opened
    await opened.close()


async def test_nothing_that_a_peer_publishes_changes_anything_but_its_own_deliveries(broker, sender):
    await sender.send(subject(US), b"one", "one")
    async with logged_in(broker.login_of("operator")) as operator:
        before = await state_of(operator)
        async with logged_in(broker.login_of("peer", US)) as peer:
            for place in NOT_ONES_OWN:
                for body in BODIES:
                    await peer.publish(place, body, reply=peer.new_inbox())
            await peer.flush()
        assert before == await state_of(operator)
    assert len(before) == 3 * len(Lane)


async def test_nobody_answers_a_peer_but_its_own_consumers(broker, sender):
    await sender.send(subject(US), b"one", "answered")
    answered = []
    async with logged_in(broker.login_of("peer", US)) as peer:
        for place in NOT_ONES_OWN:
            try:
                answered.append((place, await peer.request(place, b"{}", timeout=0.05)))
            except (NatsError, TimeoutError):
                continue
        control = await pulled(peer)
    # Where only the account stands in the way, it is its own, empty one that answers.
    assert [] == [
        place for place, answer in answered if b"JetStream not enabled for account" not in answer.data
    ]
    assert b"one" == control.data


@pytest.mark.parametrize("word", [b"+NXT", b"-NAK", b"+ACK", b'+NXT {"batch":5}'])
async def test_answers_cannot_be_sent_where_a_peer_may_not_publish(broker, sender, word):
    """The server asks nobody whether whoever names a reply subject may publish there; the account does."""
    async with (
        logged_in(broker.login_of("operator")) as operator,
        logged_in(broker.login_of("peer", US)) as peer,
    ):
        before = await state_of(operator)
        own = await own_message(sender, peer, word)
        assert own.reply.startswith(f"$JS.ACK.{OWN.stream}.")
        for place in ANSWERS_TO:
            await peer.publish(own.reply, word, reply=place)
            # Too much, too little and nonsense is answered with a status, which is a message too.
            for wish in GREEDY:
                await peer.publish(OWN_PULL, wish, reply=place)
        await peer.flush()
        last = [await sender.send(subject(US), b"more", f"{word}{number}") for number in range(1, 30)][-1]
        await peer.flush()
        after = await state_of(operator)
    settings = {name: whole[1:] for name, whole in before.items()}
    lasts = {name: whole[0][2] for name, whole in before.items()} | {OWN.stream: last}
    assert settings == {name: whole[1:] for name, whole in after.items()}
    assert lasts == {name: whole[0][2] for name, whole in after.items()}


async def test_a_peer_hears_nothing_that_is_not_meant_for_it(broker, sender):
    heard = []

    async def hear(message):
        heard.append(message.data)

    async with logged_in(broker.login_of("peer", US)) as peer:
        for pattern in LISTENING:
            await peer.subscribe(pattern, cb=hear)
        await peer.flush()
        for number in range(50):
            await sender.send(subject(BR), b"planted %d" % number, f"hears{number}")
        receiver = await broker.receiver(US)
        pull = await receiver.pull(Lane.INTERACTIVE)
        await sender.send(subject(US, Lane.INTERACTIVE), b"sentinel", "sentinel")
        (parcel,) = await pull.next(10, 5.0)
        await parcel.ack()
        await receiver.close()
        await peer.flush()
    assert b"sentinel" == parcel.body
    assert [] == [said for said in heard if b"planted" in said]


@pytest.mark.usefixtures("sender")
async def test_a_node_publishes_in_no_other_name_and_ends_no_stream(broker):
    heard = []
    forbidden = [
        "fed.us-west.eu-central.bulk.default.workout-created.us_1",
        f"$JS.API.STREAM.DELETE.{OWN.stream}",
        f"$JS.API.STREAM.PURGE.{OWN.stream}",
    ]
    async with logged_in(broker.login_of("node"), heard) as node:
        for place in forbidden:
            await node.publish(place, b"{}")
        async with asyncio.timeout(5):
            while len(heard) < len(forbidden):
                await node.flush()
    assert len(forbidden) == len([fault for fault in heard if "permissions violation" in fault])


async def test_large_events_reach_a_peer_that_may_send_only_small_ones(broker, sender):
    receiver = await broker.receiver(US)
    pull = await receiver.pull(Lane.INTERACTIVE)
    await sender.send(subject(US, Lane.INTERACTIVE), b"x" * 60_000, "large")
    (parcel,) = await pull.next(1, 5.0)
    assert 60_000 == len(parcel.body)
    await parcel.ack()
    await receiver.close()


def test_what_a_peer_takes_over_is_a_pull_and_an_acknowledgement_of_each_lane():
    accounts = {account.name: account for account in accounts_of(EU, [US, BR, EU])}
    assert {"SYS", "REGION", "PEER_us-west", "PEER_sa-east"} == accounts.keys()
    streams = {federated_stream(EU, US, lane).name for lane in Lane}
    taken = [service.subject for service in accounts["PEER_us-west"].takes]
    assert 2 * len(streams) == len(taken)
    assert streams == {name for name in streams for place in taken if name in place}
    assert not accounts["PEER_us-west"].streams
    assert json.loads("{" + render_accounts(accounts.values()) + "}")["accounts"].keys() == accounts.keys()
