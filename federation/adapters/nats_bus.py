"""The bus on NATS JetStream: what stays in its region.

A stopped server is waited for, and publishing while it is away fails at once instead of queueing in memory.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext

from federation.adapters.nats_link import NatsLink
from federation.adapters.nats_login import Login
from federation.adapters.nats_streams import prepare_streams
from federation.errors import BusUnavailable
from federation.ports import Backlog, Delivery, Pull
from federation.topology import Consumer, Stream

ANSWER_S = 5.0
PREPARE_S = 60.0
_NEVER_S = 10**6
"""The link limits the time, and ends it when it is lost."""


@dataclass(frozen=True, slots=True)
class NatsDelivery:
    _message: Msg

    @property
    def body(self) -> bytes:
        return self._message.data

    @property
    def attempt(self) -> int:
        return self._message.metadata.num_delivered

    async def ack(self) -> None:
        await _told(self._message.ack())

    async def retry_after(self, delay_s: float) -> None:
        await _told(self._message.nak(delay=delay_s))

    async def still_working(self) -> None:
        await _told(self._message.in_progress())


class NatsPull:
    """Subscribed anew on each connection."""

    def __init__(self, link: NatsLink, consumer: Consumer) -> None:
        self._link = link
        self._consumer = consumer
        self._client: Client | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None

    async def next(self, most: int, wait_s: float) -> Sequence[Delivery]:
        async with self._link.asking(wait_s + ANSWER_S) as client:
            subscription = await self._subscribed(client)
            try:
                return [NatsDelivery(message) for message in await subscription.fetch(most, timeout=wait_s)]
            except (NatsTimeout, TimeoutError):
                return []

    async def subscribe(self) -> None:
        async with self._link.asking(ANSWER_S) as client:
            await self._subscribed(client)

    async def _subscribed(self, client: Client) -> JetStreamContext.PullSubscription:
        if self._subscription is None or self._client is not client:
            jetstream = _jetstream(client)
            wanted = self._consumer
            self._subscription = await jetstream.pull_subscribe_bind(wanted.name, stream=wanted.stream)
            self._client = client
        return self._subscription


class NatsBus:
    """Opened with `await NatsBus.open(...)`."""

    def __init__(self, link: NatsLink, replicas: int) -> None:
        self._link = link
        self._replicas = replicas

    @classmethod
    async def open(cls, login: Login, *, replicas: int = 1) -> "NatsBus":
        """*replicas* is how many servers keep each message; with 1 the server must write synchronously.

        Raises:
            BusUnavailable: nobody answers, or the login is refused.
        """
        return cls(await NatsLink.open(login), replicas)

    async def prepare(self, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
        async with self._link.asking(PREPARE_S) as client:
            await prepare_streams(_jetstream(client), streams, consumers, self._replicas)

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        async with self._link.asking(ANSWER_S) as client:
            await _jetstream(client).publish(
                subject, body, timeout=_NEVER_S, headers={"Nats-Msg-Id": message_id}
            )

    async def pull(self, consumer: Consumer) -> Pull:
        pull = NatsPull(self._link, consumer)
        await pull.subscribe()
        return pull

    async def backlog(self, consumer: Consumer) -> Backlog:
        async with self._link.asking(ANSWER_S) as client:
            info = await _jetstream(client).consumer_info(consumer.stream, consumer.name)
        return Backlog(waiting=info.num_pending or 0, in_hand=info.num_ack_pending or 0)

    async def ping(self) -> None:
        async with self._link.asking(ANSWER_S) as client:
            await _jetstream(client).account_info()

    async def close(self) -> None:
        await self._link.close()


def _jetstream(client: Client) -> JetStreamContext:
    return client.jetstream(timeout=_NEVER_S)


async def _told(call: Awaitable[None]) -> None:
    try:
        await call
    except (NatsError, TimeoutError) as fault:
        raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault
