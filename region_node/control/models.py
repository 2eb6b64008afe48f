"""Tables of the control database; they never leave this package, whose functions return `records`.

No athlete's personal data stands here. Ids are ULIDs or short names; instants are UTC.
"""

from tortoise import fields
from tortoise.models import Model

ID = 40
NAME = 120


class TenantRow(Model):
    id = fields.CharField(max_length=ID, primary_key=True)
    name = fields.CharField(max_length=NAME)

    hosts: fields.ReverseRelation["TenantHostRow"]

    class Meta:
        table = "tenant"


class TenantHostRow(Model):
    host = fields.CharField(max_length=253, primary_key=True)
    tenant: fields.ForeignKeyRelation[TenantRow] = fields.ForeignKeyField(
        "control.TenantRow", related_name="hosts", on_delete=fields.RESTRICT
    )
    tenant_id: str

    class Meta:
        table = "tenant_host"


class RegionRow(Model):
    id = fields.CharField(max_length=ID, primary_key=True)
    residency_group = fields.CharField(max_length=ID)
    address = fields.CharField(max_length=300)
    signing_keys: fields.Field[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "region"


class OperatorRow(Model):
    id = fields.CharField(max_length=ID, primary_key=True)
    name = fields.CharField(max_length=NAME, unique=True)
    roles: fields.Field[list[str]] = fields.JSONField()
    token_digest = fields.CharField(max_length=64)
    approval_key = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator"


class PackTextRow(Model):
    """A version of a pack, as its file says it; kept for ever, so that old rulings can be made again."""

    sha256 = fields.CharField(max_length=64, primary_key=True)
    jurisdiction = fields.CharField(max_length=ID)
    version = fields.CharField(max_length=ID)
    text = fields.TextField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "pack_text"
        unique_together = (("jurisdiction", "version"),)


class PackActivationRow(Model):
    """A version that takes effect at an instant; of those that have begun, the last row is in force."""

    id = fields.IntField(primary_key=True)
    jurisdiction = fields.CharField(max_length=ID)
    version = fields.CharField(max_length=ID)
    sha256 = fields.CharField(max_length=64)
    active_from = fields.DatetimeField()
    decided_at = fields.DatetimeField()
    act_id = fields.CharField(max_length=ID, null=True, unique=True)
    signer = fields.CharField(max_length=64)
    signature = fields.CharField(max_length=128)

    class Meta:
        table = "pack_activation"


class ActRow(Model):
    id = fields.CharField(max_length=ID, primary_key=True)
    kind = fields.CharField(max_length=ID)
    document = fields.BinaryField()
    proposer_id = fields.CharField(max_length=ID)
    expires_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "act"


class ApprovalRow(Model):
    id = fields.IntField(primary_key=True)
    act: fields.ForeignKeyRelation[ActRow] = fields.ForeignKeyField(
        "control.ActRow", related_name="approvals", on_delete=fields.RESTRICT
    )
    act_id: str
    operator_id = fields.CharField(max_length=ID)
    approval_key = fields.CharField(max_length=64)
    signature = fields.CharField(max_length=128)
    signed_at = fields.DatetimeField()

    class Meta:
        table = "approval"
        unique_together = (("act_id", "operator_id"),)


class AuditRow(Model):
    id = fields.CharField(max_length=ID, primary_key=True)
    at = fields.DatetimeField(db_index=True)
    operator_id = fields.CharField(max_length=ID, null=True)
    action = fields.CharField(max_length=ID)
    target = fields.CharField(max_length=300)
    outcome = fields.CharField(max_length=ID)

    class Meta:
        table = "operator_audit"


class IncidentRow(Model):
    """`what` is a short text of an operator; `affected` names stores, tenants and categories."""

    id = fields.CharField(max_length=ID, primary_key=True)
    what = fields.CharField(max_length=300)
    drill = fields.BooleanField()
    discovered_at = fields.DatetimeField()
    opened_at = fields.DatetimeField(db_index=True)
    opened_by = fields.CharField(max_length=ID)
    affected: fields.Field[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "incident"


class IncidentStepRow(Model):
    """What was found out or done since. Append-only: a later step takes the place of an earlier one."""

    id = fields.IntField(primary_key=True)
    incident: fields.ForeignKeyRelation[IncidentRow] = fields.ForeignKeyField(
        "control.IncidentRow", related_name="steps", on_delete=fields.RESTRICT
    )
    incident_id: str
    kind = fields.CharField(max_length=ID)
    at = fields.DatetimeField()
    operator_id = fields.CharField(max_length=ID)
    document: fields.Field[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "incident_step"
