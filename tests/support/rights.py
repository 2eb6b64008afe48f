"""The fullest rows that rights write."""

from datetime import UTC, datetime, timedelta

from policies.deadlines import Pause
from policies.vocabulary import Purpose
from region_node.features.rights.erasure.manifests import Manifests
from region_node.features.rights.erasure.model import Announced, Erasure, Manifest, Step, StepDone
from region_node.features.rights.erasure.places import Places
from region_node.features.rights.model import (
    MAX_DETAILS_CHARS,
    MAX_REASON_CHARS,
    STAFF,
    Approval,
    Extension,
    Identity,
    Kind,
    Lifting,
    Request,
    State,
)
from region_node.features.rights.receipts import Receipt, ReceiptStep, hashed_person, sign_receipt
from region_node.features.rights.request_ids import new_request_id
from region_node.features.rights.store import Proof, RightsStore
from region_node.ids import jurisdiction_of, new_id
from region_node.schema import TABLES

WIDE = "\U0001f3c3"
NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
STEPS = tuple(StepDone(step=step, at=NOW) for step in Step)
COUNTS = {table.name: 10**6 for table in TABLES if table.subject}


async def fill_rights(stores, tenant, person_id):
    """A request that was held up, extended and refused; an erasure with its manifest and its proof."""
    jurisdiction = jurisdiction_of(person_id)
    rights = RightsStore(stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True))
    request = fullest_request(person_id)
    await rights.open(request, WIDE * MAX_DETAILS_CHARS)
    await rights.queue_archive(request)
    erasure = fullest_erasure(tenant, person_id, request.request_id)
    await rights.begin_erasure(erasure, request)
    await Manifests(Places(stores.engine, TABLES)).write(rights.store, erasure)
    receipt = sign_receipt(fullest_receipt(erasure), stores.ring.signing_keys()[0])
    await rights.claim_proof(
        Proof(request_id=request.request_id, link=b"x" * 32, receipt=receipt, cleared_at=None)
    )
    await rights.end_erasure(erasure, NOW, NOW)


def fullest_request(person_id):
    operators = (new_id(), new_id())
    return Request(
        request_id=new_request_id(jurisdiction_of(person_id)),
        person_id=person_id,
        kind=Kind.PORTABILITY,
        state=State.IDENTITY_VERIFIED,
        version=2**62,
        channel=STAFF,
        asked_by=operators[0],
        opened_at=NOW,
        due_at=NOW + timedelta(days=90),
        law="x" * 120,
        language="pt-BR",
        identity=Identity(how="x" * 200, by=operators[0], at=NOW),
        approval=Approval(by=operators, at=NOW, act_id=new_id()),
        extension=Extension(due_before=NOW, reason=WIDE * MAX_REASON_CHARS, by=operators[0], at=NOW),
        lifting=Lifting(
            by=operators[0],
            told_at=NOW,
            not_before=NOW,
            reason=WIDE * MAX_REASON_CHARS,
            lifted_by=operators[1],
            lifted_at=NOW,
            receipt="x" * 1500,
        ),
        pauses=(Pause(since=NOW, until=NOW),) * 3,
        reason=WIDE * MAX_REASON_CHARS,
        ended_at=NOW,
        archive=f"ca-qc/xx/{new_id()}",
        archive_bytes=2**40,
        archive_sha256="f" * 64,
        archive_until=NOW,
    )


def fullest_erasure(tenant, person_id, request_id):
    return Erasure(
        request_id=request_id,
        person_id=person_id,
        tenant=tenant,
        jurisdiction=jurisdiction_of(person_id),
        channel=STAFF,
        opened_at=NOW,
        due_at=NOW + timedelta(days=90),
        link=b"x" * 32,
        steps=STEPS,
        manifest=Manifest(chunks=3_000, sha256="f" * 64, rows=COUNTS, objects=10**6),
        key_epoch=2**31,
        ledger_head="f" * 64,
        act_id=new_id(),
        announced=Announced(bucket=NOW, pointer_id=new_id()),
    )


def fullest_receipt(erasure):
    salt, digest = hashed_person(erasure.person_id)
    return Receipt(
        request_id=erasure.request_id,
        kind="erasure",
        tenant=erasure.tenant,
        jurisdiction=erasure.jurisdiction,
        region="a-region-with-a-long-name",
        person_salt=salt,
        person_hash=digest,
        steps=tuple(ReceiptStep(step=one.step.value, at=one.at) for one in erasure.steps),
        completed_at=NOW,
        manifest_sha256="f" * 64,
        rows=COUNTS,
        objects=10**6,
        act_id=new_id(),
        ledger_head="f" * 64,
        disks_by=NOW,
        key_epoch=2**31,
        key_epoch_destroyed_by=NOW,
    )
