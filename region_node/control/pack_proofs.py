"""Whether a version of a pack is in force by right: its text unaltered, its activation signed; pure.

What shipped with the software was signed by the region when it was recorded. Everything else was agreed on by
two operators, whose act names the digest of the text.
"""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from region_node.control.acts import ActivatePack, ActUnreadable, is_signed_by, read_act, verifies
from region_node.control.records import PackActivation, PackText, RecordedAct

MAX_TEXT_BYTES = 512 * 1024
LEAD = timedelta(seconds=15)
"""The least time from decision to effect: every node has read of it by then, and all change at once."""

_SIGNATURES = 2
_DOMAIN = b"meridian pack activation 1\n"


class _Signed(msgspec.Struct, frozen=True, kw_only=True):
    act_id: str | None
    active_from: datetime
    jurisdiction: str
    sha256: str
    version: str


def digest(text: str) -> str:
    """SHA-256 in hex of a pack's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def activation_bytes(activation: PackActivation) -> bytes:
    """What the signer of an activation signs: JSON with sorted names and no spaces, after a domain line."""
    signed = _Signed(
        act_id=activation.act_id,
        active_from=activation.active_from,
        jurisdiction=activation.jurisdiction,
        sha256=activation.sha256,
        version=activation.version,
    )
    return _DOMAIN + msgspec.json.encode(signed, order="sorted")


def why_unproven(
    activation: PackActivation,
    text: PackText | None,
    act: RecordedAct | None,
    region_keys: AbstractSet[str],
    operator_keys: Mapping[str, str],
) -> str:
    """Return what is wrong, for a log and an officer; empty where all holds.

    *region_keys* are this region's public keys (base64url), *operator_keys* approval keys by operator id, of
    those who left too.
    """
    if text is None:
        return "its text is not on record"
    if text.sha256 != activation.sha256 or digest(text.text) != activation.sha256:
        return "its text is not the one that was activated"
    if (text.jurisdiction, text.version) != (activation.jurisdiction, activation.version):
        return "its text is of another jurisdiction or version"
    if activation.act_id is None:
        return "" if _is_signed(activation, region_keys) else "it is not signed by this region"
    if act is None:
        return "the act that activated it is not on record"
    return _why_not_agreed(activation, act, operator_keys)


def _why_not_agreed(activation: PackActivation, act: RecordedAct, operator_keys: Mapping[str, str]) -> str:
    try:
        body = read_act(act.document).body
    except ActUnreadable:
        return "the act that activated it cannot be read"
    if not isinstance(body, ActivatePack) or (body.jurisdiction, body.version, body.sha256) != (
        activation.jurisdiction,
        activation.version,
        activation.sha256,
    ):
        return "the act that activated it is about something else"
    people = {
        consent.operator_id
        for consent in act.consents
        if operator_keys.get(consent.operator_id) == consent.approval_key
        and is_signed_by(act.document, consent.signature, consent.approval_key)
    }
    if act.decided_at is None or len(people) < _SIGNATURES:
        return "it does not have the signatures of two operators"
    if body.active_from is None:
        by_operator = _is_signed(activation, set(operator_keys.values()))
        return "" if by_operator else "its instant is not signed by an operator"
    if activation.active_from != max(body.active_from, act.decided_at + LEAD):
        return "it was activated for another instant than the one agreed on"
    return ""


def _is_signed(activation: PackActivation, keys: AbstractSet[str]) -> bool:
    return activation.signer in keys and verifies(
        activation_bytes(activation), activation.signature, activation.signer
    )
