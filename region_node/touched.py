"""How many people a change of law touches: the rulings about each one, by the law of today and by the next.

People are read in pages and forgotten again; what comes out are numbers by place and age.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field

import msgspec

from policies.engine import Engine
from policies.vocabulary import Jurisdiction
from region_node import backends
from region_node.features.consent.notices import shipped_notices
from region_node.rulings.circumstances import Almanac, Question
from region_node.rulings.standing import STANDINGS, Standing
from region_node.settings import Settings
from region_node.storage.engine import MAX_MULTI_GET, Key, Row
from region_node.storage.engine import Engine as RowEngine
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.schema import TENANT
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, text
from region_node.stores import Stores

BANDS = ((0, 13), (13, 16), (16, 18))
ADULTS = "18+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of one place and age, such as ``13-15``."""

    jurisdiction: str
    overlay: str
    ages: str


@dataclass(slots=True)
class Touched:
    """`people` is how many were looked at, `changed` of how many a ruling differs."""

    people: Counter[Group] = field(default_factory=Counter)
    changed: Counter[Group] = field(default_factory=Counter)


async def count_touched(
    settings: Settings, jurisdiction: str, before: Engine, after: Engine, questions: Collection[Question]
) -> Touched:
    """Put *questions* about every person of *jurisdiction* on this node's stores to both laws.

    Reads every person and takes microseconds for each question about one: for a command, not a request.

    Raises:
        StorageUnavailable, KeyRingError: The stores or the key ring cannot be opened.
    """
    place = backends.geography(settings)
    touched = Touched()
    if jurisdiction not in place.held:
        return touched
    almanac = Almanac(floors=lambda: shipped_notices().floors)
    engine = await backends.open_engine(settings, place)
    stores = Stores(engine, backends.open_ring(settings), place.held)
    try:
        async for standing in _standings(stores, jurisdiction):
            now, then = almanac.person(standing, before.packs), almanac.person(standing, after.packs)
            group = Group(jurisdiction=now.jurisdiction, overlay=now.overlay, ages=band_of(now.age_years))
            touched.people[group] += 1
            asked = ((before.decide(now.facts(one)), after.decide(then.facts(one))) for one in questions)
            touched.changed[group] += any(one.effect is not other.effect for one, other in asked)
    finally:
        await engine.close()
    return touched


async def count_people(
    settings: Settings, jurisdictions: Collection[Jurisdiction]
) -> dict[Jurisdiction, int]:
    """Return how many people of each jurisdiction held here the stores know; opens nothing that is sealed.

    Raises:
        StorageUnavailable: The stores cannot be opened.
    """
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    try:
        return {one: await _count(engine, one) for one in jurisdictions if one in place.held}
    finally:
        await engine.close()


async def _count(engine: RowEngine, jurisdiction: Jurisdiction) -> int:
    count, after = 0, None
    while True:
        rows, after = await engine.scan(jurisdiction, STANDINGS, after, MAX_MULTI_GET)
        count += len(rows)
        if after is None:
            return count


def band_of(age_years: int) -> str:
    found = next(((low, high) for low, high in BANDS if low <= age_years < high), None)
    return f"{found[0]}-{found[1] - 1}" if found else ADULTS


async def _standings(stores: Stores, jurisdiction: str) -> AsyncIterator[Standing]:
    after: object | None = None
    while True:
        rows, after = await stores.engine.scan(jurisdiction, STANDINGS, after, MAX_MULTI_GET)
        people: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            people[text(row, TENANT)].append(text(row, "person_id"))
        for tenant, ids in people.items():
            for standing in await _opened(stores, tenant, jurisdiction, ids):
                yield standing
        if after is None:
            return


async def _opened(stores: Stores, tenant: str, jurisdiction: str, ids: Iterable[str]) -> list[Standing]:
    """Standings in the clear; who was erased in between is left out."""
    view = stores.unruled(tenant, jurisdiction)
    keys = [(one,) for one in ids]
    try:
        rows = await view.get_many(STANDINGS, keys)
    except PersonKeyGone:
        rows = [await _one(view, key) for key in keys]
    return [msgspec.json.decode(blob(row, "body"), type=Standing) for row in rows if row is not None]


async def _one(view: TenantStore, key: Key) -> Row | None:
    try:
        return await view.get(STANDINGS, *key)
    except PersonKeyGone:
        return None
