"""Our short names as terms of the W3C Data Privacy Vocabulary (DPV 2), so that others can read a register.

DPV has no term for much of what sports do: several of our names then share the narrowest term that is true of
all of them. Terms are named without a version, as the vocabulary recommends.
"""

from policies.vocabulary import DataCategory, LegalBasis, Purpose

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
