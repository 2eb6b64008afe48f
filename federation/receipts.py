"""A region's signed word that it has taken something back.

It stands for itself: whoever has the public keys and knows the person can check it years later. It names
the person by a hash that only somebody who knows the id can make.
"""

import hashlib
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from federation.canonical import NotCanonical, canonical, read_canonical, unsigned
from federation.envelope import Count, Envelope, Instant, Token
from federation.keyring import Claim, Context, Keyring, SignatureRefused, Signer
from federation.subjects import NOBODY, FederatedSubject
from federation.topology import Lane
from policies.vocabulary import Region

MAX_RECEIPT_BYTES = 4096
TYPE = "receipt"


class ReceiptRefused(Exception):
    """It was not signed by the region that it names, was changed, or is about something else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What `region` has done.

    Attributes:
        envelope_id: Of the retraction, with its type, origin and send number.
        subject_hash: `subject_hash` of that id and the person.
        removed: How many rows went; 0 where there was nothing of the person.
        done_at: From when nothing of it is served or kept there.
    """

    format: Annotated[int, Meta(ge=1, le=1)]
    envelope_id: Token
    type_number: Count
    send_number: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}$")]
    origin: Token
    region: Token
    subject_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    removed: Annotated[int, Meta(ge=0)]
    done_at: Instant
    key_id: Token
    signature: Annotated[str, Meta(max_length=86)] = ""


def receipt_subject(retraction: Envelope) -> FederatedSubject:
    """Under which the receipt goes back: it names the person, whom the receipt itself does not."""
    return FederatedSubject(
        origin=Region(retraction.destination),
        destination=retraction.origin,
        lane=Lane.RETRACTION,
        tenant=retraction.tenant,
        type=TYPE,
        person=retraction.subject or NOBODY,
    )


def subject_hash(envelope_id: str, person: str) -> str:
    """The random id of the retraction is the salt: two receipts about one person have nothing in common."""
    return hashlib.sha256(f"{envelope_id}.{person}".encode()).hexdigest()


def sign_receipt(retraction: Envelope, removed: int, done_at: datetime, signer: Signer) -> bytes:
    receipt = Receipt(
        format=1,
        envelope_id=retraction.id,
        type_number=retraction.typenumber,
        send_number=retraction.sendnumber,
        origin=retraction.origin,
        region=signer.region,
        subject_hash=subject_hash(retraction.id, retraction.subject),
        removed=removed,
        done_at=done_at,
        key_id=signer.key_id,
    )
    signature = signer.sign(Context.RECEIPT, canonical(receipt))
    return canonical(msgspec.structs.replace(receipt, signature=signature))


def read_receipt(body: bytes, keyring: Keyring) -> Receipt:
    """What *body* says, if the region that it names signed it with a key that was good at that instant.

    Raises:
        ReceiptRefused
    """
    if len(body) > MAX_RECEIPT_BYTES:
        raise ReceiptRefused("oversized")
    try:
        receipt = read_canonical(body, Receipt)
        claim = Claim(
            region=receipt.region, key_id=receipt.key_id, signature=receipt.signature, at=receipt.done_at
        )
        keyring.check(Context.RECEIPT, claim, unsigned(receipt))
    except NotCanonical:
        raise ReceiptRefused("malformed") from None
    except SignatureRefused as refused:
        raise ReceiptRefused(refused.fault) from None
    return receipt


def require_receipt_for(retraction: Envelope, receipt: Receipt) -> None:
    """Raises ReceiptRefused where *receipt* is not about *retraction*, or of another than its destination."""
    expected = (
        retraction.id,
        retraction.sendnumber,
        retraction.origin,
        retraction.destination,
        subject_hash(retraction.id, retraction.subject),
    )
    said = (receipt.envelope_id, receipt.send_number, receipt.origin, receipt.region, receipt.subject_hash)
    if expected != said:
        raise ReceiptRefused("not about this retraction")
