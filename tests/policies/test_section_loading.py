from datetime import date

import pytest

from policies.deadlines import deadlines_of
from policies.documents import FaultyDocuments
from policies.facts import InstrumentKind, Signal
from policies.loading import load_packs
from policies.retention import retention_rules
from policies.sections import CountedFrom, Granted, RecordKind, Right
from policies.vocabulary import CrossBorder, DataCategory, MarketingRule, Purpose
from tests.policies.test_loading import GOOD

SOURCE = 'ref = "Act 1"\ncertainty = "high"\nbasis = "seen"\n'
SECTIONS = f"""
[transfer]
cross_border = "mechanism_required"
instruments = ["standard-clauses"]
countries_of_concern = ["XX"]
{SOURCE}
[[transfer.findings]]
countries = ["BB", "CC"]
effective = 2030-02-01
until = 2031-01-01
{SOURCE}
[[transfer.findings]]
countries = ["DD"]
{SOURCE}
[deadlines.dsr]
days = 30
extension_days = 0
may_pause = true
{SOURCE}
[deadlines.breach_authority]
authority = "The Office"
hours = 24
followup_hours = 72
{SOURCE}
[deadlines.breach_subjects]
{SOURCE}
[marketing]
email = "opt_in"
sms = "opt_out"
quiet_from = "21:00"
quiet_until = "08:00"
stop_within_business_days = 5
reconfirm_years = 2
{SOURCE}
[rights.erasure]
granted = "partial"
{SOURCE}
[signals.gpc]
honoured = true
{SOURCE}
[[retention]]
id = "logs"
records = ["security-log"]
purposes = ["security"]
categories = ["health"]
days = 90
at_least = true
counted_from = "collection"
{SOURCE}
"""


@pytest.fixture(scope="module")
def pack():
    return load_packs({"aa.toml": GOOD + SECTIONS}).by_jurisdiction["aa"]


def test_a_transfer_has_its_class_instruments_and_countries(pack):
    transfer = pack.transfer
    assert transfer.cross_border is CrossBorder.MECHANISM_REQUIRED
    assert transfer.instruments == {InstrumentKind.STANDARD_CLAUSES}
    assert transfer.countries_of_concern == {"XX"}
    assert transfer.adequate["BB"].source.ref == "Act 1"


@pytest.mark.parametrize(
    ("country", "day", "expected"),
    [
        ("BB", date(2030, 1, 31), False),
        ("BB", date(2030, 2, 1), True),
        ("CC", date(2030, 12, 31), True),
        ("CC", date(2031, 1, 1), False),
        ("DD", date(1990, 1, 1), True),
        ("EE", date(2030, 6, 1), False),
    ],
)
def test_a_finding_counts_from_its_first_day_to_the_day_before_its_end(pack, country, day, expected):
    assert expected is pack.transfer.is_adequate(country, day)


def test_findings_change_on_their_first_and_end_days(pack):
    assert pack.transfer.days() == {date(2030, 2, 1), date(2031, 1, 1)}


def test_deadlines_are_read_and_what_has_no_figure_is_none(pack):
    deadlines = deadlines_of(pack)
    assert list(deadlines.figures().values()) == [30, 0, 24, None]
    assert (deadlines.may_pause, deadlines.authority, deadlines.followup_hours) == (True, "The Office", 72)


def test_marketing_rights_and_signals_are_read(pack):
    marketing = pack.sections.marketing
    assert (marketing.email, marketing.sms) == (MarketingRule.OPT_IN, MarketingRule.OPT_OUT)
    assert (marketing.quiet_from, marketing.quiet_until) == ("21:00", "08:00")
    assert (marketing.stop_within_business_days, marketing.reconfirm_years) == (5, 2)
    assert pack.sections.rights[Right.ERASURE].granted is Granted.PARTIAL
    assert Right.PORTABILITY not in pack.sections.rights
    assert pack.sections.signals[Signal.GLOBAL_PRIVACY_CONTROL].honoured


def test_a_time_of_keeping_covers_the_kinds_of_its_categories(pack):
    (rule,) = pack.sections.retention
    assert (rule.id, rule.days, rule.at_least) == ("logs", 90, True)
    assert (rule.records, rule.purposes) == ({RecordKind.SECURITY_LOG}, {Purpose.SECURITY})
    assert rule.categories == {DataCategory.HEALTH, DataCategory.HEART_RATE, DataCategory.BODY_WEIGHT}
    assert rule.counted_from is CountedFrom.COLLECTION


def test_a_time_of_keeping_is_about_data_unless_it_names_records():
    text = GOOD + SECTIONS.replace('records = ["security-log"]\n', "").replace("at_least = true\n", "")
    (rule,) = load_packs({"aa.toml": text}).by_jurisdiction["aa"].sections.retention
    assert (rule.records, rule.at_least) == ({RecordKind.DATA}, False)


