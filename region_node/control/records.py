"""What the control plane tells the rest of the node: frozen values, no database behind them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    OPERATOR = "operator"
    COMPLIANCE_OFFICER = "compliance-officer"
    MARKETER = "marketer"
    SUPPORT = "support"


class Outcome(StrEnum):
    """How an operator's act ended. Values are stored: add, never rename."""

    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    id: str
    name: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    id: str
    residency_group: str
    address: str
    """Base URL of the region's API."""
    signing_keys: dict[str, object]
    """The JWKS document of the keys that sign its access tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    id: str
    name: str
    roles: frozenset[Role]
    approval_key: str
    """Ed25519 public key, base64url."""
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOperator:
    operator_id: str
    name: str
    approval_key: str
    token_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackText:
    """One version of a pack; `sha256` (hex) is that of the UTF-8 bytes of `text`."""

    jurisdiction: str
    version: str
    sha256: str
    text: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PackActivation:
    """That a version takes effect at an instant, and who says so.

    Attributes:
        number: Order of decision; of those that have begun, the highest is in force.
        act_id: The act that two people signed; None where the version shipped with the software.
        signer: Public key (base64url) of the region, where it shipped, or of the operator who activated an
            act that left the instant open; else empty, as the act itself names the instant.
        signature: By `signer`, over `pack_proofs.activation_bytes`.
    """

    number: int
    jurisdiction: str
    version: str
    sha256: str
    active_from: datetime
    decided_at: datetime
    act_id: str | None
    signer: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One person's signature under one act, with the key that verifies it."""

    operator_id: str
    approval_key: str
    signature: str
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAct:
    """An act as it was signed; anyone can verify the signatures over `document`."""

    id: str
    document: bytes
    consents: tuple[Consent, ...]
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    at: datetime
    operator_id: str | None
    """None for who could not prove to be one."""
    action: str
    target: str
    outcome: Outcome
