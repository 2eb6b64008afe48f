"""The bus on NATS JetStream.

The client reconnects for ever once it was connected, so a stopped server is waited for; the first
connection has a limit. Publishing while away fails at once instead of queueing in memory.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext

from federation.adapters.nats_streams import prepare_streams
from federation.errors import BusUnavailable
from federation.ports import Backlog, Delivery, Pull
from federation.topology import Consumer, Stream

PUBLISH_TIMEOUT_S = 5.0
MAX_PENDING_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsAddress:
    """`replicas` is how many servers keep each message; with 1 the server must write synchronously."""

    url: str
    username: str = ""
    password: str = ""
    replicas: int = 1

    def __repr__(self) -> str:
        return f"NatsAddress({self.url}, replicas={self.replicas})"


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
    def __init__(self, client: Client, subscription: JetStreamContext.PullSubscription) -> None:
        self._client = client
        self._subscription = subscription

    async def next(self, most: int, wait_s: float) -> Sequence[Delivery]:
        if not self._client.is_connected:
            raise BusUnavailable("NATS is away")
        try:
            return [NatsDelivery(message) for message in await self._subscription.fetch(most, timeout=wait_s)]
        except (NatsTimeout, TimeoutError):
            return []
        except NatsError as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault


class NatsBus:
    """Opened with `await NatsBus.open(...)`."""

    def __init__(self, client: Client, replicas: int) -> None:
        self._client = client
        self._jetstream = client.jetstream(timeout=PUBLISH_TIMEOUT_S)
        self._replicas = replicas

    @classmethod
    async def open(cls, address: NatsAddress, *, connect_timeout_s: float = 10.0) -> "NatsBus":
        """Connect.

        Raises:
            BusUnavailable: nobody answers, or the login is refused.
        """
        client = Client()
        try:
            async with asyncio.timeout(connect_timeout_s):
                await client.connect(
                    address.url,
                    user=address.username or None,
                    password=address.password or None,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=MAX_PENDING_BYTES,
                    error_cb=_ignore,
                )
        except (NatsError, OSError, TimeoutError) as fault:
            await client.close()
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault
        return cls(client, address.replicas)

    async def prepare(self, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
        try:
            await prepare_streams(self._jetstream, streams, consumers, self._replicas)
        except (NatsError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {fault}") from fault

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        if not self._client.is_connected:
            raise BusUnavailable("NATS is away")
        try:
            await self._jetstream.publish(
                subject, body, timeout=PUBLISH_TIMEOUT_S, headers={"Nats-Msg-Id": message_id}
            )
        except (NatsError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault

    async def pull(self, consumer: Consumer) -> Pull:
        try:
            subscription = await self._jetstream.pull_subscribe_bind(consumer.name, stream=consumer.stream)
        except (NatsError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault
        return NatsPull(self._client, subscription)

    async def backlog(self, consumer: Consumer) -> Backlog:
        try:
            info = await self._jetstream.consumer_info(consumer.stream, consumer.name)
        except (NatsError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault
        return Backlog(waiting=info.num_pending or 0, in_hand=info.num_ack_pending or 0)

    async def ping(self) -> None:
        if not self._client.is_connected:
            raise BusUnavailable("NATS is away")
        try:
            await self._jetstream.account_info()
        except (NatsError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault

    async def close(self) -> None:
        await self._client.close()


async def _told(call: Awaitable[None]) -> None:
    try:
        await call
    except (NatsError, TimeoutError) as fault:
        raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault


async def _ignore(_: Exception) -> None:
    """Connection faults show as BusUnavailable where somebody waits; logging them would say it twice."""
