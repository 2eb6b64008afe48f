"""Acts that need two people, as documents to sign; pure, so that anyone can verify the signatures later.

An act is proposed and signed by one operator, then signed by a second one. Both sign the same canonical
bytes, on their own machines, with Ed25519. The bytes name the act's own id, so that a consent to one act is
no consent to another.
"""

import base64
import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from region_node.control.records import Role

LIFETIME = timedelta(days=7)
_NAME = r"^[a-z0-9][a-z0-9._-]{0,62}\Z"
Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}\Z")]
_DOMAIN = b"meridian operator act 1\n"
_KEY_BYTES = 32


class AddOperator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="operator.add"):
    operator_id: Id
    name: Annotated[str, msgspec.Meta(pattern=_NAME)]
    roles: tuple[Role, ...]
    approval_key: str


class RevokeOperator(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="operator.revoke"
):
    operator_id: Id
    name: str


class ActivatePack(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="policy.activate"
):
    """Put a version of a pack, which is on record under this digest, in force.

    `active_from` None: from when an operator says so, once two have agreed. An instant that has passed when
    the second one agrees means that one's moment. `replaces` is the version that was decided on last, empty
    where there was none: an act that was overtaken by another is refused.
    """

    jurisdiction: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}(-[a-z0-9]{1,3})?\Z")]
    version: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}(\.\d{1,3})?\Z")]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    replaces: Annotated[str, msgspec.Meta(max_length=40)]
    active_from: Annotated[datetime, msgspec.Meta(tz=True)] | None


class ErasePerson(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="rights.erase"):
    """Erase the person whom a request is about; the region that holds their data carries it out.

    `person_hash` is SHA-256 over the ids of request and person with a dot between: it names nobody, and binds
    the consent to one person whatever becomes of the request's row.
    """

    tenant: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    request_id: Annotated[str, msgspec.Meta(pattern=r"^rq-[a-z]{2}(-[a-z0-9]{1,3})?-[0-9a-z]{26}\Z")]
    person_hash: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


Body = AddOperator | RevokeOperator | ActivatePack | ErasePerson


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    act_id: Id
    proposer_id: Id
    proposed_at: Annotated[datetime, msgspec.Meta(tz=True)]
    body: Body

    @property
    def kind(self) -> str:
        return str(self.body.__struct_config__.tag)

    @property
    def expires_at(self) -> datetime:
        return self.proposed_at + LIFETIME


class ActUnreadable(ValueError):
    """Not the canonical document of an act."""


def canonical(act: Act) -> bytes:
    """The bytes that are signed, kept and shown: JSON with sorted names and no spaces."""
    return msgspec.json.encode(act, order="sorted")


def read_act(document: bytes) -> Act:
    """The act in *document*.

    Raises:
        ActUnreadable: It is none, or is written in another way than `canonical` writes it.
    """
    try:
        act = msgspec.json.decode(document, type=Act)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ActUnreadable("this is no act of this version") from None
    if canonical(act) != document:
        raise ActUnreadable("the act is not in its canonical form")
    return act


def sign_act(document: bytes, key: Ed25519PrivateKey) -> str:
    """A consent to exactly this act, base64url."""
    return sign(_DOMAIN + document, key)


def sign(message: bytes, key: Ed25519PrivateKey) -> str:
    """A signature, base64url; *message* begins with a line that says what is signed."""
    return base64.urlsafe_b64encode(key.sign(message)).decode()


def is_signed_by(document: bytes, signature: str, approval_key: str) -> bool:
    """Whether the holder of *approval_key* (base64url) consented to *document*."""
    return verifies(_DOMAIN + document, signature, approval_key)


def verifies(message: bytes, signature: str, public_key: str) -> bool:
    """Whether *signature* over exactly these bytes is by the Ed25519 *public_key*; both are base64url."""
    try:
        public = Ed25519PublicKey.from_public_bytes(_decode(public_key))
        public.verify(_decode(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True


def encode_public_key(key: Ed25519PublicKey) -> str:
    return base64.urlsafe_b64encode(key.public_bytes_raw()).decode()


def is_operator_name(text: str) -> bool:
    """Small letters, digits, dots and dashes: it names files as well."""
    return re.search(_NAME, text) is not None


def is_public_key(text: str) -> bool:
    try:
        return len(_decode(text)) == _KEY_BYTES
    except ValueError:
        return False


def _decode(text: str) -> bytes:
    return base64.b64decode(text, altchars=b"-_", validate=True)
