"""What the packs answer against a copy of the researched figures (``figures.json``, as of 2026-11-21).

The copy has the research's own words; what they come to is worked out here, apart from the packs.
"""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from babel import Locale

from policies.deadlines import deadlines_of
from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind, Signal
from policies.pack import AgeRule
from policies.places import find_place
from policies.ruling import Effect
from policies.sections import Granted, Right
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_engine, shipped_packs

FIGURES = json.loads((Path(__file__).parent / "figures.json").read_text("utf-8"))
AT = date.fromisoformat(FIGURES["as_of"])
LAWS = FIGURES["jurisdictions"]
STATES = LAWS["eu"]["age_of_digital_consent"]["by_state"]
SUBJECTS = {"eu": ("DE", None), "us": ("US", "US-TX"), "us-ca": ("US", "US-CA"), "ca": ("CA", "CA-ON")}
COUNTRIES = sorted(code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code))
NO_COUNTRY = {"European-Patent-Organisation"}
MECHANISMS = [code for code, law in LAWS.items() if law["transfer"]["cross_border"] == "mechanism_required"]
OPEN = [code for code, law in LAWS.items() if law["transfer"]["cross_border"] == "allow"]


def place_of(code):
    country, subdivision = SUBJECTS.get(code, (code[:2].upper(), code.upper() if "-" in code else None))
    return find_place(shipped_packs(), country, subdivision)


def decide(place, purpose=Purpose.LEADERBOARD, category=DataCategory.SCORE, **facts):
    known = {"age_years": ADULT_YEARS, "destination_country": HOME, "at": AT} | facts
    return shipped_engine().decide(
        Facts(
            jurisdiction=place.jurisdiction,
            overlay=place.overlay.country if place.overlay else "",
            purpose=purpose,
            category=category,
            **known,
        )
    )


def share(place, **facts):
    """Share a score whose owner has said yes, to the purpose and to the category by name."""
    consents = {(Purpose.LEADERBOARD, None), (Purpose.LEADERBOARD, DataCategory.SCORE)}
    return decide(place, consents=consents, **facts)


def age_alone(place, purpose, category):
    """Return the first age from which no guardian is asked for; it must stay so."""
    asks = [
        decide(place, purpose, category, age_years=years, consents={(purpose, None)}).effect
        is Effect.NEEDS_GUARDIAN
        for years in range(30)
    ]
    first = asks.index(False)
    assert not any(asks[first:])
    return first


def figure_of(age):
    return age["value"] if age["value"] is not None else age["conservative_value"]


@pytest.mark.parametrize("code", [code for code in LAWS if code != "eu"])
def test_a_guardian_is_asked_for_below_the_age_of_the_law(code):
    law = LAWS[code]
    own_consent = figure_of(law["age_of_digital_consent"])
    linked_below = law.get("children_extra", {}).get("guardian_link_under", 0)
    assert own_consent == age_alone(place_of(code), Purpose.ANALYSIS, DataCategory.WORKOUT_SUMMARY)
    assert max(own_consent, linked_below) == age_alone(place_of(code), Purpose.ACCOUNT, DataCategory.EMAIL)


@pytest.mark.parametrize("state", STATES)
def test_a_guardian_is_asked_for_below_the_age_of_the_member_state(state):
    place = find_place(shipped_packs(), state)
    for purpose in (Purpose.ANALYSIS, Purpose.LEADERBOARD, Purpose.MARKETING_EMAIL):
        assert figure_of(STATES[state]) == age_alone(place, purpose, DataCategory.TIMESTAMP)


@pytest.mark.parametrize("code", LAWS)
def test_from_that_age_a_persons_own_consent_is_enough(code):
    law = LAWS[code]
    age = law["age_of_digital_consent"]
    extra = law.get("children_extra", {})
    lowest = max(
        figure_of(STATES["DE"] if code == "eu" else age),
        extra.get("social_media_minimum_age", 0),
    )
    place = place_of(code)
    assert share(place, age_years=lowest).effect is Effect.ALLOW
    assert decide(place, age_years=lowest).effect is Effect.NEEDS_CONSENT
    assert share(place, age_years=lowest - 1).effect in {Effect.NEEDS_GUARDIAN, Effect.DENY}


