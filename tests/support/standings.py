"""Standings of people written straight into the stores, for tests that are not about the ledger."""

from datetime import UTC, date, datetime

import msgspec

from policies.vocabulary import DataCategory, Purpose
from region_node.ids import jurisdiction_of
from region_node.rulings.standing import STANDINGS, GivenConsent, Standing
from region_node.storage.engine import Put
from region_node.stores import Stores

COUNTRIES = {"eu": "DE", "br": "BR", "us": "US", "ca-qc": "CA", "kr": "KR"}
SUBDIVISIONS = {"US": "US-TX", "CA": "CA-QC"}
BORN = date(1990, 4, 3)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def given(purpose=Purpose.ANALYSIS, category=DataCategory.HEALTH, **changes) -> GivenConsent:
    return GivenConsent(purpose=purpose, category=category, given_at=LONG_AGO, notice="n/1/en", **changes)


HEALTH = given()


def standing(person_id: str, *consents: GivenConsent, **changes) -> Standing:
    facts = {"version": 1, "birth_date": BORN, "country": COUNTRIES[jurisdiction_of(person_id)]}
    facts |= {"subdivision": SUBDIVISIONS.get(facts["country"])}
    return Standing(person_id=person_id, consents=consents, **facts | changes)


async def stand(stores: Stores, tenant: str, where: Standing) -> None:
    """Write a standing and announce it, as the ledger does."""
    row = {"person_id": where.person_id, "version": where.version, "head": b"head"}
    store = stores.unruled(tenant, jurisdiction_of(where.person_id))
    await store.write(Put(STANDINGS, {**row, "body": msgspec.json.encode(where)}))
    await stores.changes.announce(tenant, where.person_id)
