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
class PackVersion:
    jurisdiction: str
    version: str
    sha256: str
    active_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnabledSubdivision:
    code: str
    """ISO 3166-2, as `US-OR`."""
    operator_id: str
    """Who signed it off."""
    reference: str
    """Where the legal sign-off is filed."""
    enabled_at: datetime


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
