"""The words that every package shares: which law, where, which data, what for, on which ground.

Values are stored in rows, events and packs: add, never rename. Their terms in the W3C Data Privacy Vocabulary
stand in `policies.dpv`.
"""

import re
from enum import StrEnum
from typing import NewType


class Purpose(StrEnum):
    """What data is wanted for; each route, worker and event declares one."""

    ACCOUNT = "account"
    ANALYSIS = "analysis"
    SOCIAL_FEED = "social-feed"
    LEADERBOARD = "leaderboard"
    CHALLENGE = "challenge"
    CLUB = "club"
    CHAT = "chat"
    RECOMMENDATION = "recommendation"
    MARKETING_EMAIL = "marketing-email"
    MARKETING_PUSH = "marketing-push"
    MARKETING_SMS = "marketing-sms"
    RESEARCH = "research"
    SUPPORT = "support"
    SECURITY = "security"


class DataCategory(StrEnum):
    """What kind of data a column or event field holds; each declares one."""

    IDENTIFIER = "identifier"
    PSEUDONYM = "pseudonym"
    RELATIONSHIP = "relationship"
    SCORE = "score"
    TIMESTAMP = "timestamp"
    NON_PERSONAL = "non-personal"
    DISPLAY_NAME = "display-name"
    EMAIL = "email"
    PHONE = "phone"
    DATE_OF_BIRTH = "date-of-birth"
    COUNTRY = "country"
    COARSE_LOCATION = "coarse-location"
    PRECISE_LOCATION = "precise-location"
    HEALTH = "health"
    HEART_RATE = "heart-rate"
    BODY_WEIGHT = "body-weight"
    WORKOUT_SUMMARY = "workout-summary"
    WORKOUT_SAMPLES = "workout-samples"
    PHOTO = "photo"
    FREE_TEXT = "free-text"
    CREDENTIAL = "credential"
    DEVICE = "device"

    @property
    def kind_of(self) -> "DataCategory":
        """The category whose rules hold for this one too; itself where it is no kind of another."""
        return _KIND_OF.get(self, self)

    @property
    def is_personal(self) -> bool:
        return self is not DataCategory.NON_PERSONAL

    def is_a(self, wider: "DataCategory") -> bool:
        """Whether a rule about *wider* covers this category."""
        return wider in {self, self.kind_of}


_KIND_OF = {
    DataCategory.HEART_RATE: DataCategory.HEALTH,
    DataCategory.BODY_WEIGHT: DataCategory.HEALTH,
}


def kinds_of(category: DataCategory) -> frozenset[DataCategory]:
    """Return *category* and all its kinds: what a rule about it has to cover."""
    return frozenset(member for member in DataCategory if member.is_a(category))


class LegalBasis(StrEnum):
    """The ground on which a purpose may use a category."""

    CONSENT = "consent"
    EXPLICIT_CONSENT = "explicit-consent"
    GUARDIAN_CONSENT = "guardian-consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    LEGITIMATE_INTEREST = "legitimate-interest"
    VITAL_INTEREST = "vital-interest"
    PUBLIC_INTEREST = "public-interest"


class AgeRule(StrEnum):
    """The rules that can set a lowest age for an account of one's own."""

    DIGITAL_CONSENT = "digital-consent"
    """From this age a person consents to an online service without a parent."""

    CONSERVATIVE = "conservative"
    """No figure in the law: the age this platform takes to be safe."""

    GUARDIAN_LINK = "guardian-link"
    """Below this age an account must be linked to a guardian's."""

    SOCIAL_MEDIA = "social-media-minimum"
    """Below this age a person may hold no account on social media."""


class ResidencyClass(StrEnum):
    """How strongly a jurisdiction binds data to its own soil."""

    NONE = "none"
    CONDITIONAL = "conditional"
    STRICT = "strict"
    """The first write must land on storage in the country."""


class CrossBorder(StrEnum):
    """What a law asks before data leaves its country."""

    ALLOW = "allow"
    MECHANISM_REQUIRED = "mechanism_required"
    NOTIFY_THEN_ALLOW = "notify_then_allow"
    DENY_BY_DEFAULT = "deny_by_default"


class MarketingRule(StrEnum):
    """What a law asks before somebody is sent an advertisement."""

    OPT_IN = "opt_in"
    SOFT_OPT_IN = "opt_in_with_soft_opt_in"
    """Consent, except for like goods to an own customer who was asked at the sale."""
    OPT_OUT = "opt_out"


class Certainty(StrEnum):
    """How settled a fact of law is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Basis(StrEnum):
    """Whether a fact was read on a page of a source or is from memory and to be checked."""

    SEEN = "seen"
    RECALL = "recall"


Jurisdiction = NewType("Jurisdiction", str)
"""A legal regime with a policy pack: an ISO 3166 country, with a subdivision where law differs."""

Region = NewType("Region", str)
"""A place where nodes run, such as ``eu-central``."""

ResidencyGroup = NewType("ResidencyGroup", str)
"""A set of regions that may store the data of the same jurisdictions."""

_JURISDICTION = re.compile(r"[a-z]{2}(-[a-z0-9]{1,3})?")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME_CHARS = 40


def parse_jurisdiction(text: str) -> Jurisdiction:
    """Return *text* as a jurisdiction's id; whether it has a pack is another question. Raises ValueError."""
    return Jurisdiction(_checked(text, _JURISDICTION, "jurisdiction"))


def parse_region(text: str) -> Region:
    """Return *text* as a region's name, fit for subjects, folders and keyspaces. Raises ValueError."""
    return Region(_checked(text, _NAME, "region"))


def parse_residency_group(text: str) -> ResidencyGroup:
    """Return *text* as a group's name, fit for folders and keyspaces. Raises ValueError."""
    return ResidencyGroup(_checked(text, _NAME, "residency group"))


def _checked(text: str, shape: re.Pattern[str], what: str) -> str:
    if len(text) > _MAX_NAME_CHARS or not shape.fullmatch(text):
        raise ValueError(f"not a valid {what}: {text[:_MAX_NAME_CHARS]!r}")
    return text
