"""What a policy pack says, typed and frozen: the law of one jurisdiction as far as the platform needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policies.rule import Rule, Transfer
from policies.sections import RetentionRule, Sections
from policies.source import Source
from policies.vocabulary import AgeRule, Jurisdiction, ResidencyClass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimit:
    """A person has to be *years* old, by *rule*."""

    rule: AgeRule
    years: int
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfDeclaredAge:
    """Whether a person's own word on their age is enough."""

    enough: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Residency:
    residency_class: ResidencyClass
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What one member state changes: a rule of its own replaces the pack's rule of the same name."""

    country: str
    ages: Mapping[AgeRule, AgeLimit]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The law of one jurisdiction.

    A pack with *subdivisions* covers those of its countries only, else it covers its countries whole.
    """

    jurisdiction: Jurisdiction
    version: str
    name: str
    laws: tuple[str, ...]
    countries: frozenset[str]
    subdivisions: frozenset[str]
    needs_enabling: bool
    """Its subdivisions have law that is in no pack: each must be enabled by name with a recorded sign-off."""

    ages: Mapping[AgeRule, AgeLimit]
    self_declared_age: SelfDeclaredAge | None
    """None where the law says nothing: a person's word is taken."""

    residency: Residency
    overlays: Mapping[str, Overlay]
    rules: tuple[Rule, ...] = ()
    transfer: Transfer | None = None
    sections: Sections = field(default_factory=Sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSet:
    """All packs, with the way from a place to its pack; `policies.loading` makes and checks it."""

    by_jurisdiction: Mapping[Jurisdiction, Pack]
    by_country: Mapping[str, Pack]
    by_subdivision: Mapping[str, Pack]
    divided_countries: frozenset[str]
    """Countries whose law differs by subdivision, so that the country alone does not tell the pack."""

    platform: tuple[Rule, ...] = ()
    """Rules of the platform itself, which hold beside those of every pack."""

    retention: tuple[RetentionRule, ...] = ()
    """The platform's own times of keeping, for what no law gives a figure."""

    @classmethod
    def of(
        cls,
        packs: tuple[Pack, ...],
        platform: tuple[Rule, ...] = (),
        retention: tuple[RetentionRule, ...] = (),
    ) -> "PackSet":
        whole = [pack for pack in packs if not pack.subdivisions]
        divided = [pack for pack in packs if pack.subdivisions]
        return cls(
            by_jurisdiction=MappingProxyType({pack.jurisdiction: pack for pack in packs}),
            by_country=MappingProxyType({code: pack for pack in whole for code in pack.countries}),
            by_subdivision=MappingProxyType({code: pack for pack in divided for code in pack.subdivisions}),
            divided_countries=frozenset(code for pack in divided for code in pack.countries),
            platform=platform,
            retention=retention,
        )
