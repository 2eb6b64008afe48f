"""Streams of a NATS server, message by message through its own interface: its files are encrypted.

Nothing is consumed: messages are looked up by their numbers, a page at a time.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import RawStreamMsg, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError

from cli.auditing.layout import SUBJECT_PREFIXES
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Scope, Sighting, Store, StoreUnreachable, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places

CONNECT_S = 10.0
PAGE = 128
_FAULTS = (NatsError, OSError, TimeoutError, ssl.SSLError)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsCertificate:
    """`server_name` is the one in the server's certificate."""

    server_name: str
    certificate: Path
    key: Path
    authorities: Path

    def options(self) -> dict[str, Any]:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=self.authorities)
        context.load_cert_chain(self.certificate, self.key)
        return {"tls": context, "tls_handshake_first": True, "tls_hostname": self.server_name}


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsLogin:
    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    certificate: NatsCertificate | None = None
    """The login, where there is one; it has to be that of an operator, who may take the control out again."""

    def options(self) -> dict[str, Any]:
        if self.certificate is not None:
            return self.certificate.options()
        return {"user": self.username or None, "password": self.password or None}


@dataclass(slots=True)
class Streams:
    """Every stream of the account, declared or not; key-value buckets and object stores are streams too."""

    login: NatsLogin
    places: Places
    patterns: Patterns
    store: Store = Store.STREAMS
    _client: Client = field(default_factory=Client)
    _runner: "asyncio.Runner" = field(default_factory=asyncio.Runner)

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        with self._runner as runner:
            try:
                runner.run(self._connect())
            except _FAULTS as fault:
                raise StoreUnreachable(
                    f"{self.login.url} does not answer ({type(fault).__name__})"
                ) from fault
            try:
                yield runner.run(self._plant(mark))
            finally:
                runner.run(self._close())

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        try:
            for stream in self._runner.run(self._streams()):
                yield from self._stream(stream, tally)
        except _FAULTS as fault:
            raise StoreUnreachable(f"{self.login.url} went away ({type(fault).__name__})") from fault

    def _stream(self, stream: StreamInfo, tally: Tally) -> Iterator[Sighting]:
        name = stream.config.name or ""
        tally.counts["streams"] += 1
        scope = Scope(frozenset()) if name == CONTROL_NAME else self.places.whole_group
        sequence: int | None = max(1, stream.state.first_seq)
        while sequence is not None and sequence <= stream.state.last_seq:
            last = min(sequence + PAGE - 1, stream.state.last_seq)
            messages, sequence = self._runner.run(self._page(name, sequence, last))
            tally.counts["messages"] += len(messages)
            for message in messages:
                for kind, jurisdiction, key in self._said(message):
                    yield Sighting(self.store, name, "", kind, jurisdiction, scope, key)

    def _said(self, message: RawStreamMsg) -> Iterator[tuple[Kind, str, bytes]]:
        subject, body = message.subject or "", message.data or b""
        whole = subject.encode() + b" " + body
        for named in _of_subject(subject):
            yield Kind.FIELD, named, whole
        headers = " ".join(f"{name}: {value}" for name, value in (message.headers or {}).items())
        for raw in (whole, headers.encode()):
            for seen in self.patterns.in_value(raw):
                yield seen.kind, seen.jurisdiction, seen.text if seen.kind is Kind.ID else whole

    async def _page(self, stream: str, first: int, last: int) -> tuple[list[RawStreamMsg], int | None]:
        """The messages from *first* to *last* that are still there, and where the next page begins."""
        found = await asyncio.gather(*(self._message(stream, number) for number in range(first, last + 1)))
        messages = [message for message in found if message is not None]
        if messages:
            return messages, last + 1
        following = await self._message(stream, last + 1, following=True)
        return [], following.seq if following else None

    async def _message(self, stream: str, number: int, *, following: bool = False) -> RawStreamMsg | None:
        try:
            return await self._client.jsm().get_msg(
                stream, seq=number, subject=">" if following else None, next=following
            )
        except NotFoundError:
            return None

    async def _streams(self) -> list[StreamInfo]:
        return [stream async for stream in _pages(self._client)]

    async def _connect(self) -> None:
        async def quiet(_: Exception) -> None:
            """What goes wrong shows where it is waited for."""

        async with asyncio.timeout(CONNECT_S):
            await self._client.connect(
                self.login.url, allow_reconnect=False, error_cb=quiet, **self.login.options()
            )

    async def _plant(self, mark: Mark) -> frozenset[Kind]:
        jetstream = self._client.jetstream()
        try:
            await self._unplant()
            await jetstream.add_stream(
                StreamConfig(name=CONTROL_NAME, subjects=[f"{CONTROL_NAME}.>"], storage=StorageType.FILE)
            )
            body = f'{{"jurisdiction":"{mark.jurisdiction}","person_id":"{mark.person_id}"}}'
            await jetstream.publish(f"{CONTROL_NAME}.planted", body.encode())
        except _FAULTS:
            return frozenset()
        return frozenset({Kind.FIELD, Kind.ID})

    async def _unplant(self) -> None:
        try:
            await self._client.jsm().delete_stream(CONTROL_NAME)
        except (NotFoundError, APIError):
            return

    async def _close(self) -> None:
        try:
            await self._unplant()
        except _FAULTS:
            return
        finally:
            await self._client.close()


async def _pages(client: Client) -> AsyncIterator[StreamInfo]:
    """The server lists streams in pages."""
    offset = 0
    while page := await client.jsm().streams_info(offset=offset):
        for stream in page:
            yield stream
        offset += len(page)


def _of_subject(subject: str) -> Iterator[str]:
    parts = tuple(subject.split("."))
    for prefix in SUBJECT_PREFIXES:
        if parts[: len(prefix)] == prefix and len(parts) > len(prefix):
            yield parts[len(prefix)]
