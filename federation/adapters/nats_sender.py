"""What goes abroad, on the region's own broker: lanes for each destination, numbers, erasure, lag."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from federation.adapters.nats_link import NatsLink
from federation.adapters.nats_login import Login
from federation.adapters.nats_streams import prepare_streams
from federation.errors import BusUnavailable, LaneFull, MessageRefused, UnknownDestination
from federation.ports import Erased, Lag
from federation.subjects import FederatedSubject, of_person
from federation.topology import (
    LANE_LIMITS,
    MAX_FEDERATED_BYTES,
    PULL,
    Lane,
    LaneLimits,
    federated_consumer,
    federated_stream,
)
from policies.vocabulary import Region

ANSWER_S = 5.0
PREPARE_S = 60.0
_NEVER_S = 10**6
"""The link limits the time, and ends it when it is lost."""

_FULL = (10077, 10123)
_TOO_LARGE = 10054
_ABSENT = (10014, 10037, 10043, 10059)
"""No such consumer, message of that subject, number, stream. Anything else is a fault, never a success."""


T = TypeVar("T")


class _Fault(msgspec.Struct):
    code: int = 0
    err_code: int = 0


class _Answer(msgspec.Struct):
    error: _Fault | None = None


class _StreamState(msgspec.Struct):
    messages: int
    first_seq: int
    last_seq: int
    first_ts: datetime


class _StreamInfo(_Answer):
    state: _StreamState | None = None


class _ConsumerInfo(_Answer):
    num_pending: int = 0
    num_ack_pending: int = 0


class _Message(msgspec.Struct):
    seq: int


class _Found(_Answer):
    message: _Message | None = None


class NatsSender:
    """Opened with `await NatsSender.open(...)`, by the node of *origin* at its own broker."""

    def __init__(self, origin: Region, link: NatsLink, replicas: int, limits: dict[Lane, LaneLimits]) -> None:
        self._origin = origin
        self._link = link
        self._replicas = replicas
        self._limits = limits

    @classmethod
    async def open(
        cls,
        origin: Region,
        login: Login,
        *,
        replicas: int = 1,
        limits: dict[Lane, LaneLimits] | None = None,
    ) -> "NatsSender":
        """*replicas* is how many servers keep each message; with 1 the server must write synchronously.

        Raises:
            BusUnavailable: the broker is away or refuses the login.
        """
        return cls(origin, await NatsLink.open(login), replicas, limits or LANE_LIMITS)

    async def prepare(self, destinations: Iterable[Region]) -> None:
        lanes = [(place, lane, self._limits[lane]) for place in destinations for lane in Lane]
        streams = [federated_stream(self._origin, *lane) for lane in lanes]
        consumers = [federated_consumer(self._origin, *lane) for lane in lanes]
        async with self._link.asking(PREPARE_S) as client:
            await prepare_streams(_jetstream(client), streams, consumers, self._replicas)

    async def send(self, subject: FederatedSubject, body: bytes, message_id: str) -> int:
        if len(body) > MAX_FEDERATED_BYTES:
            raise MessageRefused(f"{len(body)} bytes are more than a lane takes")
        async with self._link.asking(ANSWER_S) as client:
            try:
                stored = await _jetstream(client).publish(
                    str(subject), body, headers={"Nats-Msg-Id": message_id}
                )
            except NoStreamResponseError:
                raise UnknownDestination(f"no lane leads to {subject.destination}") from None
            except APIError as fault:
                raise _refusal(fault, subject) from fault
        return stored.seq

    async def erase(self, destinations: Iterable[Region], tenant: str, person: str) -> Sequence[Erased]:
        lanes = [(place, lane) for place in destinations for lane in Lane if lane is not Lane.RETRACTION]
        erased = await asyncio.gather(*(self._erase(place, lane, tenant, person) for place, lane in lanes))
        return [one for some in erased for one in some]

    async def lag(self, destination: Region, lane: Lane) -> Lag:
        stream = federated_stream(self._origin, destination, lane).name
        consumer, kept = await asyncio.gather(
            self._api(f"CONSUMER.INFO.{stream}.{PULL}", {}, _ConsumerInfo),
            self._api(f"STREAM.INFO.{stream}", {}, _StreamInfo),
        )
        if consumer is None or kept is None or kept.state is None:
            raise UnknownDestination(f"no lane leads to {destination}")
        state = kept.state
        return Lag(
            waiting=consumer.num_pending,
            in_hand=consumer.num_ack_pending,
            first_kept=state.first_seq if state.messages else state.last_seq + 1,
            last=state.last_seq,
            oldest_at=state.first_ts if state.messages else None,
        )

    async def close(self) -> None:
        await self._link.close()

    async def _erase(self, place: Region, lane: Lane, tenant: str, person: str) -> list[Erased]:
        """Message by message, and overwritten: what is purged at once stays in the server's files.

        The leader is asked, as a copy may lag behind it.
        """
        stream = federated_stream(self._origin, place, lane).name
        pattern = of_person(self._origin, place, lane, tenant, person)
        erased: list[Erased] = []
        number = 1
        while found := await self._next(stream, pattern, number):
            number = found.seq + 1
            overwritten = await self._api(f"STREAM.MSG.DELETE.{stream}", {"seq": found.seq}, _Answer)
            if overwritten is not None:
                erased.append(Erased(destination=place, lane=lane, number=found.seq))
        return erased

    async def _next(self, stream: str, pattern: str, number: int) -> _Message | None:
        wish = {"seq": number, "next_by_subj": pattern}
        found = await self._api(f"STREAM.MSG.GET.{stream}", wish, _Found)
        return None if found is None else found.message

    async def _api(self, path: str, wish: dict[str, Any], answer: type[T]) -> T | None:
        """Ask JetStream; None where what was asked for is not there."""
        async with self._link.asking(ANSWER_S) as client:
            reply = await client.request(f"$JS.API.{path}", msgspec.json.encode(wish), timeout=_NEVER_S)
        read = msgspec.json.decode(reply.data, type=answer)
        fault_said = getattr(read, "error", None)
        if fault_said is None:
            return read
        if fault_said.err_code in _ABSENT:
            return None
        raise BusUnavailable(f"NATS: error {fault_said.err_code}")


def _jetstream(client: Client) -> JetStreamContext:
    return client.jetstream(timeout=_NEVER_S)


def _refusal(fault: APIError, subject: FederatedSubject) -> Exception:
    where = f"{subject.lane} to {subject.destination}"
    if fault.err_code in _FULL:
        return LaneFull(f"{where} is full")
    if fault.err_code == _TOO_LARGE:
        return MessageRefused(f"too large for {where}")
    if isinstance(fault, NotFoundError):
        return UnknownDestination(f"no lane leads to {subject.destination}")
    return BusUnavailable(f"NATS: error {fault.err_code}")
