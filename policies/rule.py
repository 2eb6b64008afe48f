"""One rule of a pack: when it applies, and what it then says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from policies.facts import InstrumentKind, Signal
from policies.ruling import Effect, Obligation, Reason
from policies.source import Source
from policies.vocabulary import AgeRule, CrossBorder, DataCategory, Purpose

OWN_CONSENT = "own-consent"
"""In a rule's ages: the digital-consent age of the place, or its conservative age where law sets none."""

OWN_CONSENT_RULES = (AgeRule.DIGITAL_CONSENT, AgeRule.CONSERVATIVE)
"""What `OWN_CONSENT` stands for: the first of these that is in force in the place."""

AgeBound = int | AgeRule | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What has to hold beside purpose and category; None (or empty) means that it does not matter.

    Attributes:
        at_home: Whether the destination's group may hold the jurisdiction.
        countries: Destinations, when abroad.
        adequate: Whether the pack's transfer section lists the destination's country.
        instrument: Whether an instrument of a kind that the pack accepts is in force.
        consent: A consent to the purpose, or to it for this category, is valid.
        category_consent: A consent that names this category (or the one it is a kind of) is valid.
        from_age: Completed years, at least; a figure, an `AgeRule` or OWN_CONSENT.
        under_age: Completed years, below.
    """

    at_home: bool | None = None
    countries: frozenset[str] = frozenset()
    adequate: bool | None = None
    instrument: bool | None = None
    consent: bool | None = None
    category_consent: bool | None = None
    guardian: bool | None = None
    objected: bool | None = None
    signal: Signal | None = None
    restricted: bool | None = None
    rights: bool | None = None
    from_age: AgeBound | None = None
    under_age: AgeBound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`purposes` and `categories` are spelled out: the loader has widened ``*`` and kinds of a category."""

    id: str
    effect: Effect
    reason: Reason
    purposes: frozenset[Purpose]
    categories: frozenset[DataCategory]
    when: Conditions
    source: Source
    until: date | None = None
    """The first day on which it is in force no more."""

    obligations: tuple[Obligation, ...] = ()
    fields: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        return self.source.in_force(day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adequacy:
    """A finding that a country protects as well; from `effective` to the day before `until`, None: open."""

    effective: date | None = None
    until: date | None = None
    source: Source | None = None

    def in_force(self, on: date) -> bool:
        return (self.effective is None or self.effective <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where data of a jurisdiction may go.

    Attributes:
        adequate: By ISO 3166 country.
        instruments: Kinds that the law accepts.
    """

    cross_border: CrossBorder
    adequate: Mapping[str, Adequacy]
    instruments: frozenset[InstrumentKind]
    source: Source
    countries_of_concern: frozenset[str] = field(default_factory=frozenset)

    def is_adequate(self, country: str, on: date) -> bool:
        return country in self.adequate and self.adequate[country].in_force(on)

    def days(self) -> frozenset[date]:
        """Days on which `is_adequate` may change."""
        ends = (day for finding in self.adequate.values() for day in (finding.effective, finding.until))
        return frozenset(day for day in ends if day)
