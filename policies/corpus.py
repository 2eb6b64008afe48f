"""Readable cases of law - facts, and the ruling that a lawyer would expect - read and run against an engine.

Any implementation can run them: ``tests/policies/corpus/README.md`` describes the format.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Protocol

import msgspec

from policies.facts import ADULT_YEARS, HOME, SAMPLE_CHANNELS, Consent, Facts, InstrumentKind, Signal
from policies.pack import PackSet
from policies.places import Place, find_place
from policies.ruling import Effect, Ruling
from policies.vocabulary import DataCategory, Purpose

AT_HOME = "home"


class CorpusError(ValueError):
    """A file of cases was refused; the text names the file and, where it can, the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`rule` is one of those that decide, empty where none does; `article` is where it stands."""

    file: str
    name: str
    facts: Facts
    effect: Effect
    rule: str
    article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    case: Case
    ruling: Ruling
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.differences


class Decides(Protocol):
    def decide(self, facts: Facts) -> Ruling: ...


class _Facts(msgspec.Struct, forbid_unknown_fields=True):
    subject: str
    purpose: Purpose
    category: DataCategory
    age: Annotated[int, msgspec.Meta(ge=0, le=ADULT_YEARS)] = ADULT_YEARS
    to: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] | Literal["home"] = AT_HOME
    consents: tuple[str, ...] = ()
    guardian_consent: bool = False
    instruments: frozenset[InstrumentKind] = frozenset()
    objections: frozenset[Purpose] = frozenset()
    signals: frozenset[Signal] = frozenset()
    channels: frozenset[DataCategory] = SAMPLE_CHANNELS
    restricted: bool = False
    rights: bool = False
    at: date | None = None


class _Ruling(msgspec.Struct, forbid_unknown_fields=True):
    effect: Effect
    rule: str
    article: str


class _Case(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    facts: _Facts
    ruling: _Ruling


class _File(msgspec.Struct, forbid_unknown_fields=True):
    at: date
    cases: tuple[_Case, ...]


def read_cases(file: str, text: str, packs: PackSet) -> tuple[Case, ...]:
    """Read the cases of one file; *packs* say which law a subject lives under. Raises CorpusError."""
    try:
        parsed = msgspec.json.decode(text, type=_File)
    except msgspec.DecodeError as error:
        raise CorpusError(f"{file}: {error}") from error
    names = [case.name for case in parsed.cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CorpusError(f"{file}: two cases have the name {twice[0]!r}")
    return tuple(_case(file, case, parsed.at, packs) for case in parsed.cases)


def _case(file: str, case: _Case, at: date, packs: PackSet) -> Case:
    country, _, _ = case.facts.subject.partition("-")
    place = find_place(packs, country, case.facts.subject if country != case.facts.subject else None)
    if not isinstance(place, Place):
        raise CorpusError(f"{file}: {case.name!r}: no pack covers {case.facts.subject!r}")
    try:
        consents = frozenset(map(parse_consent, case.facts.consents))
    except ValueError as error:
        raise CorpusError(f"{file}: {case.name!r}: {error}") from error
    return Case(
        file=file,
        name=case.name,
        facts=_facts(case.facts, place, consents, at),
        effect=case.ruling.effect,
        rule=case.ruling.rule,
        article=case.ruling.article,
    )


def _facts(told: _Facts, place: Place, consents: frozenset[Consent], at: date) -> Facts:
    return Facts(
        jurisdiction=place.jurisdiction,
        overlay=place.overlay.country if place.overlay else "",
        age_years=told.age,
        purpose=told.purpose,
        category=told.category,
        destination_country=HOME if told.to == AT_HOME else told.to,
        at=told.at or at,
        consents=consents,
        guardian_consent=told.guardian_consent,
        instruments=told.instruments,
        objections=told.objections,
        signals=told.signals,
        channels=told.channels,
        restricted=told.restricted,
        rights=told.rights,
    )


def parse_consent(text: str) -> Consent:
    """Read ``leaderboard`` or ``analysis:health``. Raises ValueError for an unknown word."""
    purpose, colon, category = text.partition(":")
    return Purpose(purpose), DataCategory(category) if colon else None


def run(cases: Iterable[Case], engine: Decides) -> tuple[Result, ...]:
    """Decide every case, and say where the ruling differs from what is expected."""
    return tuple(_compare(case, engine.decide(case.facts)) for case in cases)


def _compare(case: Case, ruling: Ruling) -> Result:
    differences = []
    if ruling.effect is not case.effect:
        differences.append(f"effect is {ruling.effect}, not {case.effect}")
    if case.rule not in (ruling.rules or ("",)):
        differences.append(f"decided by {', '.join(ruling.rules) or 'no rule'}, not {case.rule or 'none'}")
    if case.article not in (ruling.articles or ("",)):
        differences.append(f"article is {'; '.join(ruling.articles) or 'none'}, not {case.article or 'none'}")
    return Result(case=case, ruling=ruling, differences=tuple(differences))