@pytest.mark.parametrize("state", STATES)
def test_an_age_is_as_certain_as_the_research_says(state):
    source = find_place(shipped_packs(), state).ages[AgeRule.DIGITAL_CONSENT].source
    assert (STATES[state]["certainty"], STATES[state]["basis"]) == (source.certainty, source.basis)
    ruling = decide(find_place(shipped_packs(), state), age_years=STATES[state]["value"] - 1)
    assert (STATES[state]["certainty"], STATES[state]["basis"] == "recall") == (
        ruling.certainty,
        ruling.recalled,
    )


def adequate(code):
    """Return the countries that the research lists, without those whose recipients must be certified."""
    listed = set()
    for name in LAWS[code]["transfer"].get("adequate", []):
        if name in {"EEA", "EU-EEA"}:
            listed |= set(STATES)
        elif name not in NO_COUNTRY and "certified" not in name:
            listed.add(name[:2])
    return listed | (set(STATES) if code == "eu" else set())


@pytest.mark.parametrize("code", MECHANISMS)
def test_data_goes_to_adequate_countries_and_no_others(code):
    place = place_of(code)
    open_to = {to for to in COUNTRIES if share(place, destination_country=to).allowed}
    assert adequate(code) == open_to


@pytest.mark.parametrize("code", MECHANISMS)
def test_an_instrument_opens_what_is_not_adequate(code):
    place = place_of(code)
    for to in COUNTRIES:
        clauses = frozenset({InstrumentKind.STANDARD_CLAUSES})
        assert share(place, destination_country=to, instruments=clauses).allowed


@pytest.mark.parametrize("code", LAWS)
def test_a_certified_recipient_opens_the_usa_where_law_knows_such(code):
    known = any("certified" in name for name in LAWS[code]["transfer"].get("adequate", []))
    certified = frozenset({InstrumentKind.CERTIFICATION})
    if known:
        assert share(place_of(code), destination_country="US", instruments=certified).allowed
        assert not share(place_of(code), destination_country="US").allowed


@pytest.mark.parametrize("code", OPEN)
def test_where_no_ground_is_asked_for_only_countries_of_concern_are_closed(code):
    concern = set(LAWS[code]["transfer"].get("countries_of_concern", []))
    closed = {to for to in COUNTRIES if not share(place_of(code), destination_country=to).allowed}
    assert concern == closed
    assert concern == place_of(code).pack.transfer.countries_of_concern


def test_russia_wants_notice_and_china_a_mechanism_with_separate_consent():
    russia, china = place_of("ru"), place_of("cn")
    notice, clauses = frozenset({InstrumentKind.NOTICE}), frozenset({InstrumentKind.STANDARD_CLAUSES})
    for to in COUNTRIES:
        assert not share(russia, destination_country=to, instruments=clauses).allowed
        assert share(russia, destination_country=to, instruments=notice).allowed
        assert not share(china, destination_country=to, instruments=notice).allowed
        assert share(china, destination_country=to, instruments=clauses).allowed
        plain = decide(
            china, consents={(Purpose.LEADERBOARD, None)}, destination_country=to, instruments=clauses
        )
        assert plain.effect is Effect.NEEDS_CONSENT


@pytest.mark.parametrize("code", LAWS)
def test_the_classes_of_transfer_and_residency_are_the_researched_ones(code):
    pack, law = place_of(code).pack, LAWS[code]
    assert law["transfer"]["cross_border"] == pack.transfer.cross_border
    assert law["localization"]["residency_class"] == pack.residency.residency_class
    for part, source in (("transfer", pack.transfer.source), ("localization", pack.residency.source)):
        assert (law[part]["certainty"], law[part]["basis"]) == (source.certainty, source.basis)


def extension_days(text):
    """Return the days of an extension: a month is 28, `none` is 0, words without a figure are None."""
    if text == "none":
        return 0
    found = re.search(r"\+(\d+)( months?)?", text or "")
    return int(found[1]) * (28 if found[2] else 1) if found else None


