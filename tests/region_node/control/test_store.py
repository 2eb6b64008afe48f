from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from region_node.control.audit import AuditLog
from region_node.control.database import ControlUnavailable
from region_node.control.models import AuditRow
from region_node.control.records import AuditEntry, Outcome, Region, Tenant
from region_node.control.store import AlreadyThere, ControlStore
from region_node.control.tenants import DEFAULT_TENANT, TenantDirectory, TenantStore, normal_host

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
CLUB = Tenant(id="club", name="Club", hosts=("club.example", "www.club.example"))


async def test_one_default_tenant_exists_from_the_first_migration(database):
    (tenant,) = await TenantStore(database).all()
    assert tenant.id == DEFAULT_TENANT
    assert await TenantStore(database).by_host("localhost:8443") == tenant
    assert await TenantStore(database).by_host("[::1]:8443") == tenant


async def test_a_tenant_answers_at_each_of_its_hosts_with_all_of_them(database):
    tenants = TenantStore(database)
    await tenants.add(CLUB)
    assert [await tenants.by_host(host) for host in ("Club.Example.", "www.club.example:443")] == [CLUB, CLUB]
    for other in ("other.example", "", "\x00", "a" * 300, "caf\u00e9.example"):
        assert await tenants.by_host(other) is None


@pytest.mark.parametrize(
    "clash",
    [replace(CLUB, hosts=("new.example",)), replace(CLUB, id="new", hosts=("n.example", "club.example"))],
)
async def test_a_taken_id_or_host_adds_nothing(database, clash):
    tenants = TenantStore(database)
    await tenants.add(CLUB)
    before = await tenants.all()
    with pytest.raises(AlreadyThere):
        await tenants.add(clash)
    assert await tenants.all() == before


async def test_the_directory_asks_once_and_again_after_its_maximum_age(database):
    now = [0.0]
    tenants = TenantStore(database)
    directory = TenantDirectory(tenants, max_age_s=30, clock=lambda: now[0])
    assert await directory.by_host("club.example") is None
    await tenants.add(CLUB)
    assert await directory.by_host("club.example") is None
    now[0] = 30.0
    assert await directory.by_host("CLUB.example:443") == CLUB


async def test_made_up_hosts_do_not_fill_the_directory(database):
    directory = TenantDirectory(TenantStore(database), max_hosts=3)
    for number in range(10):
        await directory.by_host(f"{number}.example")
    assert len(directory._known) == 3


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.example:1", "a.example"), ("a.", "a"), ("[::1]:8", "::1"), ("::1", "::1"), ("", "")],
)
def test_a_host_is_compared_without_port_dot_brackets_and_capitals(host, name):
    assert normal_host(host) == name


async def test_a_region_is_added_then_replaced(database):
    store = ControlStore(database)
    region = Region(
        id="eu-central", residency_group="europe", address="https://a", signing_keys={"keys": [{"kid": "1"}]}
    )
    await store.put_region(region)
    moved = replace(region, address="https://b")
    await store.put_region(moved)
    assert await store.regions() == (moved,)


def entry(hour):
    return AuditEntry(
        at=NOON + timedelta(hours=hour), operator_id=None, action="x", target=str(hour), outcome=Outcome.DONE
    )


async def test_the_audit_log_shows_the_newest_first_and_pages(database):
    log = AuditLog(database)
    for hour in range(3):
        await log.append(entry(hour))
    assert await log.entries(limit=2) == (entry(2), entry(1))
    assert await log.entries(before=entry(1).at) == (entry(0),)


async def overwrite():
    await AuditRow.all().update(target="x")


async def clear():
    await AuditRow.all().delete()


@pytest.mark.parametrize("rewrite", [overwrite, clear])
async def test_the_database_itself_refuses_to_rewrite_the_audit_log(database, rewrite):
    log = AuditLog(database)
    await log.append(entry(0))
    with pytest.raises((IntegrityError, ControlUnavailable)) as refused:
        await database.run(rewrite())
    assert "append-only" in f"{refused.value} {refused.value.__cause__}"
    assert await log.entries() == (entry(0),)
