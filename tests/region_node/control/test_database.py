import asyncio
import stat

import pytest
from tortoise.migrations.recorder import MigrationRecorder

from region_node.control.database import ControlDatabase, ControlUnavailable, ControlUrlError
from region_node.control.models import AuditRow
from region_node.control.records import Tenant
from region_node.control.tenants import TenantStore

ALL = ("0001_initial", "0002_pack_texts", "0003_subdivisions_in_regions_file", "0004_incidents")


async def test_migrations_are_applied_once_and_in_order(control_url):
    async with await ControlDatabase.open(control_url) as database:
        missing = await database.missing_migrations()
        assert missing == ALL
        assert await database.migrate() == missing
        assert await database.migrate() == ()
        assert await database.missing_migrations() == ()


async def test_a_crash_before_the_end_of_a_migration_leaves_nothing_of_it(control_url, monkeypatch):
    async def crash(*_):
        raise OSError("power lost")

    async with await ControlDatabase.open(control_url) as database:
        with monkeypatch.context() as patch:
            patch.setattr(MigrationRecorder, "record_applied", crash)
            with pytest.raises(ControlUnavailable):
                await database.migrate()
        assert await database.migrate() == ALL
        assert len(await TenantStore(database).all()) == 1


async def test_two_processes_that_migrate_at_once_do_it_once(control_url):
    async with (
        await ControlDatabase.open(control_url) as one,
        await ControlDatabase.open(control_url) as other,
    ):
        await one.missing_migrations()
        applied = await asyncio.gather(one.migrate(), other.migrate())
        assert sorted(applied) == [(), ALL]


async def test_several_databases_in_one_process_do_not_mix(tmp_path):
    urls = [f"sqlite://{tmp_path / name}.sqlite" for name in ("one", "other")]
    async with await ControlDatabase.open(urls[0]) as one, await ControlDatabase.open(urls[1]) as other:
        await asyncio.gather(one.migrate(), other.migrate())
        await TenantStore(one).add(Tenant(id="club", name="Club", hosts=()))
        assert [len(await TenantStore(database).all()) for database in (one, other)] == [2, 1]


async def test_what_a_failed_transaction_wrote_is_gone_and_others_are_not_touched(database):
    async def fail():
        await AuditRow.create(id="lost", at="2030-06-01", action="x", target="", outcome="done")
        raise LookupError

    async def succeed():
        await AuditRow.create(id="kept", at="2030-06-01T00:00:00Z", action="x", target="", outcome="done")

    results = await asyncio.gather(
        database.run_in_transaction(fail()), database.run_in_transaction(succeed()), return_exceptions=True
    )
    assert isinstance(results[0], LookupError)

    async def ids():
        return [row.id for row in await AuditRow.all()]

    assert await database.run(ids()) == ["kept"]


async def test_a_new_file_is_for_its_owner_only(tmp_path):
    path = tmp_path / "control.sqlite"
    async with await ControlDatabase.open(f"sqlite://{path}") as database:
        await database.migrate()
        assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite:", "sqlite://", "some/path", "postgresql"])
async def test_other_urls_are_refused(url):
    with pytest.raises(ControlUrlError):
        await ControlDatabase.open(url)


async def test_a_server_that_is_not_there_is_unavailable_and_its_password_not_shown(unused_tcp_port):
    with pytest.raises(ControlUnavailable) as refused:
        await ControlDatabase.open(f"postgresql://someone:secret@127.0.0.1:{unused_tcp_port}/x")
    assert "secret" not in str(refused.value)


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(ControlUnavailable):
        await ControlDatabase.open(f"sqlite://{tmp_path / 'none' / 'control.sqlite'}")
