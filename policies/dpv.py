"""Our short names as terms of the W3C Data Privacy Vocabulary (DPV 2), so that others can read a register.

DPV has no term for much of what sports do: several of our names then share the narrowest term that is true of
all of them. Terms are named without a version, as the vocabulary recommends.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from policies.sections import RetentionRule
from policies.vocabulary import DataCategory, Jurisdiction, LegalBasis, Purpose

_DPV = "https://w3id.org/dpv#"
_PD = "https://w3id.org/dpv/pd#"

PURPOSE_IRIS = {
    Purpose.ACCOUNT: f"{_DPV}AccountManagement",
    Purpose.ANALYSIS: f"{_DPV}RequestedServiceProvision",
    Purpose.SOCIAL_FEED: f"{_DPV}ServiceProvision",
    Purpose.LEADERBOARD: f"{_DPV}ServiceProvision",
    Purpose.CHALLENGE: f"{_DPV}ServiceProvision",
    Purpose.CLUB: f"{_DPV}ServiceProvision",
    Purpose.CHAT: f"{_DPV}CommunicationManagement",
    Purpose.RECOMMENDATION: f"{_DPV}ProvidePersonalisedRecommendations",
    Purpose.MARKETING_EMAIL: f"{_DPV}DirectMarketing",
    Purpose.MARKETING_PUSH: f"{_DPV}DirectMarketing",
    Purpose.MARKETING_SMS: f"{_DPV}DirectMarketing",
    Purpose.RESEARCH: f"{_DPV}ScientificResearch",
    Purpose.SUPPORT: f"{_DPV}CustomerCare",
    Purpose.SECURITY: f"{_DPV}EnforceSecurity",
}

CATEGORY_IRIS = {
    DataCategory.IDENTIFIER: f"{_PD}UID",
    DataCategory.PSEUDONYM: f"{_PD}Username",
    DataCategory.RELATIONSHIP: f"{_PD}SocialNetwork",
    DataCategory.SCORE: f"{_PD}ServiceConsumptionBehavior",
    DataCategory.TIMESTAMP: f"{_PD}ServiceConsumptionBehavior",
    DataCategory.NON_PERSONAL: f"{_DPV}NonPersonalData",
    DataCategory.DISPLAY_NAME: f"{_PD}Name",
    DataCategory.EMAIL: f"{_PD}EmailAddress",
    DataCategory.PHONE: f"{_PD}TelephoneNumber",
    DataCategory.DATE_OF_BIRTH: f"{_PD}BirthDate",
    DataCategory.COUNTRY: f"{_PD}Country",
    DataCategory.COARSE_LOCATION: f"{_PD}Location",
    DataCategory.PRECISE_LOCATION: f"{_PD}GPSCoordinate",
    DataCategory.HEALTH: f"{_PD}Health",
    DataCategory.HEART_RATE: f"{_PD}PhysicalHealth",
    DataCategory.BODY_WEIGHT: f"{_PD}Weight",
    DataCategory.WORKOUT_SUMMARY: f"{_PD}Behavioral",
    DataCategory.WORKOUT_SAMPLES: f"{_PD}Behavioral",
    DataCategory.PHOTO: f"{_PD}Picture",
    DataCategory.FREE_TEXT: f"{_PD}Communication",
    DataCategory.CREDENTIAL: f"{_PD}Authenticating",
    DataCategory.DEVICE: f"{_PD}DeviceBased",
}

LEGAL_BASIS_IRIS = {
    LegalBasis.CONSENT: f"{_DPV}Consent",
    LegalBasis.EXPLICIT_CONSENT: f"{_DPV}ExplicitlyExpressedConsent",
    LegalBasis.GUARDIAN_CONSENT: f"{_DPV}Consent",
    LegalBasis.CONTRACT: f"{_DPV}Contract",
    LegalBasis.LEGAL_OBLIGATION: f"{_DPV}LegalObligation",
    LegalBasis.LEGITIMATE_INTEREST: f"{_DPV}LegitimateInterest",
    LegalBasis.VITAL_INTEREST: f"{_DPV}VitalInterest",
    LegalBasis.PUBLIC_INTEREST: f"{_DPV}PublicInterest",
}

_CONTEXT = {
    "dpv": _DPV,
    "pd": _PD,
    "dct": "http://purl.org/dc/terms/",
    "loc": "https://w3id.org/dpv/loc#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ATHLETE = {"@type": "dpv:Consumer", "dct:title": "people with an account: athletes"}


class Ground(Protocol):
    @property
    def category(self) -> DataCategory: ...

    @property
    def basis(self) -> LegalBasis: ...

    @property
    def articles(self) -> tuple[str, ...]: ...


class Activity(Protocol):
    """What is done for one purpose under one law."""

    @property
    def purpose(self) -> Purpose: ...

    @property
    def jurisdiction(self) -> Jurisdiction: ...

    @property
    def grounds(self) -> tuple[Ground, ...]: ...

    @property
    def retention(self) -> tuple[RetentionRule, ...]: ...


def register_document(activities: Iterable[Activity], controller: str) -> dict[str, Any]:
    """Return a register as JSON-LD: a process for each activity and ground, our short names as titles."""
    graph = [
        _process(activity, basis, controller)
        for activity in activities
        for basis in dict.fromkeys(ground.basis for ground in activity.grounds)
    ]
    return {"@context": _CONTEXT, "@graph": graph}


def _process(activity: Activity, basis: LegalBasis, controller: str) -> dict[str, Any]:
    grounds = [ground for ground in activity.grounds if ground.basis is basis]
    articles = sorted({article for ground in grounds for article in ground.articles})
    who = {"dpv:hasDataController": {"@type": "dpv:DataController", "dct:title": controller}}
    return {
        "@id": f"urn:meridian:{activity.jurisdiction}:{activity.purpose}:{basis}",
        "@type": "dpv:Process",
        "dct:title": activity.purpose.value,
        "dpv:hasPurpose": {"@id": PURPOSE_IRIS[activity.purpose], "dct:title": activity.purpose.value},
        "dpv:hasPersonalData": [
            {"@id": CATEGORY_IRIS[ground.category], "dct:title": ground.category.value} for ground in grounds
        ],
        "dpv:hasLegalBasis": {"@id": LEGAL_BASIS_IRIS[basis], "dct:source": articles},
        "dpv:hasDataSubject": _ATHLETE,
        "dpv:hasJurisdiction": {"@id": f"loc:{activity.jurisdiction.upper()}"},
        "dpv:hasStorageCondition": [_storage(rule) for rule in activity.retention],
        **(who if controller else {}),
    }


def _storage(rule: RetentionRule) -> dict[str, Any]:
    return {
        "@type": "dpv:StorageDuration",
        "dct:title": rule.id,
        "dct:source": rule.source.ref,
        "dpv:hasDuration": {"@value": f"P{rule.days}D", "@type": "xsd:duration"},
    }
