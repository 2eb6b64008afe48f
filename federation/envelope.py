"""The envelope of what crosses regions: CloudEvents 1.0 as JSON in one canonical form, signed by its origin.

Names of attributes are those of CloudEvents (lower-case letters and digits). Integers of CloudEvents have 32
bits, so the send number is written as digits. Nothing of an envelope is used before `open_envelope` has
checked it, and nothing but its reason is told of one that was refused.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from federation.canonical import NotCanonical, canonical, read_canonical, unsigned
from federation.keyring import Claim, Context, KeyFault, Keyring, SignatureRefused, Signer
from federation.subjects import NOBODY, SubjectBroken, parse_subject
from policies.vocabulary import LegalBasis, Purpose, Region

MAX_ENVELOPE_BYTES = 64 * 1024
SOURCE = "urn:meridian:region:"
_INT32 = 2**31 - 1

Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Count = Annotated[int, Meta(ge=1, le=_INT32)]
Instant = Annotated[datetime, Meta(tz=True)]


class Refusal(StrEnum):
    """Why an envelope is not let in; each is counted. Values are shown to operators."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    KEY_OF_ANOTHER = "key-of-another-region"
    REVOKED_KEY = "revoked-key"
    PAST_KEY = "past-key"
    BAD_SIGNATURE = "bad-signature"
    WRONG_ORIGIN = "wrong-origin"
    WRONG_DESTINATION = "wrong-destination"
    WRONG_SUBJECT = "wrong-subject"
    EXPIRED = "expired"
    UNKNOWN_TYPE = "unknown-type"
    WRONG_LANE = "wrong-lane"
    OUTSIDE_SCHEMA = "outside-schema"
    WRONG_PURPOSE = "wrong-purpose"
    UNKNOWN_TENANT = "unknown-tenant"
    SUBJECT_OF_OTHERS = "subject-of-others"
    """Of a jurisdiction that the origin's residency group may not hold."""
    WRONG_NUMBER = "wrong-number"
    """Of the lane: none that a broker gives."""
    NOT_ASKED = "not-asked"
    """A receipt for what this region never asked."""
    NOT_HANDLED = "not-handled"
    """Let in, and given up after several faults of ours."""


_OF_KEYS = {
    KeyFault.UNKNOWN: Refusal.UNKNOWN_KEY,
    KeyFault.OF_ANOTHER: Refusal.KEY_OF_ANOTHER,
    KeyFault.REVOKED: Refusal.REVOKED_KEY,
    KeyFault.PAST: Refusal.PAST_KEY,
    KeyFault.BROKEN: Refusal.BAD_SIGNATURE,
}


class EnvelopeRefused(Exception):
    """It goes into quarantine, by id, hash and `reason`; trying again does not help."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Envelope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One event for one destination.

    Attributes:
        source: The origin, as a URN.
        subject: The person whose data it is; empty where it is about nobody.
        typenumber: The number of the type in the catalogue, with its version.
        aggregateid: What changed, and its version then.
        sendnumber: Digits of `federation.send_number`; orders all that is sent about the subject.
        basis: The ground that the origin found; none where no field is personal.
        consentversion: Of the ledger entry that the ruling rests on; 0 where it rests on none.
        packversion: Of the law that the origin applied.
        expirytime: From when the destination must not take it in any more.
    """

    specversion: Literal["1.0"]
    id: Token
    source: Annotated[str, Meta(pattern=rf"^{SOURCE}[a-z0-9-]{{1,40}}$")]
    type: Annotated[str, Meta(max_length=80)]
    typenumber: Count
    typeversion: Count
    datacontenttype: Literal["application/json"]
    time: Instant
    destination: Token
    tenant: Token
    aggregateid: Token
    aggregateversion: Count
    sendnumber: Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}$")]
    packversion: Annotated[str, Meta(max_length=80)]
    purpose: Purpose
    expirytime: Instant
    keyid: Token
    data: dict[str, Any]
    subject: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,80}$")] = ""
    basis: LegalBasis | None = None
    consentversion: Annotated[int, Meta(ge=0, le=_INT32)] = 0
    signature: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,86}$")] = ""

    @property
    def origin(self) -> Region:
        return Region(self.source.removeprefix(SOURCE))

    @property
    def number(self) -> int:
        return int(self.sendnumber)

    def __repr__(self) -> str:
        return f"Envelope({self.id}, {self.type})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How an envelope came: from whose broker, under which subject, where and when."""

    origin: Region
    here: Region
    subject: str
    at: datetime


def seal(envelope: Envelope, signer: Signer) -> bytes:
    """The signed bytes of *envelope*, of which origin, key id and signature are set here.

    Raises:
        ValueError: larger than any region takes.
    """
    named = msgspec.structs.replace(
        envelope, source=SOURCE + signer.region, keyid=signer.key_id, signature=""
    )
    signature = signer.sign(Context.ENVELOPE, canonical(named))
    body = canonical(msgspec.structs.replace(named, signature=signature))
    if len(body) > MAX_ENVELOPE_BYTES:
        raise ValueError(f"an envelope of {len(body)} bytes, of type {envelope.type}, is too large")
    return body


def open_envelope(body: bytes, arrival: Arrival, keyring: Keyring) -> Envelope:
    """Read *body* if its origin signed it, for this region, and it came the way that it says.

    Whether its type is known and its data fit is asked of `federation.codec`.

    Raises:
        EnvelopeRefused
    """
    if len(body) > MAX_ENVELOPE_BYTES:
        raise EnvelopeRefused(Refusal.OVERSIZED)
    try:
        envelope = read_canonical(body, Envelope)
    except NotCanonical:
        raise EnvelopeRefused(Refusal.MALFORMED) from None
    claim = Claim(region=envelope.origin, key_id=envelope.keyid, signature=envelope.signature, at=arrival.at)
    try:
        keyring.check(Context.ENVELOPE, claim, unsigned(envelope))
    except SignatureRefused as refused:
        raise EnvelopeRefused(_OF_KEYS[refused.fault]) from None
    _check_way(envelope, arrival)
    return envelope


def _check_way(envelope: Envelope, arrival: Arrival) -> None:
    """A region that holds somebody else's signed envelope must not be able to pass it on as its own."""
    try:
        way = parse_subject(arrival.subject)
    except SubjectBroken:
        raise EnvelopeRefused(Refusal.WRONG_SUBJECT) from None
    if not envelope.origin == arrival.origin == way.origin:
        raise EnvelopeRefused(Refusal.WRONG_ORIGIN)
    if not envelope.destination == arrival.here == way.destination:
        raise EnvelopeRefused(Refusal.WRONG_DESTINATION)
    said = (envelope.tenant, envelope.type, envelope.subject or NOBODY)
    if said != (way.tenant, way.type, way.person):
        raise EnvelopeRefused(Refusal.WRONG_SUBJECT)
    if envelope.expirytime <= arrival.at:
        raise EnvelopeRefused(Refusal.EXPIRED)
