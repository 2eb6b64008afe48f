"""Reads and writes of operators, acts and consents; run inside `ControlDatabase.run...`."""

import re
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

import msgspec

from region_node.control.acts import Act
from region_node.control.models import ActRow, ApprovalRow, OperatorRow
from region_node.control.records import Consent, NewOperator, Operator, RecordedAct, Role

_ID = re.compile(r"[0-9A-Za-z]{1,40}", re.ASCII)


async def operators(*, lock: bool = False) -> tuple[Operator, ...]:
    """All, revoked ones included, by name; with *lock* until the transaction ends, where the engine can."""
    query = OperatorRow.all().order_by("name")
    return tuple([_operator(row) for row in await (query.select_for_update() if lock else query)])


async def with_digest(operator_id: str) -> tuple[Operator, str] | None:
    row = await OperatorRow.get_or_none(id=operator_id)
    return None if row is None else (_operator(row), row.token_digest)


async def insert_operator(newcomer: NewOperator, roles: frozenset[Role], now: datetime) -> None:
    await OperatorRow.create(
        id=newcomer.operator_id,
        name=newcomer.name,
        roles=sorted(roles),
        token_digest=newcomer.token_digest,
        approval_key=newcomer.approval_key,
        created_at=now,
    )


async def insert_bootstrap(newcomers: tuple[NewOperator, ...], now: datetime) -> None:
    """The one act that nobody could sign; its fixed id makes a second one fail, also at the same moment."""
    facts = [{"name": newcomer.name, "approval_key": newcomer.approval_key} for newcomer in newcomers]
    await ActRow.create(
        id="bootstrap",
        kind="operator.bootstrap",
        document=msgspec.json.encode(facts),
        proposer_id="",
        expires_at=now,
        decided_at=now,
    )


async def revoke(operator_id: str, now: datetime) -> None:
    await OperatorRow.filter(id=operator_id, revoked_at=None).update(revoked_at=now)


async def insert_act(act: Act, document: bytes) -> None:
    await ActRow.create(
        id=act.act_id,
        kind=act.kind,
        document=document,
        proposer_id=act.proposer_id,
        expires_at=act.expires_at,
    )


async def decide(act_id: str, now: datetime) -> bytes | None:
    """Mark a pending act as decided and return its document; None if it is not pending.

    A write, and the first step of an approval, so that of two at once one waits and then finds it decided.
    """
    if not _ID.fullmatch(act_id):
        return None
    if not await ActRow.filter(id=act_id, decided_at__isnull=True).update(decided_at=now):
        return None
    return bytes((await ActRow.get(id=act_id)).document)


async def insert_consent(act_id: str, operator: Operator, signature: str, now: datetime) -> None:
    await ApprovalRow.create(
        act_id=act_id,
        operator_id=operator.id,
        approval_key=operator.approval_key,
        signature=signature,
        signed_at=now,
    )


async def recorded_act(act_id: str) -> RecordedAct | None:
    return (await recorded_acts([act_id])).get(act_id)


async def recorded_acts(act_ids: Collection[str]) -> dict[str, RecordedAct]:
    """Acts with their signatures by id; those that are not there are left out."""
    ids = [act_id for act_id in act_ids if _ID.fullmatch(act_id)]
    consents: dict[str, list[Consent]] = defaultdict(list)
    for row in await ApprovalRow.filter(act_id__in=ids).order_by("id"):
        consents[row.act_id].append(_consent(row))
    return {
        row.id: RecordedAct(
            id=row.id,
            document=bytes(row.document),
            consents=tuple(consents[row.id]),
            decided_at=row.decided_at,
        )
        for row in await ActRow.filter(id__in=ids)
    }


def _consent(row: ApprovalRow) -> Consent:
    return Consent(
        operator_id=row.operator_id,
        approval_key=row.approval_key,
        signature=row.signature,
        signed_at=row.signed_at,
    )


def _operator(row: OperatorRow) -> Operator:
    return Operator(
        id=row.id,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        approval_key=row.approval_key,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
