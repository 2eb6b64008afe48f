"""A region that pulls its own lanes from the broker of an origin.

One subscription for each lane and one request for a whole batch of messages, renewed when half of it has
come. Its inbox stays the same from one connection to the next: what the server hands out to a request of a
connection that has just broken arrives at the next one, and need not wait until it is offered again.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from federation.adapters.nats_link import NatsLink
from federation.adapters.nats_login import Login
from federation.errors import BusUnavailable
from federation.permissions import pull_subject
from federation.ports import LanePull, Parcel
from federation.topology import LANE_LIMITS, Consumer, Lane, federated_consumer
from policies.vocabulary import Region

EXPIRES_S = 5.0
"""Short: for so long a server may hand messages to a request whose connection has died unseen."""

HEARTBEAT_S = 2.0
SILENCE_S = EXPIRES_S + HEARTBEAT_S
"""Without even a heartbeat for so long, the request is taken for lost and made again."""

AGAIN_AFTER_S = 0.5
_NANOSECONDS = 10**9
_HEARTBEAT = "100"
_IN_TIME = "408"
_LEFT_OVER = "Nats-Pending-Messages"


@dataclass(frozen=True, slots=True)
class NatsParcel:
    """Acknowledged over the connection of the moment, which need not be the one it came by."""

    _message: Msg
    _link: NatsLink

    @property
    def body(self) -> bytes:
        return self._message.data

    @property
    def subject(self) -> str:
        return self._message.subject

    @property
    def attempt(self) -> int:
        return self._message.metadata.num_delivered

    @property
    def number(self) -> int:
        return self._message.metadata.sequence.stream

    @property
    def behind(self) -> int:
        return self._message.metadata.num_pending

    async def ack(self) -> None:
        await self._say(b"+ACK")

    async def retry_after(self, delay_s: float) -> None:
        await self._say(b"-NAK " + msgspec.json.encode({"delay": int(delay_s * _NANOSECONDS)}))

    async def still_working(self) -> None:
        await self._say(b"+WPI")

    async def _say(self, word: bytes) -> None:
        try:
            await self._link.client.publish(self._message.reply, word)
        except (NatsError, OSError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault


class NatsLanePull:
    def __init__(self, link: NatsLink, consumer: Consumer, batch: int) -> None:
        self._link = link
        self._wish_subject = pull_subject(consumer)
        self._batch = batch
        self._inbox = ""
        self._come: asyncio.Queue[Msg] = asyncio.Queue()
        self._asked_for = 0
        self._heard_at = 0.0
        self._ask_from = 0.0

    async def up(self, client: Client) -> None:
        """Subscribe and ask anew on a new connection."""
        self._inbox = self._inbox or client.new_inbox()
        await client.subscribe(self._inbox, cb=self._arrived)
        self._asked_for = 0
        await self._refill(client)

    async def next(self, most: int, wait_s: float) -> Sequence[Parcel]:
        deadline = time.monotonic() + wait_s
        while True:
            await self._refill(self._link.client)
            try:
                async with asyncio.timeout_at(self._wake_at(deadline)):
                    first = await self._come.get()
            except TimeoutError:
                if time.monotonic() >= deadline:
                    return []
                continue
            return [NatsParcel(message, self._link) for message in (first, *self._more(most - 1))]

    def _more(self, most: int) -> list[Msg]:
        return [self._come.get_nowait() for _ in range(min(most, self._come.qsize()))]

    def _wake_at(self, deadline: float) -> float:
        """Wake before the deadline to see whether the request is still alive, or may be made again."""
        now = time.monotonic()
        pause = self._ask_from - now if self._ask_from > now else HEARTBEAT_S
        return asyncio.get_running_loop().time() + max(0.0, min(deadline - now, pause))

    async def _refill(self, client: Client) -> None:
        now = time.monotonic()
        if now - self._heard_at > SILENCE_S and now >= self._ask_from:
            self._asked_for = 0
        coming = self._asked_for + self._come.qsize()
        if coming > self._batch // 2 or now < self._ask_from:
            return
        wanted = self._batch - coming
        wish = {
            "batch": wanted,
            "expires": int(EXPIRES_S * _NANOSECONDS),
            "idle_heartbeat": int(HEARTBEAT_S * _NANOSECONDS),
        }
        self._asked_for += wanted
        self._heard_at = now
        try:
            await client.publish(self._wish_subject, msgspec.json.encode(wish), reply=self._inbox)
        except (NatsError, OSError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault

    async def _arrived(self, message: Msg) -> None:
        self._heard_at = time.monotonic()
        headers = message.headers or {}
        status = headers.get("Status")
        if status is None:
            self._asked_for = max(0, self._asked_for - 1)
            self._come.put_nowait(message)
        elif status != _HEARTBEAT:
            await self._ended(status, int(headers.get(_LEFT_OVER, "0")))

    async def _ended(self, status: str, left_over: int) -> None:
        """A request came to its end: in time (408), or because nobody answers there at the moment."""
        if status != _IN_TIME:
            self._asked_for = 0
            self._ask_from = time.monotonic() + AGAIN_AFTER_S
            return
        self._asked_for = max(0, self._asked_for - left_over)
        # At once: whoever waits in `next` would ask again only when they wake.
        with suppress(BusUnavailable):
            await self._refill(self._link.client)


class NatsReceiver:
    """Opened with `await NatsReceiver.open(...)`: *region* at the broker of *origin*."""

    def __init__(self, region: Region, origin: Region, link: NatsLink) -> None:
        self._region = region
        self._origin = origin
        self._link = link

    @classmethod
    async def open(cls, region: Region, origin: Region, login: Login) -> "NatsReceiver":
        """Raises BusUnavailable: the origin is out of reach, or does not let this region in."""
        return cls(region, origin, await NatsLink.open(login))

    async def pull(self, lane: Lane) -> LanePull:
        consumer = federated_consumer(self._origin, self._region, lane)
        pull = NatsLanePull(self._link, consumer, LANE_LIMITS[lane].batch)
        await self._link.when_up(pull.up)
        return pull

    async def close(self) -> None:
        await self._link.close()
