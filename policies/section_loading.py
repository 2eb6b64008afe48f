"""Reads the sections of a pack that are no rules; names every mistake at once."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from policies.documents import Choice, Table
from policies.facts import InstrumentKind, Signal
from policies.rule import Adequacy, Transfer
from policies.rule_loading import LONGEST_DAYS, read_categories, read_purposes, read_words
from policies.sections import (
    BreachClock,
    Clocks,
    CountedFrom,
    Granted,
    GrantedRight,
    Marketing,
    RecordKind,
    RequestClock,
    RetentionRule,
    Right,
    Sections,
    SignalRule,
)
from policies.source import read_source
from policies.vocabulary import CrossBorder, MarketingRule

LONGEST_HOURS = 24 * 366
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def read_transfer(table: Table) -> Transfer | None:
    """Return None where the pack has no such section: then nothing is adequate and no instrument accepted."""
    if not table.has("transfer"):
        return None
    entry = table.table("transfer")
    transfer = Transfer(
        cross_border=entry.choice("cross_border", CrossBorder),
        adequate=_findings(entry),
        instruments=frozenset(_words(entry, "instruments", InstrumentKind)),
        countries_of_concern=frozenset(_countries(entry, "countries_of_concern", required=False)),
        source=read_source(entry),
    )
    entry.close()
    return transfer


def _findings(entry: Table) -> Mapping[str, Adequacy]:
    adequate: dict[str, Adequacy] = {}
    for finding in entry.tables("findings"):
        countries = _countries(finding, "countries", required=True)
        source, until = read_source(finding), finding.day("until")
        if until and source.effective and until <= source.effective:
            finding.fault("until", "is not after the day on which the finding takes effect")
        for country in countries:
            if country in adequate:
                finding.fault("countries", f"names {country!r}, which another finding does")
            adequate[country] = Adequacy(effective=source.effective, until=until, source=source)
        finding.close()
    return MappingProxyType(adequate)


def _words(entry: Table, key: str, names: type[Choice]) -> list[Choice]:
    """Return the words under *key*, which may be left out."""
    return read_words(entry, key, names, list(names)) if entry.has(key) else []


def _countries(entry: Table, key: str, *, required: bool) -> tuple[str, ...]:
    codes = entry.texts(key, default=None if required else ())
    if entry.has(key) and not codes:
        entry.fault(key, "names nothing")
    for code in codes:
        if not _COUNTRY.fullmatch(code):
            entry.fault(key, f"names {code!r}, which is no ISO 3166 code")
    return codes


def read_sections(table: Table) -> Sections:
    return Sections(
        clocks=_clocks(table.table("deadlines")) if table.has("deadlines") else None,
        marketing=_marketing(table.table("marketing")) if table.has("marketing") else None,
        rights=_rights(table),
        signals=_signals(table),
        retention=read_retention(table),
    )


def _clocks(entry: Table) -> Clocks:
    clocks = Clocks(
        requests=_request_clock(entry.table("dsr")),
        breach_authority=_breach_clock(entry.table("breach_authority"), told="an authority"),
        breach_subjects=_breach_clock(entry.table("breach_subjects")),
    )
    entry.close()
    return clocks


def _request_clock(entry: Table) -> RequestClock:
    clock = RequestClock(
        days=_figure(entry, "days", 1, LONGEST_DAYS),
        extension_days=_figure(entry, "extension_days", 0, LONGEST_DAYS),
        may_pause=entry.flag("may_pause", default=False),
        source=read_source(entry),
    )
    entry.close()
    return clock


def _breach_clock(entry: Table, told: str = "") -> BreachClock:
    clock = BreachClock(
        hours=_figure(entry, "hours", 1, LONGEST_HOURS),
        followup_hours=_figure(entry, "followup_hours", 1, LONGEST_HOURS),
        authority=entry.text("authority") if told else "",
        source=read_source(entry),
    )
    if clock.hours and clock.followup_hours and clock.followup_hours < clock.hours:
        entry.fault("followup_hours", "is before the first notice")
    entry.close()
    return clock


def _figure(entry: Table, key: str, low: int, high: int) -> int | None:
    return entry.whole(key, low, high) if entry.has(key) else None


def _marketing(entry: Table) -> Marketing:
    marketing = Marketing(
        email=entry.choice("email", MarketingRule),
        sms=entry.choice("sms", MarketingRule),
        source=read_source(entry),
        quiet_from=_clock_time(entry, "quiet_from"),
        quiet_until=_clock_time(entry, "quiet_until"),
        stop_within_business_days=_figure(entry, "stop_within_business_days", 1, 366) or 0,
        reconfirm_years=_figure(entry, "reconfirm_years", 1, 100) or 0,
    )
    if bool(marketing.quiet_from) != bool(marketing.quiet_until):
        entry.fault("quiet_from", "and quiet_until go together")
    entry.close()
    return marketing


def _clock_time(entry: Table, key: str) -> str:
    time = entry.text(key, default="")
    if time and not _CLOCK_TIME.fullmatch(time):
        entry.fault(key, f"is {time!r}, not a time of day such as 21:00")
    return time


def _rights(table: Table) -> Mapping[Right, GrantedRight]:
    rights: dict[Right, GrantedRight] = {}
    for name, entry in table.named_tables("rights"):
        right = GrantedRight(granted=entry.choice("granted", Granted), source=read_source(entry))
        entry.close()
        if name in set(Right):
            rights[Right(name)] = right
        else:
            entry.fault("", f"is not one of {', '.join(Right)}")
    return MappingProxyType(rights)


def _signals(table: Table) -> Mapping[Signal, SignalRule]:
    signals: dict[Signal, SignalRule] = {}
    for name, entry in table.named_tables("signals"):
        rule = SignalRule(honoured=entry.flag("honoured"), source=read_source(entry))
        entry.close()
        if name in set(Signal):
            signals[Signal(name)] = rule
        else:
            entry.fault("", f"is not one of {', '.join(Signal)}")
    return MappingProxyType(signals)


def read_retention(table: Table) -> tuple[RetentionRule, ...]:
    rules: dict[str, RetentionRule] = {}
    for entry in table.tables("retention"):
        rule = RetentionRule(
            id=entry.text("id"),
            records=frozenset(_words(entry, "records", RecordKind) or [RecordKind.DATA]),
            purposes=read_purposes(entry),
            categories=read_categories(entry),
            days=entry.whole("days", 1, LONGEST_DAYS),
            at_least=entry.flag("at_least", default=False),
            counted_from=entry.choice("counted_from", CountedFrom),
            source=read_source(entry),
        )
        if rule.id in rules:
            entry.fault("id", f"is {rule.id!r}, which another one has")
        rules[rule.id] = rule
        entry.close()
    return tuple(rules.values())
