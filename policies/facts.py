"""What a ruling is asked about: one category of one person's data, wanted for one purpose, in one place."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from policies.vocabulary import DataCategory, Jurisdiction, Purpose

ADULT_YEARS = 120
"""The age that is meant where none is given: above every limit of every pack."""

MAJORITY_YEARS = 18
"""Whoever has reached it has reached every age of consent, whatever figure a law or its reader may give."""

HOME = ""
"""Stands for the country of a destination whose residency group may hold the subject's jurisdiction."""

Consent = tuple[Purpose, DataCategory | None]
"""A valid consent: to a purpose as a whole, or to it for one category."""

SAMPLE_CHANNELS = frozenset({DataCategory.HEART_RATE, DataCategory.PRECISE_LOCATION})
"""What samples are taken to hold unless it is known what they do."""


class InstrumentKind(StrEnum):
    """What parties sign or file so that data may leave; each pack names those that its law takes."""

    STANDARD_CLAUSES = "standard-clauses"
    """Clauses, a contract or an undertaking that the law or its authority gives the wording of."""
    BINDING_RULES = "binding-rules"
    CERTIFICATION = "certification"
    """Of the recipient: data privacy framework, CBPR, an authority's mark."""
    CODE_OF_CONDUCT = "code-of-conduct"
    AGREEMENT = "agreement"
    """A contract of the parties' own wording, with an assessment where the law asks for one."""
    NOTICE = "notice"
    """Told to the authority beforehand, and the waiting time is over."""
    SECURITY_ASSESSMENT = "security-assessment"


class Signal(StrEnum):
    """What a person's browser says in their name."""

    GLOBAL_PRIVACY_CONTROL = "gpc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a ruling may depend on; the clock is `at`.

    Attributes:
        overlay: The member state in capitals where it changes the pack (``FR`` in ``eu``), else empty.
        age_years: Completed years on `at`.
        destination_country: ISO 3166 country the destination stands on, or `HOME`.
        consents: The valid ones of the person, or of the guardian in the person's name.
        guardian_consent: A guardian has agreed to this purpose.
        instruments: Kinds in force on `at` from the origin to the destination.
        objections: Purposes that the person has objected to or opted out of.
        channels: What the samples hold, where `category` is workout-samples.
        restricted: The person has had processing restricted.
        rights: The subject, or a duty of law in the subject's favour, asks: access, export, erasure.
    """

    jurisdiction: Jurisdiction
    overlay: str
    age_years: int
    purpose: Purpose
    category: DataCategory
    destination_country: str
    at: date
    consents: AbstractSet[Consent] = frozenset()
    guardian_consent: bool = False
    instruments: AbstractSet[InstrumentKind] = frozenset()
    objections: AbstractSet[Purpose] = frozenset()
    signals: AbstractSet[Signal] = frozenset()
    channels: AbstractSet[DataCategory] = SAMPLE_CHANNELS
    restricted: bool = False
    rights: bool = False
