"""A control database with shipped packs and two operators, who propose, approve and activate."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from region_node.active_packs import ActivePacks
from region_node.control.acts import Act, ActivatePack, canonical, encode_public_key, sign, sign_act
from region_node.control.database import ControlDatabase
from region_node.control.operator_tokens import OperatorToken
from region_node.control.operators import Approval, OperatorRegistry
from region_node.control.pack_acts import Instant, activation_of
from region_node.control.pack_proofs import LEAD, activation_bytes, digest
from region_node.control.pack_versions import PackVersions
from region_node.control.records import NewOperator, PackText
from region_node.packs import shipped_files, shipped_packs
from region_node.security.signing_keys import SigningKey
from region_node.shipping import ship_packs
from tests.support import templates

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
NEXT = "2030-01-01"
SOON = LEAD + timedelta(seconds=1)


@dataclass
class Person:
    """The same in each process: key and token follow from *seed*."""

    name: str
    seed: int

    @property
    def token(self):
        return OperatorToken(operator_id=f"{self.seed:026d}", secret=str(self.seed) * 43)

    @property
    def key(self):
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed]) * 32)

    def newcomer(self):
        return NewOperator(
            operator_id=self.token.operator_id,
            name=self.name,
            approval_key=encode_public_key(self.key.public_key()),
            token_digest=self.token.digest(),
        )


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    def pass_by(self, time=SOON):
        self.now += time


def next_text(jurisdiction="br", version=NEXT):
    """The shipped pack under another version, so that a ruling tells which one it is by.

    By default that of Brazil: it has no overlays, which take a second to compile.
    """
    text = shipped_files()[f"{jurisdiction}.toml"]
    shipped = shipped_packs().by_jurisdiction[jurisdiction].version
    return pack_text(
        text.replace(f'version = "{shipped}"', f'version = "{version}"', 1), jurisdiction, version
    )


def pack_text(text, jurisdiction="br", version=NEXT):
    return PackText(
        jurisdiction=jurisdiction, version=version, sha256=digest(text), text=text, recorded_at=NOON
    )


def shipped_version(jurisdiction="br"):
    return shipped_packs().by_jurisdiction[jurisdiction].version


@dataclass
class PackWorld:
    database: ControlDatabase
    clock: Clock
    key: SigningKey
    anna: Person
    boris: Person

    @property
    def registry(self):
        return OperatorRegistry(self.database, clock=self.clock)

    @property
    def versions(self):
        return PackVersions(self.database)

    def node(self, **more):
        return ActivePacks(self.versions, lambda: {self.key.public}, {"eu", "br"}, clock=self.clock, **more)

    async def started(self):
        node = self.node()
        await node.refresh()
        return node

    async def caller(self, who):
        return await self.registry.authenticate(who.token.encode(), action="test")

    async def propose(self, text, active_from=None, replaces=None):
        body = ActivatePack(
            jurisdiction=text.jurisdiction,
            version=text.version,
            sha256=text.sha256,
            replaces=shipped_version(text.jurisdiction) if replaces is None else replaces,
            active_from=active_from,
        )
        act = Act(
            act_id=str(ULID()), proposer_id=self.anna.token.operator_id, proposed_at=self.clock(), body=body
        )
        document = canonical(act)
        signature = sign_act(document, self.anna.key)
        return await self.registry.propose(await self.caller(self.anna), document, signature, text)

    async def approve(self, act):
        signature = sign_act(canonical(act), self.boris.key)
        approval = Approval(act_id=act.act_id, signature=signature)
        return await self.registry.approve(await self.caller(self.boris), approval)

    async def activate(self, act, active_from, who=None):
        signer = who or self.boris
        meant = activation_of(act, act.body, active_from, self.clock())
        meant = replace(meant, signer=encode_public_key(signer.key.public_key()))
        instant = Instant(
            act_id=act.act_id,
            active_from=active_from,
            signature=sign(activation_bytes(meant), signer.key),
        )
        return await self.registry.activate(await self.caller(self.boris), instant)

    async def agreed(self, text, active_from=NOON, **more):
        return await self.approve(await self.propose(text, active_from, **more))


@asynccontextmanager
async def open_world(url, clock=None):
    """What `pack_world` made, opened again."""
    async with await ControlDatabase.open(url) as database:
        people = Person("anna", 1), Person("boris", 2)
        yield PackWorld(database, clock or Clock(), SigningKey(bytes(32)), *people)


@asynccontextmanager
async def pack_world(url, clock=None):
    """Make a world in an empty database."""
    if url.startswith("sqlite://"):
        file = Path(url.removeprefix("sqlite://"))
        key = ("packs", file.name)
        await templates.fill(file.parent, key, lambda folder: _begun(f"sqlite://{folder / file.name}"))
    else:
        await _begun(url)
    async with open_world(url, clock) as world:
        yield world


async def _begun(url):
    async with open_world(url) as world:
        await world.database.migrate()
        await world.registry.bootstrap((world.anna.newcomer(), world.boris.newcomer()))
        await ship_packs(world.versions, world.key)
