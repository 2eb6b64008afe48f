"""Stores of a European node, filled by the code that fills a node's, for audits; no node runs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from cli.app import app
from federation.adapters.nats_bus import NatsBus
from federation.adapters.nats_login import NatsPassword
from federation.topology import CONSUMERS, STREAMS, event_subject
from region_node.control.database import ControlDatabase
from region_node.features.accounts.tables import LOGINS
from region_node.ids import jurisdiction_of, new_id, new_person_id
from region_node.objects.store import Objects
from region_node.schema import MIGRATIONS
from region_node.security.approval_keys import create_approval_key
from region_node.security.private_files import create_private
from region_node.security.sealed_streams import StreamHeader
from region_node.storage.engine import CreateTable
from region_node.storage.sqlite import SqliteEngine
from tests.support.storage import open_stores

REGIONS = Path(__file__).parents[2] / "config" / "regions.toml"
HELD = ("ch", "eu", "gb")
TENANT = "t1"


@dataclass
class Audited:
    """A folder with stores, an auditor's key, and what the last audit said."""

    folder: Path
    nats: object = None

    @property
    def rows(self) -> Path:
        return self.folder / "rows"

    @property
    def public_key(self) -> Path:
        return self.folder / "keys" / "auditor.pub"

    async def fill(self) -> None:
        await self._rows()
        await self._objects()
        async with await ControlDatabase.open(f"sqlite://{self.folder / 'control.sqlite'}") as control:
            await control.migrate()
        for name in ("logs", "snapshots", "hints"):
            (self.folder / name).mkdir()
        (self.folder / "logs" / "node.log").write_text('{"event": "started", "person": "5f0c"}\n')
        create_approval_key(self.folder / "keys", "auditor", passphrase=None)
        create_private(self.folder / "control-url", f"sqlite://{self.folder / 'control.sqlite'}".encode())
        if self.nats is not None:
            create_private(self.folder / "nats-password", self.nats.password_file.read_bytes())
            await self.publish("eu")

    async def _rows(self) -> None:
        stores = await open_stores(self.folder, MIGRATIONS, HELD)
        for jurisdiction in HELD:
            person_id = new_person_id(jurisdiction)
            await stores.keys.create(TENANT, person_id)
            await stores.engine.claim(jurisdiction, LOGINS, login_of(person_id))
        await stores.engine.close()

    async def _objects(self) -> None:
        objects = Objects.in_folder(self.folder / "objects")
        for jurisdiction in HELD:
            await self.put_object(objects.new_name(jurisdiction), jurisdiction)

    async def put_object(self, name: str, jurisdiction: str) -> None:
        writer = Objects.in_folder(self.folder / "objects").writing(name)
        header = StreamHeader(jurisdiction=jurisdiction, salt=os.urandom(32))
        await writer.write(header.encode() + os.urandom(200))
        await writer.finish()

    async def publish(self, jurisdiction: str) -> None:
        address = NatsPassword(
            url=self.nats.url,
            username=self.nats.username,
            password=self.nats.password_file.read_text().strip(),
        )
        bus = await NatsBus.open(address)
        try:
            await bus.prepare(STREAMS, CONSUMERS)
            body = {"jurisdiction": jurisdiction, "person_id": new_person_id(jurisdiction)}
            subject = event_subject(jurisdiction, "person.created")
            await bus.publish(subject, json.dumps(body).encode(), new_id())
        finally:
            await bus.close()

    async def misplace_row(self, jurisdiction: str, space: str) -> None:
        """A row as a node of another group would write it, in a file of this one."""
        engine = SqliteEngine(self.rows)
        await engine.apply(space, [CreateTable(LOGINS)])
        await engine.claim(space, LOGINS, login_of(new_person_id(jurisdiction)))
        await engine.close()

    def audit(self, *words: object, region: str = "eu-central") -> "Said":
        named = ["--sqlite", self.rows, "--objects", self.folder / "objects", *self._folders()]
        key = self.folder / "keys" / "auditor.key"
        arguments = ["audit", "--regions", REGIONS, "--region", region, "--signing-key", key, *named]
        return self.run(*arguments, "--output", "json", *words)

    def _folders(self) -> list[object]:
        found = []
        for name in ("logs", "snapshots", "hints"):
            found += [f"--{name}", self.folder / name]
        found += ["--control-url-file", self.folder / "control-url"]
        if self.nats is not None:
            found += ["--nats", self.nats.url, "--nats-user", self.nats.username]
            found += ["--nats-password-file", self.folder / "nats-password"]
        return found

    def run(self, *words: object) -> "Said":
        done = CliRunner().invoke(
            app, ["residency", *map(str, words)], env={"COLUMNS": "400"}, catch_exceptions=False
        )
        return Said(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Said:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict:
        return json.loads(self.stdout)["report"]

    @property
    def findings(self) -> list[dict]:
        return self.report["findings"]

    def named(self) -> set[tuple[str, str, str, str]]:
        """Store, place, jurisdiction and rule of each finding."""
        return {(one["store"], one["container"], one["jurisdiction"], one["rule"]) for one in self.findings}

    def controls(self) -> dict[str, str]:
        return {one["store"]: one["control"] for one in self.report["stores"]}


def login_of(person_id: str) -> dict[str, str]:
    """A row as the store writes it, tenant and jurisdiction included."""
    return {
        "tenant": TENANT,
        "jurisdiction": jurisdiction_of(person_id),
        "login_key": new_id(),
        "person_id": person_id,
    }
