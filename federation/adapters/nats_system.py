"""What an operator does to a broker's connections, through its system account.

A certificate that was withdrawn keeps nobody out who is in already: such a connection has to be ended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from nats.aio.msg import Msg

from federation.adapters.nats_link import NatsLink
from federation.adapters.nats_login import Login
from federation.errors import BusUnavailable

_CONNECTIONS = "$SYS.REQ.SERVER.PING.CONNZ"
ANSWERS_S = 0.5
"""How long servers are waited for after the last answer; how many there are is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`key_sha256` is of the public key in its certificate, as in a server's pins."""

    server_id: str
    number: int
    account: str
    login: str
    key_sha256: str


class _Certificate(msgspec.Struct):
    spki_sha256: str = ""


class _Connected(msgspec.Struct):
    cid: int
    account: str = ""
    authorized_user: str = ""
    tls_peer_certs: list[_Certificate] = []


class _Fault(msgspec.Struct):
    code: int = 0


class _Done(msgspec.Struct):
    error: _Fault | None = None


class _Server(msgspec.Struct):
    id: str


class _Connections(msgspec.Struct):
    connections: list[_Connected]


class _Answer(msgspec.Struct):
    server: _Server
    data: _Connections


class NatsSystem:
    """Opened with `await NatsSystem.open(...)`."""

    def __init__(self, link: NatsLink) -> None:
        self._link = link

    @classmethod
    async def open(cls, login: Login) -> "NatsSystem":
        """Raises BusUnavailable: nobody answers, or the login is refused."""
        return cls(await NatsLink.open(login))

    async def connections(self) -> list[Connection]:
        """Of every server of the cluster."""
        answers = await self._all(_CONNECTIONS, {"auth": True, "limit": 4096})
        return [
            Connection(
                server_id=answer.server.id,
                number=one.cid,
                account=one.account,
                login=one.authorized_user,
                key_sha256=next((known.spki_sha256 for known in one.tls_peer_certs), ""),
            )
            for answer in answers
            for one in answer.data.connections
        ]

    async def reload(self) -> int:
        """Have every server of the cluster read its configuration anew; how many did.

        Raises:
            BusUnavailable: one of them refused what is written, and goes on as before.
        """
        servers = {answer.server.id for answer in await self._all(_CONNECTIONS, {"limit": 1})}
        client = self._link.client
        for server in servers:
            reply = await client.request(f"$SYS.REQ.SERVER.{server}.RELOAD", b"{}", timeout=10)
            if msgspec.json.decode(reply.data, type=_Done).error is not None:
                raise BusUnavailable("a server of the broker refuses its new configuration")
        return len(servers)

    async def end(self, which: Callable[[Connection], bool]) -> list[Connection]:
        """Close the connections that *which* picks, and return them; whoever is still let in comes again."""
        ended = [one for one in await self.connections() if which(one)]
        client = self._link.client
        for one in ended:
            wish = msgspec.json.encode({"cid": one.number})
            await client.request(f"$SYS.REQ.SERVER.{one.server_id}.KICK", wish, timeout=5)
        return ended

    async def close(self) -> None:
        await self._link.close()

    async def _all(self, subject: str, wish: dict[str, bool | int]) -> list[_Answer]:
        client = self._link.client
        come: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = client.new_inbox()
        subscription = await client.subscribe(inbox, cb=come.put)
        answers: list[_Answer] = []
        try:
            await client.publish(subject, msgspec.json.encode(wish), reply=inbox)
            while True:
                async with asyncio.timeout(ANSWERS_S if answers else 10 * ANSWERS_S):
                    answers.append(msgspec.json.decode((await come.get()).data, type=_Answer))
        except TimeoutError:
            return answers
        finally:
            await subscription.unsubscribe()
