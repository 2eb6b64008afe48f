"""A whole region node for tests: migrated SQLite stores, a nats-server of its own, a free loopback port.

It runs in the test's event loop, so a test may look behind the API through `container`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from cli.servers.nats import NatsServer
from policies.vocabulary import DataCategory, Purpose
from region_node import backends, lifecycle
from region_node.bootstrap import Container
from region_node.control.records import Tenant
from region_node.control.tenants import TenantStore
from region_node.features.consent.model import Method
from region_node.features.consent.problems import ConsentNotNeeded
from region_node.features.consent.service import About, Actor
from region_node.migrating import migrate_node
from region_node.security.file_keyring import FileKeyRing
from region_node.settings import ControlSettings, Settings, StorageSettings, settings_from
from tests.support import templates

REGIONS = Path(__file__).parents[2] / "config" / "demo-region.toml"
PASSWORD = "a long enough passphrase"
DEFAULT_HOST = "localhost"
OTHER_HOST = "ride.example"
OTHER_TENANT = Tenant(id="ride", name="Ride", hosts=(OTHER_HOST,))
HEALTH = About(purpose=Purpose.ANALYSIS, category=DataCategory.HEALTH)
"""What an import needs to keep heart rates."""

ENDS = {"done", "refused", "failed"}


@dataclass
class RunningNode:
    """`node` is replaced by `restart`; take `container` and `url` from here each time."""

    settings: Settings
    nats: NatsServer
    node: lifecycle.Node

    @property
    def container(self) -> Container:
        return self.node.container

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.node.port}"

    def client(self, host: str = DEFAULT_HOST, token: str | None = None) -> httpx.AsyncClient:
        headers = {"host": host} | ({"authorization": f"Bearer {token}"} if token else {})
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    async def restart(self) -> None:
        await self.node.stop()
        self.node = await lifecycle.start(self.settings)


@dataclass
class Athlete:
    """Somebody who is signed in; `http` sends their token."""

    person_id: str
    http: httpx.AsyncClient
    session: dict[str, Any]
    profile: dict[str, Any] = field(default_factory=dict)

    async def send(self, data: bytes, name: str = "workout", key: str | None = None) -> httpx.Response:
        headers = {"content-type": "application/octet-stream"} | ({"idempotency-key": key} if key else {})
        return await self.http.post("/v1/uploads", params={"name": name}, content=data, headers=headers)

    async def upload(self, data: bytes, name: str = "workout", key: str | None = None) -> dict[str, Any]:
        """Send a file, wait for its end, return the upload with its outcomes as `items`."""
        answer = await self.send(data, name, key)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return await self.ended(answer.json()["upload_id"])

    async def ended(self, upload_id: str, timeout_s: float = 60) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            while True:
                upload = (await self.http.get(f"/v1/uploads/{upload_id}")).json()
                if upload["state"] in ENDS:
                    items = await self.all(f"/v1/uploads/{upload_id}/results")
                    return {**upload, "items": items}
                await asyncio.sleep(0.02)

    async def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, over all its pages."""
        items: list[dict[str, Any]] = []
        cursor: Mapping[str, str] = {}
        while True:
            page = (await self.http.get(path, params={**query, **cursor})).json()
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            cursor = {"cursor": page["next_cursor"]}

    async def totals(self, **query: Any) -> dict[tuple[str, str], dict[str, float]]:
        """Statistics by first day and sport, as they stand; they follow changes a moment later."""
        found = (await self.http.get("/v1/statistics", params=query)).json()
        return {(item["begins"], item["sport"]): item["figures"] for item in found["items"]}


def person(email: str = "ana@example.org", **changes: Any) -> dict[str, Any]:
    """The body of a sign-up that is allowed in the demo region."""
    return {
        "email": email,
        "password": PASSWORD,
        "display_name": "Ana",
        "birth_date": "1990-04-03",
        "country": "DE",
        "language": "en",
        "time_zone": "Europe/Berlin",
    } | changes


async def agree(node: RunningNode, person_id: str, about: About = HEALTH, tenant: str = "default") -> None:
    """Consent as the person, to what is asked of them today."""
    consent = node.container.consent
    topic = consent.law.notices.topic(about.purpose, about.category)
    assert topic is not None
    notice = topic.current.notices["en"].ref
    with suppress(ConsentNotNeeded):
        await consent.service.give(tenant, person_id, about, notice, Actor(id=person_id, method=Method.API))


