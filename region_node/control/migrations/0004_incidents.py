"""Incidents and their steps; what was recorded of one is never rewritten."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

APPEND_ONLY = ("incident", "incident_step")


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
    dependencies = [("control", "0003_subdivisions_in_regions_file")]  # noqa: RUF012 - declared so by the base class

    operations = [  # noqa: RUF012 - as above
        ops.CreateModel(
            name="IncidentRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("what", fields.CharField(max_length=300)),
                ("drill", fields.BooleanField()),
                ("discovered_at", fields.DatetimeField()),
                ("opened_at", fields.DatetimeField(db_index=True)),
                ("opened_by", fields.CharField(max_length=40)),
                ("affected", fields.JSONField()),
            ],
            options={"table": "incident", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IncidentStepRow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True)),
                (
                    "incident",
                    fields.ForeignKeyField(
                        "control.IncidentRow",
                        source_field="incident_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="steps",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=40)),
                ("at", fields.DatetimeField()),
                ("operator_id", fields.CharField(max_length=40)),
                ("document", fields.JSONField()),
            ],
            options={"table": "incident_step", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.RunPython(forbid_rewriting),
    ]
