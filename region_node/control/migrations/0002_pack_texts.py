"""Texts of packs and the instants they take effect at, in the place of a bare list of versions.

Versions recorded before had no text, so that no ruling could be made from them: they stay as history.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

APPEND_ONLY = ("pack_text", "pack_activation")


async def keep_history(_: StateApps, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_query(
        "INSERT INTO pack_activation"
        " (jurisdiction, version, sha256, active_from, decided_at, act_id, signer, signature)"
        " SELECT jurisdiction, version, sha256, active_from, active_from, NULL, '', ''"
        " FROM pack_version ORDER BY id"
    )


async def forbid_rewriting(_: StateApps, editor: BaseSchemaEditor) -> None:
    for table in APPEND_ONLY:
        if editor.client.capabilities.dialect == "sqlite":
            for change in ("update", "delete"):
                await editor.client.execute_query(
                    f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            await editor.client.execute_query(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
            )


class Migration(migrations.Migration):
    dependencies = [("control", "0001_initial")]  # noqa: RUF012 - declared so by the base class

    operations = [  # noqa: RUF012 - declared so by the base class
        ops.CreateModel(
            name="PackTextRow",
            fields=[
                ("sha256", fields.CharField(primary_key=True, max_length=64)),
                ("jurisdiction", fields.CharField(max_length=40)),
                ("version", fields.CharField(max_length=40)),
                ("text", fields.TextField()),
                ("recorded_at", fields.DatetimeField()),
            ],
            options={
                "table": "pack_text",
                "app": "control",
                "unique_together": (("jurisdiction", "version"),),
                "pk_attr": "sha256",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PackActivationRow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True)),
                ("jurisdiction", fields.CharField(max_length=40)),
                ("version", fields.CharField(max_length=40)),
                ("sha256", fields.CharField(max_length=64)),
                ("active_from", fields.DatetimeField()),
                ("decided_at", fields.DatetimeField()),
                ("act_id", fields.CharField(null=True, unique=True, max_length=40)),
                ("signer", fields.CharField(max_length=64)),
                ("signature", fields.CharField(max_length=128)),
            ],
            options={"table": "pack_activation", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunPython(keep_history),
        ops.DeleteModel(name="PackVersionRow"),
        ops.RunPython(forbid_rewriting),
    ]
