"""The first tables, the default tenant, and triggers that keep the record of acts from being rewritten."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

APPEND_ONLY = ("operator_audit", "approval")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


async def add_default_tenant(_: StateApps, editor: BaseSchemaEditor) -> None:
    """Every row belongs to a tenant from the first day; this one answers on the machine itself."""
    await editor.client.execute_query("INSERT INTO tenant (id, name) VALUES ('default', 'Meridian')")
    for host in LOCAL_HOSTS:
        await editor.client.execute_query(
            f"INSERT INTO tenant_host (host, tenant_id) VALUES ('{host}', 'default')"  # noqa: S608 - constants  # nosec B608
        )


async def forbid_rewriting(_: StateApps, editor: BaseSchemaEditor) -> None:
    for statement in _triggers(editor.client.capabilities.dialect):
        await editor.client.execute_query(statement)


def _triggers(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in APPEND_ONLY
            for change in ("update", "delete")
        ]
    return [
        """
        CREATE FUNCTION refuse_rewriting() RETURNS trigger AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
        """,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
            for table in APPEND_ONLY
        ),
    ]


class Migration(migrations.Migration):
    initial = True

    operations = [  # noqa: RUF012 - declared so by the base class
        ops.CreateModel(
            name="ActRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("kind", fields.CharField(max_length=40)),
                ("document", fields.BinaryField()),
                ("proposer_id", fields.CharField(max_length=40)),
                ("expires_at", fields.DatetimeField()),
                ("decided_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "act", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ApprovalRow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True)),
                (
                    "act",
                    fields.ForeignKeyField(
                        "control.ActRow",
                        source_field="act_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="approvals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("operator_id", fields.CharField(max_length=40)),
                ("approval_key", fields.CharField(max_length=64)),
                ("signature", fields.CharField(max_length=128)),
                ("signed_at", fields.DatetimeField()),
            ],
            options={
                "table": "approval",
                "app": "control",
                "unique_together": (("act_id", "operator_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("at", fields.DatetimeField(db_index=True)),
                ("operator_id", fields.CharField(null=True, max_length=40)),
                ("action", fields.CharField(max_length=40)),
                ("target", fields.CharField(max_length=300)),
                ("outcome", fields.CharField(max_length=40)),
            ],
            options={"table": "operator_audit", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EnabledSubdivisionRow",
            fields=[
                ("code", fields.CharField(primary_key=True, max_length=10)),
                ("operator_id", fields.CharField(max_length=40)),
                ("reference", fields.CharField(max_length=300)),
                ("enabled_at", fields.DatetimeField()),
            ],
            options={"table": "enabled_subdivision", "app": "control", "pk_attr": "code"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OperatorRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("name", fields.CharField(unique=True, max_length=120)),
                ("roles", fields.JSONField()),
                ("token_digest", fields.CharField(max_length=64)),
                ("approval_key", fields.CharField(unique=True, max_length=64)),
                ("created_at", fields.DatetimeField()),
                ("revoked_at", fields.DatetimeField(null=True)),
            ],
            options={"table": "operator", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PackVersionRow",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True)),
                ("jurisdiction", fields.CharField(max_length=40)),
                ("version", fields.CharField(max_length=40)),
                ("sha256", fields.CharField(max_length=64)),
                ("active_from", fields.DatetimeField()),
            ],
            options={
                "table": "pack_version",
                "app": "control",
                "unique_together": (("jurisdiction", "version"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RegionRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("residency_group", fields.CharField(max_length=40)),
                ("address", fields.CharField(max_length=300)),
                ("signing_keys", fields.JSONField()),
            ],
            options={"table": "region", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TenantRow",
            fields=[
                ("id", fields.CharField(primary_key=True, max_length=40)),
                ("name", fields.CharField(max_length=120)),
            ],
            options={"table": "tenant", "app": "control", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TenantHostRow",
            fields=[
                ("host", fields.CharField(primary_key=True, max_length=253)),
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "control.TenantRow",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="hosts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "tenant_host", "app": "control", "pk_attr": "host"},
            bases=["Model"],
        ),
        ops.RunPython(add_default_tenant),
        ops.RunPython(forbid_rewriting),
    ]