def test_a_pack_may_leave_its_sections_out_and_then_allows_no_transfer():
    pack = load_packs({"aa.toml": GOOD}).by_jurisdiction["aa"]
    assert pack.transfer is None
    assert pack.sections.marketing is None
    assert not pack.sections.rights
    assert not pack.sections.signals
    assert not pack.sections.retention


def test_the_platforms_own_times_hold_beside_those_of_a_pack():
    own = f'schema = 1\nversion = "2030-01-01"\n{SECTIONS[SECTIONS.index("[[retention]]") :]}'
    packs = load_packs({"aa.toml": GOOD + SECTIONS}, own.replace('"logs"', '"own"'))
    assert [rule.id for rule in retention_rules(packs, "aa", date(2030, 1, 1))] == ["logs", "own"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"mechanism_required"', '"maybe"', "transfer.cross_border: is 'maybe', not one of"),
        (
            '["standard-clauses"]',
            '["handshake"]',
            "transfer.instruments: names 'handshake', which is not one",
        ),
        ('["standard-clauses"]', "[]", "transfer.instruments: names nothing"),
        ('["XX"]', '["Xx"]', "transfer.countries_of_concern: names 'Xx', which is no ISO 3166 code"),
        ('["BB", "CC"]', "[]", "transfer.findings[0].countries: names nothing"),
        ('["BB", "CC"]', '["BB", "DD"]', "findings[1].countries: names 'DD', which another finding does"),
        (
            "until = 2031-01-01",
            "until = 2030-02-01",
            "until: is not after the day on which the finding takes",
        ),
        ("days = 30", "days = 0", "deadlines.dsr.days: is 0, not between"),
        ("extension_days = 0", "extension_days = -1", "deadlines.dsr.extension_days: is -1, not between"),
        ('authority = "The Office"', "", "deadlines.breach_authority.authority: is missing"),
        ("followup_hours = 72", "followup_hours = 23", "followup_hours: is before the first notice"),
        ("hours = 24", "hours = 0", "deadlines.breach_authority.hours: is 0, not between"),
        ('"opt_out"', '"opt"', "marketing.sms: is 'opt', not one of"),
        ('"21:00"', '"24:00"', "marketing.quiet_from: is '24:00', not a time of day such as 21:00"),
        ('quiet_until = "08:00"', "", "marketing.quiet_from: and quiet_until go together"),
        ("rights.erasure", "rights.fun", "rights.fun: is not one of erasure, portability"),
        ('"partial"', '"some"', "rights.erasure.granted: is 'some', not one of"),
        ("signals.gpc", "signals.dnt", "signals.dnt: is not one of gpc"),
        ('["security-log"]', '["diary"]', "retention[0].records: names 'diary', which is not one of"),
        ("days = 90", "days = 0", "retention[0].days: is 0, not between"),
        ('"collection"', '"birth"', "retention[0].counted_from: is 'birth', not one of"),
        ('id = "logs"', 'id = "logs"\ndayz = 1', "retention[0].dayz: is not known"),
    ],
)
def test_a_mistake_in_a_section_is_named_with_its_path(old, new, expected):
    assert old in SECTIONS
    with pytest.raises(FaultyDocuments) as refused:
        load_packs({"aa.toml": GOOD + SECTIONS.replace(old, new, 1)})
    assert any(expected in str(fault) for fault in refused.value.faults)


def test_two_times_of_keeping_do_not_share_a_name():
    twice = SECTIONS + SECTIONS[SECTIONS.index("[[retention]]") :]
    with pytest.raises(FaultyDocuments, match=r"retention\[1\]\.id: is 'logs', which another one has"):
        load_packs({"aa.toml": GOOD + twice})


@pytest.mark.parametrize(("years", "fits"), [(0, False), (1, True), (100, True), (101, False)])
def test_a_consent_is_reconfirmed_after_one_to_a_hundred_years(years, fits):
    text = GOOD + SECTIONS.replace("reconfirm_years = 2", f"reconfirm_years = {years}")
    if fits:
        assert years == load_packs({"aa.toml": text}).by_country["AA"].sections.marketing.reconfirm_years
        return
    with pytest.raises(FaultyDocuments) as refused:
        load_packs({"aa.toml": text})
    assert ["marketing.reconfirm_years"] == [fault.path for fault in refused.value.faults]


def test_what_a_law_does_not_say_of_advertising_is_nought():
    lines = ("quiet_from", "quiet_until", "stop_within_business_days", "reconfirm_years")
    text = "\n".join(line for line in SECTIONS.splitlines() if not line.startswith(lines))
    marketing = load_packs({"aa.toml": GOOD + text}).by_country["AA"].sections.marketing
    assert ("", "", 0, 0) == (
        marketing.quiet_from,
        marketing.quiet_until,
        marketing.stop_within_business_days,
        marketing.reconfirm_years,
    )
