"""One connection to a broker, kept up for as long as it is wanted.

Each connection is a client of its own: the client library's way to reconnect waits half a minute for a dead
link to say goodbye, keeps requests of callers that have given up, and tries a refused login for ever in
silence. Here a link that does not answer is left behind and a new one is opened.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import UnexpectedEOF

from federation.adapters.nats_login import Login
from federation.errors import BusUnavailable
from federation.tasks import end_tasks

CONNECT_S = 10.0
ASK_EVERY_S = 2.0
ANSWER_WITHIN_S = 5.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
CLOSE_S = 1.0
MAX_PENDING_BYTES = 8 * 1024 * 1024
_FAULTS = (NatsError, OSError, TimeoutError, ssl.SSLError)
_NEVER_S = 10**9

OnUp = Callable[[Client], Awaitable[None]]


class NatsLink:
    """Opened with `await NatsLink.open(...)`; `client` is the one of the moment."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client: Client | None = None
        self._lost = asyncio.Event()
        self._on_up: list[OnUp] = []
        self._keeper: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Timeout] = set()
        self.connections = 0
        self.last_fault = ""

    @classmethod
    async def open(cls, login: Login) -> "NatsLink":
        """Connect, and stay connected from then on.

        Raises:
            BusUnavailable: nobody answers, it is not the right server, or the login is refused.
        """
        link = cls(login)
        try:
            await link._connect()
        except BusUnavailable:
            await link.close()
            raise
        link._keeper = asyncio.create_task(link._keep())
        return link

    @property
    def client(self) -> Client:
        """Raises BusUnavailable while the link is down."""
        if self._client is None or not self._client.is_connected or self._lost.is_set():
            raise BusUnavailable(f"no link to {self._login.place}")
        return self._client

    @asynccontextmanager
    async def asking(self, most_s: float) -> AsyncIterator[Client]:
        """The client, for a question that ends after *most_s* or at once when the link is lost.

        The client itself would leave the question open: what was asked over a lost link is never answered.

        Raises:
            BusUnavailable: no answer; what was asked may have been done all the same.
        """
        client = self.client
        try:
            async with asyncio.timeout(most_s) as limit:
                self._asking.add(limit)
                try:
                    yield client
                finally:
                    self._asking.discard(limit)
        except (NatsError, OSError, TimeoutError) as fault:
            raise BusUnavailable(f"NATS: {type(fault).__name__}") from fault

    async def when_up(self, call: OnUp) -> None:
        """Have *call* called with the client now and after each new connection.

        Raises:
            BusUnavailable: the link is down; then nothing is called later either.
        """
        await call(self.client)
        self._on_up.append(call)

    async def close(self) -> None:
        if self._keeper is not None:
            await end_tasks([self._keeper])
        self._leave()
        await asyncio.gather(*self._leaving)

    async def _keep(self) -> None:
        while True:
            await self._until_lost()
            self._leave()
            await self._reconnect()

    async def _until_lost(self) -> None:
        """Ask now and then: a cut link says nothing, and neither does a server that stands still."""
        while not self._lost.is_set():
            try:
                async with asyncio.timeout(ASK_EVERY_S):
                    await self._lost.wait()
            except TimeoutError:
                await self._ask()

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self.client.flush(timeout=_NEVER_S)
        except (*_FAULTS, BusUnavailable) as fault:
            self._fail(fault)

    async def _reconnect(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await self._connect()
            except BusUnavailable:
                # Jitter, so that not everybody comes at once to a server that is back.
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret # nosec B311
                pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _connect(self) -> None:
        client: Client | None = None
        try:
            options = self._login.options()
            client = Client()
            async with asyncio.timeout(CONNECT_S):
                await client.connect(
                    self._login.url,
                    **options,
                    allow_reconnect=False,
                    connect_timeout=int(CONNECT_S),
                    ping_interval=_NEVER_S,
                    pending_size=MAX_PENDING_BYTES,
                    error_cb=self._heard_fault,
                    closed_cb=self._heard_end,
                )
                _told_of_tls(client)
                self._lost.clear()
                self._client = client
                for call in self._on_up:
                    await call(client)
        except (*_FAULTS, BusUnavailable) as fault:
            self._client = client
            self._leave()
            self._fail(fault)
            raise BusUnavailable(f"no link to {self._login.place}: {type(fault).__name__}") from fault
        self.connections += 1

    def _leave(self) -> None:
        """Let go of the client without waiting for a server that may be away."""
        for limit in self._asking:
            if not limit.expired():
                limit.reschedule(0.0)
        self._asking.clear()
        if self._client is not None:
            leaving = asyncio.create_task(_close(self._client))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
        self._client = None

    def _fail(self, fault: Exception) -> None:
        # The class alone: messages of the server name subjects, and those name people.
        self.last_fault = type(fault).__name__
        self._lost.set()

    async def _heard_fault(self, fault: Exception) -> None:
        self.last_fault = type(fault).__name__
        if isinstance(fault, UnexpectedEOF | OSError):
            self._lost.set()

    async def _heard_end(self) -> None:
        self._lost.set()


def _told_of_tls(client: Client) -> None:
    """Let the client's protocol know that it cannot be closed by half, or asyncio warns at each end."""
    writer = getattr(client._transport, "_io_writer", None)  # noqa: SLF001 - there is no other way to it
    if writer is not None and writer.get_extra_info("ssl_object") is not None:
        writer.transport.get_protocol()._over_ssl = True  # noqa: SLF001 - as above


async def _close(client: Client) -> None:
    """Say farewell where somebody listens; drop the connection in any case.

    The client leaves a dead or refused connection half open, and offers no other way to end it.
    """
    with suppress(*_FAULTS):
        async with asyncio.timeout(CLOSE_S):
            await client.close()
    for name in ("_io_writer", "_bare_io_writer"):
        writer = getattr(client._transport, name, None)  # noqa: SLF001 - as said above
        if writer is not None:
            writer.transport.abort()
    # An aborted transport gives its socket back at the loop's next turn.
    await asyncio.sleep(0)
