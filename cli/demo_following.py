"""The demo's third story: people follow each other over regions, and lose from sight what is taken back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console

from cli.demo_client import DemoClient

PATIENCE_S = 30.0
POLL_S = 0.1
MOST_FOLLOWED = 5
FEED_PAGE = 50


@dataclass(slots=True)
class Circle:
    """Who follows whom, and who shows a workout; `ids` are of people, by their address."""

    clients: Sequence[DemoClient]
    showing: set[str]
    ids: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def followed_by(self, client: DemoClient) -> list[DemoClient]:
        """The next few behind *client*, in a ring."""
        at = self.clients.index(client)
        return [*self.clients[at + 1 :], *self.clients[:at]][:MOST_FOLLOWED]

    def followers_of(self, client: DemoClient) -> list[DemoClient]:
        return [one for one in self.clients if client in self.followed_by(one)]

    def expected_by(self, client: DemoClient) -> set[str]:
        """Of whom *client* should see something."""
        return {self.ids[one.person.email] for one in self.followed_by(client)} & self.showing


async def follow_each_other(
    clients: Sequence[DemoClient], showing: Sequence[bool], console: Console
) -> Circle:
    """Everybody asks the next few, is accepted, and reads their feed until all is there."""
    ids = {one.person.email: str((await one.get("/v1/me"))["person_id"]) for one in clients}
    shown = {ids[one.person.email] for one, shows in zip(clients, showing, strict=True) if shows}
    circle = Circle(clients=clients, showing=shown, ids=ids)
    for client in clients:
        for other in circle.followed_by(client):
            await client.follow(ids[other.person.email])
    await asyncio.gather(*(_accept(circle, client) for client in clients))
    await asyncio.gather(*(_read(circle, client) for client in clients))
    for client in clients:
        items = [item async for item in client.items("/v1/feed", FEED_PAGE)]
        told = "; ".join(f"{item['display_name']}: {item['title'] or item['sport']}" for item in items)
        console.print(f"{client.person.name} ({client.person.place}) sees in the feed: {told}", markup=False)
    return circle


async def gone_from_feeds(circle: Circle, left: DemoClient, console: Console) -> None:
    """Whoever left is in nobody's feed any more, in no region."""
    gone = circle.ids[left.person.email]
    begin = time.monotonic()
    others = [client for client in circle.clients if client is not left]

    for client in others:
        if not await _until(partial(_is_without, client, gone)):
            circle.faults.append(f"{client.person.name} still sees {left.person.name}, who was erased")
    taken_ms = round((time.monotonic() - begin) * 1000)
    console.print(f"{left.person.name} is in nobody's feed any more ({taken_ms} ms later)", markup=False)


async def _accept(circle: Circle, client: DemoClient) -> None:
    wanted = {circle.ids[one.person.email] for one in circle.followers_of(client)}

    async def asked() -> bool:
        found = await client.get("/v1/followers", state="requested", limit=FEED_PAGE)
        return wanted <= {item["person_id"] for item in found["items"]}

    if not await _until(asked):
        circle.faults.append(f"{client.person.name} was not asked by all who asked")
    for person_id in sorted(wanted):
        await client.accept(person_id)


async def _read(circle: Circle, client: DemoClient) -> None:
    async def complete() -> bool:
        return circle.expected_by(client) <= await _seen(client)

    if not await _until(complete):
        circle.faults.append(f"{client.person.name} does not see all that is shown")


async def _is_without(client: DemoClient, person_id: str) -> bool:
    return person_id not in await _seen(client)


async def _seen(client: DemoClient) -> set[str]:
    return {item["person_id"] async for item in client.items("/v1/feed", FEED_PAGE)}


async def _until(holds: Callable[[], Awaitable[bool]]) -> bool:
    begin = time.monotonic()
    while not await holds():
        if time.monotonic() - begin > PATIENCE_S:
            return False
        await asyncio.sleep(POLL_S)
    return True
