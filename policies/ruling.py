"""What policy answers. A refusal is a value with its reasons, never an exception."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policies.vocabulary import Certainty, Jurisdiction


class Effect(StrEnum):
    """From mildest to strongest; of all rules that apply, the strongest effect is the ruling's."""

    ALLOW = "allow"
    REDACT = "redact"
    """Only without the fields that the ruling names."""
    NEEDS_CONSENT = "needs-consent"
    NEEDS_GUARDIAN = "needs-guardian"
    DENY = "deny"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {effect: rank for rank, effect in enumerate(Effect)}


class Reason(StrEnum):
    """Why a rule says what it says; each has a text for people in every language."""

    CONTRACT = "contract"
    CONSENT_GIVEN = "consent-given"
    LEGAL_OBLIGATION = "legal-obligation"
    OWN_RIGHT = "own-right"
    LEGITIMATE_INTEREST = "legitimate-interest"
    NO_CONSENT_ASKED = "no-consent-asked"
    """The law lets this be done until the person objects."""
    TRANSFER_GROUND = "transfer-ground"
    """The country is adequate, an instrument is in force, or the law asks for neither."""
    REDUCED = "reduced"
    CONSENT_MISSING = "consent-missing"
    EXPLICIT_CONSENT_MISSING = "explicit-consent-missing"
    """Given for this category by name, in a step of its own."""
    GUARDIAN_MISSING = "guardian-missing"
    TOO_YOUNG = "too-young"
    OBJECTED = "objected"
    SIGNAL = "signal"
    RESTRICTED = "restricted"
    NO_TRANSFER_GROUND = "no-transfer-ground"
    NOTICE_MISSING = "notice-missing"
    COUNTRY_OF_CONCERN = "country-of-concern"
    STAYS_IN_COUNTRY = "stays-in-country"
    STAYS_HOME = "stays-home"
    """Health, precise location and contact details never leave the residency group."""
    MINOR_PROTECTED = "minor-protected"
    NOT_FOR_THIS_PURPOSE = "not-for-this-purpose"
    """The purpose has no need of such data."""
    NO_PACK = "no-pack"
    """No pack has the law of the place, or all of it: nobody there is served."""
    NO_RULE = "no-rule"
    FAULT = "fault"

    @property
    def tells_of_person(self) -> bool:
        """Whether it says how old somebody is, what they answered, or what they asked for."""
        return self in _OF_THE_PERSON


_OF_THE_PERSON = frozenset(
    {
        Reason.CONSENT_GIVEN,
        Reason.CONSENT_MISSING,
        Reason.EXPLICIT_CONSENT_MISSING,
        Reason.GUARDIAN_MISSING,
        Reason.TOO_YOUNG,
        Reason.OBJECTED,
        Reason.SIGNAL,
        Reason.RESTRICTED,
        Reason.MINOR_PROTECTED,
    }
)


class ObligationKind(StrEnum):
    RETAIN = "retain"
    """Keep no longer than `days` after the purpose has ended."""
    NOTIFY = "notify"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What comes with doing what was allowed; `days` is 0 where no time is set."""

    kind: ObligationKind
    ref: str
    days: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The answer to one question. Shared between equal questions: it holds nothing of the person.

    Attributes:
        reasons: Of the rules that decided, without repeats, in their order.
        rules: Ids of the rules that decided, such as ``eu.transfer-without-ground``.
        fields: What to leave out, where the effect is redact.
        certainty: The lowest of all that it rests on.
        recalled: Something that it rests on is from memory, and not from a source that was read.
    """

    effect: Effect
    jurisdiction: Jurisdiction
    overlay: str
    reasons: tuple[Reason, ...]
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    obligations: tuple[Obligation, ...]
    fields: tuple[str, ...]
    certainty: Certainty
    recalled: bool
    pack_version: str

    @property
    def allowed(self) -> bool:
        """True for allow alone."""
        return self.effect is Effect.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """One rule that was looked at: whether it applied and, if not, which of its conditions did not hold."""

    rule: str
    effect: Effect
    applied: bool
    unmet: tuple[str, ...]
    ref: str
    certainty: Certainty
    recalled: bool
    note: str
    effective: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A ruling with every rule that was looked at, and the changes of facts that would allow it.

    Attributes:
        reports: In order of the rules' ids.
        changes: Each names facts to change together, in the words of `policies.explaining.Change`, an age
            with the years to be: ``("category-consent",)``, ``("age:16", "consent")``. None is more than
            is needed. Empty where the ruling allows, or where no change of these facts would.
    """

    ruling: Ruling
    reports: tuple[RuleReport, ...]
    changes: tuple[tuple[str, ...], ...]
