"""The record of processing activities (GDPR Art. 30 and its like), made from what the node itself goes by.

Nothing is written down twice: purposes and categories come from declarations, grounds from rulings, times of
keeping and transfers from packs and the regions file. What only the controller knows is left open.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from policies.engine import Engine
from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind
from policies.pack import PackSet
from policies.retention import retention_rules
from policies.rule import Transfer
from policies.ruling import Reason, Ruling
from policies.sections import RetentionRule
from policies.vocabulary import Basis, CrossBorder, DataCategory, Jurisdiction, LegalBasis, Purpose
from region_node.regions import Instrument, RegionFacts, Regions

_BASES = {
    Reason.CONTRACT: LegalBasis.CONTRACT,
    Reason.LEGAL_OBLIGATION: LegalBasis.LEGAL_OBLIGATION,
    Reason.OWN_RIGHT: LegalBasis.LEGAL_OBLIGATION,
    Reason.LEGITIMATE_INTEREST: LegalBasis.LEGITIMATE_INTEREST,
    Reason.NO_CONSENT_ASKED: LegalBasis.LEGITIMATE_INTEREST,
    Reason.CONSENT_GIVEN: LegalBasis.CONSENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """On which ground a purpose may use a category of an adult's data, at home."""

    category: DataCategory
    basis: LegalBasis
    articles: tuple[str, ...]
    recalled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is done for one purpose under one law; categories that it may not use are left out."""

    purpose: Purpose
    jurisdiction: Jurisdiction
    grounds: tuple[Ground, ...]
    retention: tuple[RetentionRule, ...]


class TransferGround(StrEnum):
    """What lets data out; rulings on single categories can still be stricter."""

    ADEQUATE = "adequate"
    INSTRUMENT = "instrument"
    NONE_NEEDED = "none-needed"
    NONE = "none"
    """Nothing may leave this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLine:
    """One way out of a residency group; `until` is when its ground ends, None where no day is set."""

    jurisdiction: Jurisdiction
    origin: RegionFacts
    destination: RegionFacts
    ground: TransferGround
    until: date | None
    instruments: tuple[Instrument, ...]
    article: str
    recalled: bool


def activities(packs: PackSet, jurisdictions: Iterable[Jurisdiction], on: date) -> tuple[Activity, ...]:
    """Return every purpose that may use anything, under each law."""
    engine = Engine(packs)
    return tuple(
        Activity(
            purpose=purpose,
            jurisdiction=jurisdiction,
            grounds=grounds,
            retention=_retention(packs, jurisdiction, purpose, on),
        )
        for jurisdiction in jurisdictions
        for purpose in Purpose
        if (grounds := tuple(_grounds(engine, jurisdiction, purpose, on)))
    )


def _grounds(engine: Engine, jurisdiction: Jurisdiction, purpose: Purpose, on: date) -> Iterator[Ground]:
    for category in (category for category in DataCategory if category.is_personal):
        unasked = Facts(
            jurisdiction=jurisdiction,
            overlay="",
            age_years=ADULT_YEARS,
            purpose=purpose,
            category=category,
            destination_country=HOME,
            at=on,
        )
        consented = replace(unasked, consents=frozenset({(purpose, None)}))
        named = replace(unasked, consents=frozenset({(purpose, one) for one in (None, *DataCategory)}))
        rulings = [engine.decide(facts) for facts in (unasked, consented, named)]
        ruling = next((ruling for ruling in rulings if _lets_through(ruling)), None)
        if ruling is not None:
            explicit = ruling is rulings[-1] and not _lets_through(rulings[1])
            yield Ground(
                category=category,
                basis=LegalBasis.EXPLICIT_CONSENT if explicit else _basis(ruling),
                articles=ruling.articles,
                recalled=ruling.recalled,
            )


def _lets_through(ruling: Ruling) -> bool:
    return ruling.allowed or bool(ruling.fields)


def _basis(ruling: Ruling) -> LegalBasis:
    """The ground of the first reason that is one; a part that is let through was consented to."""
    return next((_BASES[reason] for reason in ruling.reasons if reason in _BASES), LegalBasis.CONSENT)


def _retention(
    packs: PackSet, jurisdiction: Jurisdiction, purpose: Purpose, on: date
) -> tuple[RetentionRule, ...]:
    return tuple(rule for rule in retention_rules(packs, jurisdiction, on) if purpose in rule.purposes)


def transfers(
    packs: PackSet, regions: Regions, jurisdictions: Collection[Jurisdiction], on: date
) -> Iterator[TransferLine]:
    """Yield every way from a region that may hold a jurisdiction to one that may not, open or not."""
    for jurisdiction in jurisdictions:
        home = regions.group_holding(jurisdiction)
        if home is None:
            continue
        for origin in regions.regions_of(home.name):
            for destination in regions.regions.values():
                if regions.place_of(destination.name, jurisdiction) != HOME:
                    yield _transfer(packs, regions, jurisdiction, (origin, destination), on)


def _transfer(
    packs: PackSet,
    regions: Regions,
    jurisdiction: Jurisdiction,
    way: tuple[RegionFacts, RegionFacts],
    on: date,
) -> TransferLine:
    origin, destination = way
    law = packs.by_jurisdiction[jurisdiction].transfer
    finding = law.adequate.get(destination.country) if law else None
    adequate = law is not None and law.is_adequate(destination.country, on)
    accepted: Collection[InstrumentKind] = law.instruments if law else ()
    papers = tuple(
        one
        for one in regions.instruments
        if (one.origin, one.destination) == (origin.name, destination.name)
        and one.kind in accepted
        and on <= one.valid_until
    )
    ground = _ground(law, destination.country, on, papers)
    ends = finding.until if adequate and finding else max((one.valid_until for one in papers), default=None)
    return TransferLine(
        jurisdiction=jurisdiction,
        origin=origin,
        destination=destination,
        ground=ground,
        until=ends,
        instruments=papers,
        article=law.source.ref if law else "",
        recalled=law is not None and law.source.basis is Basis.RECALL,
    )


def _ground(law: Transfer | None, country: str, on: date, papers: Collection[Instrument]) -> TransferGround:
    if law is None or country in law.countries_of_concern:
        return TransferGround.NONE
    if law.is_adequate(country, on):
        return TransferGround.ADEQUATE
    if papers:
        return TransferGround.INSTRUMENT
    free = law.cross_border is CrossBorder.ALLOW
    return TransferGround.NONE_NEEDED if free else TransferGround.NONE