def hours(breach):
    if breach.get("conservative_hours") is not None:
        return breach["conservative_hours"]
    if breach.get("hours") is not None:
        return breach["hours"]
    days = breach.get("business_days") or breach.get("days_after_consumer_notice")
    return days * 24 if days else None


@pytest.mark.parametrize("code", LAWS)
def test_deadlines_are_the_researched_ones(code):
    dsr, breach = LAWS[code]["dsr"], LAWS[code]["breach"]
    deadlines = deadlines_of(place_of(code).pack)
    assert deadlines.figures() == {
        "dsr_days": dsr["conservative_days"],
        "extension_days": extension_days(dsr.get("extension")),
        "breach_authority_hours": hours(breach["authority"]),
        "breach_subjects_hours": hours(breach["subjects"]),
    }
    for fact, figure in (
        (dsr, deadlines.dsr_days),
        (breach["authority"], deadlines.breach_authority_hours),
        (breach["subjects"], deadlines.breach_subjects_hours),
    ):
        assert (fact["certainty"], fact["basis"]) == (figure.source.certainty, figure.source.basis)


@pytest.mark.parametrize("code", LAWS)
def test_advertising_waits_for_consent_or_ends_with_an_objection(code):
    place, law = place_of(code), LAWS[code]["marketing"]
    text_law = law.get("phone_sms") or ("opt_in" if code in {"us", "us-ca"} else law["email"])
    rules = ((Purpose.MARKETING_EMAIL, law["email"]), (Purpose.MARKETING_SMS, text_law))
    for purpose, rule in (*rules, (Purpose.MARKETING_PUSH, "opt_in")):
        unasked = decide(place, purpose, DataCategory.DISPLAY_NAME).effect
        assert (Effect.ALLOW if rule == "opt_out" else Effect.NEEDS_CONSENT) is unasked
        agreed = {"consents": {(purpose, None)}}
        assert decide(place, purpose, DataCategory.DISPLAY_NAME, **agreed).allowed
        refused = decide(place, purpose, DataCategory.DISPLAY_NAME, **agreed, objections={purpose})
        assert refused.effect is Effect.DENY
    facts = place.pack.sections.marketing
    assert (law["email"], text_law) == (facts.email, facts.sms)
    assert (law["certainty"], law["basis"]) == (facts.source.certainty, facts.source.basis)


@pytest.mark.parametrize("code", LAWS)
def test_a_privacy_signal_counts_where_law_says_so(code):
    honoured = LAWS[code].get("signals", {}).get("global_privacy_control") == "must_be_honoured"
    consents = {(Purpose.MARKETING_EMAIL, None)}
    ruling = decide(
        place_of(code),
        Purpose.MARKETING_EMAIL,
        DataCategory.EMAIL,
        consents=consents,
        signals={Signal.GLOBAL_PRIVACY_CONTROL},
    )
    assert honoured is (ruling.effect is Effect.DENY)
    assert honoured is (Signal.GLOBAL_PRIVACY_CONTROL in place_of(code).pack.sections.signals)


@pytest.mark.parametrize("code", LAWS)
def test_health_is_analysed_with_the_consent_that_the_law_asks_for(code):
    rule = LAWS[code]["special_categories"]["health"]
    unasked = rule in {"no_special_category", "right_to_limit_use"}
    at = date(2027, 5, 13)  # India's rules of 2011, which want it in writing, have ended
    place = place_of(code)
    bare = decide(place, Purpose.ANALYSIS, DataCategory.HEALTH, at=at)
    assert (Effect.ALLOW if unasked else Effect.NEEDS_CONSENT) is bare.effect
    named = {(Purpose.ANALYSIS, DataCategory.HEALTH)}
    assert decide(place, Purpose.ANALYSIS, DataCategory.HEALTH, at=at, consents=named).allowed


@pytest.mark.parametrize("code", LAWS)
def test_rights_are_granted_as_far_as_researched(code):
    words = {True: Granted.YES, False: Granted.NO}
    granted = {right: fact.granted for right, fact in place_of(code).pack.sections.rights.items()}
    assert granted == {
        right: words.get(LAWS[code]["rights"][right], LAWS[code]["rights"][right]) for right in Right
    }
