"""How operators and their acts are shown: text for people, the same facts as JSON or YAML for programs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table

from cli.output import OutputFormat, emit, stdout
from region_node.control.acts import Act, AddOperator, ErasePerson, RevokeOperator, is_signed_by
from region_node.control.records import Operator, RecordedAct


def show(output: OutputFormat, facts: Any, *lines: str) -> None:
    if output is not OutputFormat.TEXT:
        emit(facts, output)
        return
    for line in lines:
        stdout.print(line, markup=False, soft_wrap=True)


def wording(act: Act) -> str:
    """What a person agrees to when signing *act*."""
    body = act.body
    if isinstance(body, AddOperator):
        return f"add operator {body.name} as {', '.join(body.roles)}, approval key {body.approval_key}"
    if isinstance(body, RevokeOperator):
        return f"revoke operator {body.name} ({body.operator_id})"
    if isinstance(body, ErasePerson):
        whose = f"tenant {body.tenant}, person hash {body.person_hash}"
        return f"erase, for good, the person whom request {body.request_id} is about ({whose})"
    when = f"from {body.active_from:%Y-%m-%d %H:%M:%S} UTC on" if body.active_from else "when it is activated"
    return (
        f"put pack {body.jurisdiction} {body.version} (sha256 {body.sha256}) in force {when},"
        f" in the place of {body.replaces or 'none'}"
    )


def show_proposed(output: OutputFormat, act: Act, path: Path) -> None:
    facts = {"act_id": act.act_id, "kind": act.kind, "act_file": str(path), "expires_at": act.expires_at}
    show(
        output,
        facts,
        f"proposed: {wording(act)}",
        f"a second operator runs: meridian operator approve {path}",
    )


def show_operators(output: OutputFormat, operators: Iterable[Operator]) -> None:
    if output is not OutputFormat.TEXT:
        emit([_operator(one) for one in operators], output)
        return
    table = Table("name", "roles", "since", "revoked", box=None)
    for one in operators:
        revoked = f"{one.revoked_at:%Y-%m-%d}" if one.revoked_at else ""
        table.add_row(one.name, ", ".join(sorted(one.roles)), f"{one.created_at:%Y-%m-%d}", revoked)
    stdout.print(table)


def show_proof(output: OutputFormat, act: RecordedAct) -> bool:
    """Show who consented to *act*; False when a signature does not verify."""
    document = act.document.decode()
    consents = [
        {
            "operator_id": one.operator_id,
            "approval_key": one.approval_key,
            "signature": one.signature,
            "signed_at": one.signed_at,
            "verified": is_signed_by(act.document, one.signature, one.approval_key),
        }
        for one in act.consents
    ]
    lines = [f"{one['operator_id']}: {'verified' if one['verified'] else 'NOT VERIFIED'}" for one in consents]
    show(output, {"act_id": act.id, "document": document, "consents": consents}, document, *lines)
    return all(one["verified"] for one in consents)


def _operator(one: Operator) -> dict[str, Any]:
    return {
        "operator_id": one.id,
        "name": one.name,
        "roles": sorted(one.roles),
        "approval_key": one.approval_key,
        "created_at": one.created_at,
        "revoked_at": one.revoked_at,
    }
