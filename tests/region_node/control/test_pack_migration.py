"""What was recorded of packs before their texts were kept."""

from datetime import UTC, datetime

from tortoise.context import require_context
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from region_node.control.database import ControlDatabase
from region_node.control.pack_versions import PackVersions
from region_node.security.signing_keys import SigningKey
from region_node.shipping import ship_packs
from tests.support.pack_world import shipped_version

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


async def test_versions_without_a_text_stay_as_history_and_the_packs_that_ship_take_effect(control_url):
    async with await ControlDatabase.open(control_url) as database:
        await database.run(_as_it_was(database))
        assert await database.missing_migrations() == await database.migrate()
        versions = PackVersions(database)
        (kept,) = await versions.activations("eu")
        assert ("2026-01-01", BEFORE, "") == (kept.version, kept.active_from, kept.signature)
        await ship_packs(versions, SigningKey(bytes(32)))
        activated = [one.version for one in await versions.activations("eu")]
        assert ["2026-01-01", shipped_version("eu")] == activated


async def _as_it_was(database):
    connection = require_context().db()
    first = [MigrationTarget(app_label="control", name="0001_initial")]
    await MigrationExecutor(connection, database._apps).migrate(first, direction="forward")
    await connection.execute_query(
        "INSERT INTO pack_version (jurisdiction, version, sha256, active_from)"
        " VALUES ('eu', '2026-01-01', 'a', '2026-01-01 00:00:00+00:00')"
    )
