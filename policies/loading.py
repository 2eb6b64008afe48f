"""Texts of pack files in, typed packs out; every mistake in all files is reported at once."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from policies.documents import Reading, Table
from policies.pack import AgeLimit, Overlay, Pack, PackSet, Residency, SelfDeclaredAge
from policies.rule import Rule
from policies.rule_loading import age_names, read_rules
from policies.section_loading import read_retention, read_sections, read_transfer
from policies.sections import RetentionRule
from policies.source import read_source
from policies.vocabulary import AgeRule, Jurisdiction, ResidencyClass, parse_jurisdiction

SCHEMA = 1
PLATFORM = "platform"
PLATFORM_FILE = "platform.toml"
HIGHEST_AGE = 25
_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.\d{1,3})?")


def load_packs(files: Mapping[str, str], platform: str | None = None) -> PackSet:
    """Read pack files, given as text by file name (``eu.toml``), and the rules of the platform's own file.

    Raises:
        FaultyDocuments: Names every mistake with its file and path.
    """
    reading = Reading()
    packs = [(name, _pack(reading.document(name, text))) for name, text in sorted(files.items())]
    _check_together(reading, packs)
    own = () if platform is None else _platform(reading.document(PLATFORM_FILE, platform), packs)
    reading.finish()
    return PackSet.of(tuple(pack for _, pack in packs), *own)


def _platform(
    table: Table, packs: list[tuple[str, Pack]]
) -> tuple[tuple[Rule, ...], tuple[RetentionRule, ...]]:
    """Read what holds everywhere: the ages that its rules name have to be known everywhere."""
    _check_schema(table)
    _version(table)
    ages = frozenset.intersection(age_names(AgeRule), *(age_names(pack.ages) for _, pack in packs))
    rules, retention = read_rules(table, PLATFORM, ages), read_retention(table)
    table.close()
    return rules, retention


def _check_schema(table: Table) -> None:
    if table.whole("schema", 0, 1000) != SCHEMA:
        table.fault("schema", f"is not {SCHEMA}, the one that is understood")


def _pack(table: Table) -> Pack:
    _check_schema(table)
    countries = _codes(table, "countries", _COUNTRY, required=True)
    jurisdiction = _jurisdiction(table)
    ages = _ages(table)
    overlays = _overlays(table, jurisdiction, ages)
    for country in overlays.keys() - countries:
        table.fault(f"overlays.{country}", "is an overlay of a country that the pack does not cover")
    pack = Pack(
        jurisdiction=jurisdiction,
        version=_version(table),
        name=table.text("name"),
        laws=table.texts("laws"),
        countries=countries,
        subdivisions=_subdivisions(table, countries),
        needs_enabling=table.flag("needs_enabling", default=False),
        ages=ages,
        self_declared_age=_self_declared_age(table),
        residency=_residency(table.table("residency")),
        overlays=overlays,
        rules=read_rules(table, jurisdiction, age_names(ages, *(part.ages for part in overlays.values()))),
        transfer=read_transfer(table),
        sections=read_sections(table),
    )
    if not any(limit.source.effective is None for limit in pack.ages.values()):
        table.fault("ages", "has no rule that is in force on every day")
    if pack.needs_enabling and not pack.subdivisions:
        table.fault("needs_enabling", "is set, but there are no subdivisions to enable")
    table.close()
    return pack


def _jurisdiction(table: Table) -> Jurisdiction:
    name = table.text("id")
    if table.file != f"{name}.toml":
        table.fault("id", f"is {name!r}, which the file is not named for")
    try:
        return parse_jurisdiction(name)
    except ValueError:
        table.fault("id", f"is {name!r}, not a country in lower case, with or without a subdivision")
        return Jurisdiction("xx")


def _version(table: Table) -> str:
    version = table.text("version")
    if not _VERSION.fullmatch(version):
        table.fault("version", "is not a date with an optional counter, such as 2026-11-21.1")
    return version


def _codes(table: Table, key: str, shape: re.Pattern[str], *, required: bool) -> frozenset[str]:
    codes = table.texts(key, default=None if required else ())
    for code in codes:
        if not shape.fullmatch(code):
            table.fault(key, f"names {code!r}, which is no ISO 3166 code")
    return frozenset(codes)


def _subdivisions(table: Table, countries: frozenset[str]) -> frozenset[str]:
    codes = _codes(table, "subdivisions", _SUBDIVISION, required=False)
    for code in sorted(code for code in codes if code[:2] not in countries):
        table.fault("subdivisions", f"names {code!r}, which lies in none of the countries")
    return codes


def _ages(table: Table) -> Mapping[AgeRule, AgeLimit]:
    limits: dict[AgeRule, AgeLimit] = {}
    for name, entry in table.named_tables("ages"):
        if name not in set(AgeRule):
            entry.fault("", f"is not one of {', '.join(AgeRule)}")
            continue
        years = entry.whole("years", 1, HIGHEST_AGE)
        limits[AgeRule(name)] = AgeLimit(rule=AgeRule(name), years=years, source=read_source(entry))
        entry.close()
    return MappingProxyType(limits)


def _self_declared_age(table: Table) -> SelfDeclaredAge | None:
    if not table.has("self_declared_age"):
        return None
    entry = table.table("self_declared_age", optional=True)
    declared = SelfDeclaredAge(enough=entry.flag("enough"), source=read_source(entry))
    entry.close()
    return declared


def _residency(entry: Table) -> Residency:
    residency = Residency(residency_class=entry.choice("class", ResidencyClass), source=read_source(entry))
    entry.close()
    return residency


def _overlays(
    table: Table, jurisdiction: Jurisdiction, pack_ages: Mapping[AgeRule, AgeLimit]
) -> Mapping[str, Overlay]:
    overlays: dict[str, Overlay] = {}
    for country, entry in table.named_tables("overlays"):
        ages = _ages(entry)
        rules = read_rules(entry, f"{jurisdiction}/{country.lower()}", age_names(ages, pack_ages))
        overlays[country] = Overlay(country=country, ages=ages, rules=rules)
        entry.close()
    return MappingProxyType(overlays)


def _check_together(reading: Reading, packs: list[tuple[str, Pack]]) -> None:
    """Two packs must not claim one place, and a country is either divided or whole."""
    claimed: dict[str, str] = {}
    divided = {code for _, pack in packs if pack.subdivisions for code in pack.countries}
    for name, pack in packs:
        table = Table(values={}, file=name, path="", reading=reading)
        key = "subdivisions" if pack.subdivisions else "countries"
        for code in sorted(pack.subdivisions or pack.countries):
            if code in claimed:
                table.fault(key, f"names {code!r}, which {claimed[code]} covers already")
            claimed[code] = name
        if not pack.subdivisions:
            for code in sorted(pack.countries & divided):
                table.fault("countries", f"names {code!r} whole, but other packs divide it")
