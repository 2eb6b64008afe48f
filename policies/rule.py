"""One rule of a pack: when it applies, and what it then says."""

from dataclasses import dataclass, field
from datetime import date

from policies.facts import InstrumentKind, Signal
from policies.ruling import Effect, Obligation, Reason
from policies.source import Source
from policies.vocabulary import AgeRule, DataCategory, Purpose

OWN_CONSENT = "own-consent"
"""In a rule's ages: the digital-consent age of the place, or its conservative age where law sets none."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Where data of a jurisdiction may go: adequate countries, and kinds of instruments that are accepted.

    `adequate` maps an ISO 3166 country to the day the finding ends (None: open).
    """

    adequate: dict[str, date | None]
    instruments: frozenset[InstrumentKind]
    source: Source
    countries_of_concern: frozenset[str] = field(default_factory=frozenset)
