"""What an incident's deadlines rest on: the law that ships, and how many people the stores hold."""

from collections import Counter
from collections.abc import Collection
from importlib import resources

from policies.authorities import load_authorities
from policies.breaches import BreachLaw
from region_node import backends
from region_node.packs import shipped_packs
from region_node.settings import Settings
from region_node.storage.engine import KEYS
from region_node.storage.person_keys import DATA_KEYS

PAGE_ROWS = 500


def breach_law() -> BreachLaw:
    text = (resources.files("policies") / "authorities.toml").read_text("utf-8")
    return BreachLaw(packs=shipped_packs(), authorities=load_authorities(text))


async def people_in_stores(
    settings: Settings, tenants: Collection[str], jurisdictions: Collection[str]
) -> dict[str, int]:
    """Count people by jurisdiction, a page at a time; of all tenants or jurisdictions where none is named.

    Everybody whose data can still be opened has one wrapped key, so the keys are counted.

    Raises:
        StorageUnavailable
    """
    engine = await backends.open_engine(settings, backends.geography(settings))
    found: Counter[str] = Counter()
    after: object | None = None
    try:
        while True:
            rows, after = await engine.scan(KEYS, DATA_KEYS, after, PAGE_ROWS)
            for row in rows:
                jurisdiction = str(row["jurisdiction"])
                if (not tenants or row["tenant"] in tenants) and (
                    not jurisdictions or jurisdiction in jurisdictions
                ):
                    found[jurisdiction] += 1
            if after is None:
                return dict(sorted(found.items()))
    finally:
        await engine.close()
