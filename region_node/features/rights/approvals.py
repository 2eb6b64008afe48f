"""An erasure by staff rests on an act that two of them signed, each with a key of their own."""

from region_node.control.acts import ActUnreadable, ErasePerson, is_signed_by, read_act
from region_node.control.records import RecordedAct
from region_node.features.rights.model import Approval, Request
from region_node.features.rights.receipts import person_hash

STAFF_NEEDED = 2


def act_on(tenant: str, request: Request) -> ErasePerson:
    """What is to be signed."""
    digest = person_hash(request.request_id, request.person_id)
    return ErasePerson(tenant=tenant, request_id=request.request_id, person_hash=digest)


def approval_by(recorded: RecordedAct, tenant: str, request: Request) -> Approval | None:
    """Who agreed; None unless STAFF_NEEDED people with a key each signed exactly this, and it was decided."""
    try:
        act = read_act(recorded.document)
    except ActUnreadable:
        return None
    good = [
        one for one in recorded.consents if is_signed_by(recorded.document, one.signature, one.approval_key)
    ]
    people, keys = {one.operator_id for one in good}, {one.approval_key for one in good}
    if recorded.decided_at is None or act.body != act_on(tenant, request):
        return None
    if min(len(people), len(keys)) < STAFF_NEEDED:
        return None
    by = tuple(dict.fromkeys(one.operator_id for one in good))
    return Approval(by=by, at=recorded.decided_at, act_id=recorded.id)
