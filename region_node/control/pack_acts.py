"""What it takes to put a version of a pack in force; run inside a transaction of the operators' registry."""

from dataclasses import dataclass, replace
from datetime import datetime

from region_node.control import operator_rows as rows
from region_node.control.act_errors import ActConflict, ActNotFound, ActRefused
from region_node.control.acts import Act, ActivatePack, read_act, verifies
from region_node.control.pack_proofs import LEAD, MAX_TEXT_BYTES, activation_bytes
from region_node.control.pack_versions import activations, insert_activation, text_of
from region_node.control.records import Operator, PackActivation, Role

ROLES = frozenset({Role.OPERATOR, Role.COMPLIANCE_OFFICER})
"""Who may propose, approve and activate packs, and approve erasures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """From when an agreed act holds; `signature` is over `pack_proofs.activation_bytes`."""

    act_id: str
    active_from: datetime
    signature: str


async def require_possible(body: ActivatePack) -> None:
    """Raises ActRefused without its text on record, ActConflict where another decision came in between."""
    text = await text_of(body.jurisdiction, body.version)
    if text is None or text.sha256 != body.sha256:
        raise ActRefused(f"pack {body.jurisdiction} {body.version} is not on record with this content")
    if len(text.text.encode()) > MAX_TEXT_BYTES:
        raise ActRefused(f"a pack has at most {MAX_TEXT_BYTES // 1024} KiB")
    decided = await activations(body.jurisdiction)
    latest = decided[-1].version if decided else ""
    if latest == body.version:
        raise ActConflict(f"pack {body.jurisdiction} {body.version} was activated already")
    if latest != body.replaces:
        raise ActConflict(f"pack {body.jurisdiction} {latest} was activated meanwhile: propose again")


async def carry_out(act: Act, body: ActivatePack, now: datetime) -> None:
    """Activate what two people agreed on, if they agreed on an instant as well."""
    if body.active_from is not None:
        await insert_activation(activation_of(act, body, max(body.active_from, now + LEAD), now))


async def activate(caller: Operator, instant: Instant, now: datetime) -> PackActivation:
    """Give an agreed act its instant.

    Raises:
        ActNotFound: There is no such act.
        ActRefused: It is not agreed on, has expired or is not open; or the signature is not the caller's.
        ActConflict: It was activated already, or another version was meanwhile.
    """
    recorded = await rows.recorded_act(instant.act_id)
    if recorded is None:
        raise ActNotFound("there is no such act")
    act = read_act(recorded.document)
    body = act.body
    if not isinstance(body, ActivatePack) or body.active_from is not None:
        raise ActRefused("only a pack that was proposed without an instant is given one")
    if recorded.decided_at is None:
        raise ActRefused("a second person has to approve the act first")
    if act.expires_at <= now:
        raise ActRefused("the act has expired: propose it again")
    if instant.active_from < now:
        raise ActRefused("the instant has passed: a pack takes effect now or later")
    activation = replace(
        activation_of(act, body, instant.active_from, now),
        signer=caller.approval_key,
        signature=instant.signature,
    )
    if not ROLES & caller.roles or not verifies(
        activation_bytes(activation), instant.signature, caller.approval_key
    ):
        raise ActRefused("you may not activate packs, or the signature is not by your approval key")
    await require_possible(body)
    await insert_activation(activation)
    return activation


def activation_of(act: Act, body: ActivatePack, active_from: datetime, now: datetime) -> PackActivation:
    """Return what *act* leads to, without a signature of its own."""
    return PackActivation(
        number=0,
        jurisdiction=body.jurisdiction,
        version=body.version,
        sha256=body.sha256,
        active_from=active_from,
        decided_at=now,
        act_id=act.act_id,
        signer="",
        signature="",
    )
