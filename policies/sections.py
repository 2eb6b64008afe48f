"""What a pack says beside its rules: deadlines, marketing, rights, signals and how long data is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policies.facts import Signal
from policies.source import Source
from policies.vocabulary import DataCategory, MarketingRule, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestClock:
    """How long the answer to a person's request may take, in days; None where the law gives no figure."""

    days: int | None
    extension_days: int | None
    may_pause: bool
    """The clock stands still while the person's identity or a clarification is awaited."""

    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachClock:
    """How long after a breach became known it has to be told; None where the law gives no figure.

    Attributes:
        authority: Who is told; empty where it is the people themselves.
        followup_hours: Until the fuller report, where the law wants two.
    """

    hours: int | None
    followup_hours: int | None
    authority: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    requests: RequestClock
    breach_authority: BreachClock
    breach_subjects: BreachClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketing:
    """What the law asks of advertisements.

    Attributes:
        quiet_from: Local time (``21:00``) from which a message needs more than its consent, or empty.
        stop_within_business_days: After an objection; 0 where the law gives no figure, and so at once.
        reconfirm_years: After which a consent has to be confirmed; 0 where the law gives no figure.
    """

    email: MarketingRule
    sms: MarketingRule
    source: Source
    quiet_from: str
    quiet_until: str
    stop_within_business_days: int
    reconfirm_years: int


class Right(StrEnum):
    """Rights that not every law grants. Meridian grants both to everybody."""

    ERASURE = "erasure"
    PORTABILITY = "portability"


class Granted(StrEnum):
    """How far a law grants a right."""

    YES = "yes"
    PARTIAL = "partial"
    LIMITED = "limited"
    PENDING = "pending"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedRight:
    granted: Granted
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRule:
    honoured: bool
    """The law demands that the signal be taken for the person's word."""

    source: Source


class RecordKind(StrEnum):
    """What is kept. Most of it is a person's data; the others are records about its use."""

    DATA = "data"
    ACCOUNT = "account"
    """An account as a whole, with all that belongs to it."""
    UNCONFIRMED_SIGNUP = "unconfirmed-signup"
    REFUSED_UPLOAD = "refused-upload"
    CONSENT = "consent"
    DATA_USE = "data-use"
    SECURITY_LOG = "security-log"
    REQUEST = "request"
    INCIDENT = "incident"


class CountedFrom(StrEnum):
    """The day from which a time of keeping runs."""

    COLLECTION = "collection"
    LAST_USE = "last-use"
    WITHDRAWAL = "withdrawal"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """Keep no longer than *days*, or, with *at_least*, no less."""

    id: str
    records: frozenset[RecordKind]
    purposes: frozenset[Purpose]
    categories: frozenset[DataCategory]
    days: int
    at_least: bool
    counted_from: CountedFrom
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The facts of a pack that are no rules; a pack of a test may leave all of them out."""

    clocks: Clocks | None = None
    marketing: Marketing | None = None
    rights: Mapping[Right, GrantedRight] = field(default_factory=dict)
    signals: Mapping[Signal, SignalRule] = field(default_factory=dict)
    retention: tuple[RetentionRule, ...] = ()
