"""A ledger with everything real behind it but the clock, which stands until it is moved."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from policies.vocabulary import Purpose
from region_node.features.consent.law import Law
from region_node.features.consent.ledger import Ledger
from region_node.features.consent.model import Draft, EntryState, Method, Resident
from region_node.features.consent.notices import shipped_notices
from region_node.features.consent.service import ConsentService
from region_node.ids import new_person_id
from region_node.packs import shipped_engine
from region_node.schema import MIGRATIONS
from region_node.storage.store import TenantStore
from region_node.stores import Stores
from tests.support.storage import open_stores

TENANT = "t1"
HELD = ("br", "eu", "kr", "us-ca")
ANA = Resident(birth_date=date(1990, 4, 3), country="DE")


@dataclass
class World:
    stores: Stores
    now: datetime = datetime(2027, 3, 1, 12, tzinfo=UTC)
    announced: list = field(default_factory=list)
    hurried: list = field(default_factory=list)
    residents: dict = field(default_factory=dict)
    ledger: Ledger = None
    law: Law = field(default_factory=lambda: Law(current=shipped_engine, notices=shipped_notices()))

    @property
    def service(self):
        return ConsentService(ledger=self.ledger, law=self.law)

    def store(self, tenant=TENANT, jurisdiction="eu"):
        return TenantStore(self.stores.engine, self.stores.keys, tenant, jurisdiction)

    def pass_time(self, **spans):
        self.now += timedelta(**spans)

    async def announce(self, tenant, person_id):
        self.announced.append((tenant, person_id))

    async def resident(self, _tenant, person_id):
        return self.residents.get(person_id)

    async def person(self, resident=ANA, jurisdiction="eu"):
        person_id = new_person_id(jurisdiction)
        await self.stores.keys.create(TENANT, person_id)
        self.residents[person_id] = resident
        return person_id

    async def record(self, person_id, *drafts):
        return await self.ledger.record(TENANT, person_id, lambda _standing, _at: drafts)

    async def restrict(self, person_id):
        return await self.record(person_id, Draft(state=EntryState.RESTRICTED, method=Method.API))

    async def entries(self, person_id):
        return [entry async for entry in self.ledger.store(TENANT, person_id).entries(person_id)]


def draft(state, purpose=Purpose.LEADERBOARD, **changes):
    notice = {"notice": f"{purpose}/1/de", "notice_sha256": "ab" * 32} if state is EntryState.GIVEN else {}
    return Draft(**({"state": state, "method": Method.API, "purpose": purpose} | notice | changes))


@asynccontextmanager
async def opened(directory):
    made = World(await open_stores(directory, MIGRATIONS, HELD))
    made.ledger = Ledger(
        stores=made.store,
        residents=made.resident,
        changes=made,
        hurry=made.hurried.append,
        pack_version=lambda _jurisdiction: "2026-11-21",
        due=made.law.due,
        clock=lambda: made.now,
    )
    try:
        yield made
    finally:
        await made.stores.engine.close()


@pytest.fixture
async def world(tmp_path):
    async with opened(tmp_path) as made:
        yield made