async def take_back(
    node: RunningNode, person_id: str, about: About = HEALTH, tenant: str = "default"
) -> None:
    await node.container.consent.service.withdraw(
        tenant, person_id, about, Actor(id=person_id, method=Method.API)
    )


@asynccontextmanager
async def signed_in(
    node: RunningNode, host: str = DEFAULT_HOST, *, consents: Iterable[About] = (HEALTH,), **changes: Any
) -> AsyncIterator[Athlete]:
    """Sign somebody up and in, who then consents; *changes* are fields of the sign-up."""
    said = person(**changes)
    async with node.client(host) as http:
        opened = await http.post("/v1/sign-up", json=said)
        assert opened.status_code == httpx.codes.CREATED, opened.text
        names = ("email", "password", "country", "subdivision")
        session = await http.post("/v1/sign-in", json={name: said[name] for name in names if name in said})
        assert session.status_code == httpx.codes.OK, session.text
        tokens = session.json()
        http.headers["authorization"] = f"Bearer {tokens['access_token']}"
        for about in consents:
            await agree(
                node, tokens["person_id"], about, OTHER_TENANT.id if host == OTHER_HOST else "default"
            )
        yield Athlete(tokens["person_id"], http, tokens, opened.json())


def settings_in(directory: Path, nats: NatsServer, **changes: Mapping[str, Any]) -> Settings:
    """Settings of a node under *directory*; *changes* add to or replace single values of a table."""
    document: dict[str, Any] = {
        "node": {
            "region": "demo-local",
            "data_directory": "data",
            "regions_file": str(REGIONS),
            "port": 0,
            "drain_timeout_s": 2.0,
        },
        "keys": {"ring_file": "keyring"},
        **nats.node_settings,
        "imports": {"processes": 1},
        "http": {"sign_ins_per_minute": 1000, "requests_per_minute": 100_000, "uploads_per_minute": 10_000},
    }
    for table, values in changes.items():
        document[table] = document.get(table, {}) | dict(values)
    return settings_from({**document, "age_assurance": "demo"}, directory)


async def prepared(settings: Settings, tenants: Iterable[Tenant] = (OTHER_TENANT,)) -> None:
    """Make key ring, stores and tenants as an operator does before the first start.

    Nodes that differ in nothing which these hold get copies: they have the keys in common.
    """
    node, folder = settings.node, settings.keys.ring_file.parent
    elsewhere = (StorageSettings(), ControlSettings()) != (settings.storage, settings.control)
    begun = settings.keys.ring_file.exists() or node.data_directory.exists()
    if elsewhere or begun or settings.tls or node.data_directory != folder / "data":
        await _prepare(settings, tenants)
        return

    async def make(template: Path) -> None:
        keys = replace(settings.keys, ring_file=template / settings.keys.ring_file.name)
        there = replace(settings, keys=keys, node=replace(node, data_directory=template / "data"))
        await _prepare(there, tenants)

    key = (replace(node, data_directory=Path()), settings.keys.ring_file.name, *tenants)
    await templates.fill(folder, key, make)


async def _prepare(settings: Settings, tenants: Iterable[Tenant]) -> None:
    held = backends.geography(settings).held
    if not settings.keys.ring_file.exists():
        FileKeyRing.create(settings.keys.ring_file, sorted(held))
    await migrate_node(settings)
    control = await backends.open_control(settings)
    try:
        known = {tenant.id for tenant in await TenantStore(control).all()}
        for tenant in tenants:
            if tenant.id not in known:
                await TenantStore(control).add(tenant)
    finally:
        await control.close()


@asynccontextmanager
async def running_node(directory: Path, **changes: Mapping[str, Any]) -> AsyncIterator[RunningNode]:
    """A node that serves, with the tenants `default` (localhost) and `ride` (ride.example).

    *changes* are tables of the settings, such as ``imports={"processes": 2}``.
    """
    nats = NatsServer(directory / "nats")
    await asyncio.to_thread(nats.start)
    try:
        settings = settings_in(directory, nats, **changes)
        await prepared(settings)
        running = RunningNode(settings, nats, await lifecycle.start(settings))
        try:
            yield running
        finally:
            await running.node.stop()
    finally:
        await asyncio.to_thread(nats.stop)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RunningNode]:
    async with running_node(tmp_path) as running:
        yield running
