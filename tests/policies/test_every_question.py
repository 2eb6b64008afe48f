"""Every purpose with every category, in every situation and under every law: the whole of it, said once more.

The tables below say what should come out, as a person would reason; the packs say it as rules.
"""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind, Signal
from policies.ruling import Effect
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_engine

AT = date(2026, 11, 21)
IDS = {"identifier", "pseudonym", "timestamp"}
PLACE = {"country", "coarse-location"}
CONTACT = {"display-name", "email", "phone", "device"}
HEALTH = {"health", "heart-rate", "body-weight"}
SHOWN = IDS | PLACE | {"relationship", "score", "display-name", "workout-summary", "photo", "free-text"}
SHARING = {"social-feed", "leaderboard", "challenge", "club", "chat", "recommendation"}
SOCIAL = SHARING - {"recommendation"}
BY_CLASS_OF_AGE = {"leaderboard", "challenge", "club"}
MARKETING = {"marketing-email", "marketing-push", "marketing-sms"}
ALWAYS = {"account", "security"}

USES = {
    "account": IDS
    | PLACE
    | CONTACT
    | {"relationship", "score", "date-of-birth", "photo", "free-text", "credential"},
    "security": IDS | PLACE | CONTACT | {"date-of-birth", "credential"},
    "support": IDS | PLACE | CONTACT | {"relationship", "score", "free-text"},
    "analysis": IDS
    | PLACE
    | HEALTH
    | {"score", "date-of-birth", "precise-location", "workout-summary", "workout-samples"}
    | {"photo", "free-text", "device"},
    "research": IDS | PLACE | HEALTH | {"score", "workout-summary", "workout-samples"},
    **dict.fromkeys(MARKETING, IDS | PLACE | CONTACT),
    **dict.fromkeys(SHARING, SHOWN | HEALTH | {"workout-samples"}),
    **dict.fromkeys(BY_CLASS_OF_AGE, SHOWN | HEALTH | {"workout-samples", "date-of-birth"}),
}

HEALTH_BY_NAME = {
    "eu", "gb", "ru", "br", "us", "cn", "jp", "ca", "ca-qc", "in", "za", "tr", "au", "kr", "ch",
}  # fmt: skip
UNTIL_OBJECTION = {
    "br": {"marketing-email", "marketing-sms"},
    "us": {"marketing-email"},
    "us-ca": {"marketing-email"},
    "sg": {"marketing-email"},
}
ALONE_FROM = {
    "eu": 16, "gb": 13, "ru": 18, "br": 12, "us-ca": 13, "us": 13, "cn": 14, "sg": 13, "jp": 16, "ca": 13,
    "ca-qc": 14, "in": 18, "za": 18, "tr": 18, "au": 15, "kr": 14, "ch": 16, "eu/FR": 15,
}  # fmt: skip
CONSENTS_FROM = ALONE_FROM
ACCOUNT_ALONE_FROM = {**ALONE_FROM, "br": 16}
ADEQUATE = {"eu": "JP", "gb": "JP", "br": "DE", "jp": "DE", "kr": "DE", "ch": "NZ"}
INSTRUMENT = {"ru": "notice"}
NO_GROUND_ASKED = {"us", "us-ca", "ca", "in"}


@dataclass(frozen=True)
class Situation:
    age: int | None = None
    below: bool = False
    to: str = ""
    consent: bool = False
    by_name: bool = False
    guardian: bool = False
    objected: bool = False
    restricted: bool = False
    signal: bool = False
    rights: bool = False


SITUATIONS = {
    "unasked": Situation(),
    "agreed": Situation(consent=True),
    "agreed-by-name": Situation(consent=True, by_name=True),
    "guardian-of-an-adult": Situation(guardian=True),
    "objected": Situation(consent=True, by_name=True, objected=True),
    "restricted": Situation(consent=True, by_name=True, restricted=True),
    "signal": Situation(consent=True, by_name=True, signal=True),
    "child": Situation(below=True, consent=True, by_name=True),
    "child-with-guardian": Situation(below=True, guardian=True),
    "child-with-guardian-by-name": Situation(below=True, guardian=True, consent=True, by_name=True),
    "aged-15": Situation(age=15, guardian=True),
    "aged-15-agreed": Situation(age=15, guardian=True, consent=True, by_name=True),
    "aged-17-agreed": Situation(age=17, guardian=True, consent=True, by_name=True),
    "child-with-rights": Situation(below=True, objected=True, restricted=True, signal=True, rights=True),
    "aged-15-with-rights": Situation(age=15, guardian=True, objected=True, rights=True),
    "with-rights": Situation(rights=True, signal=True, objected=True),
    "no-ground": Situation(to="none", consent=True, by_name=True),
    "adequate": Situation(to="adequate", consent=True, by_name=True),
    "instrument": Situation(to="instrument", consent=True, by_name=True),
    "instrument-unnamed": Situation(to="instrument", consent=True),
    "instrument-unasked": Situation(to="instrument"),
    "instrument-child": Situation(to="instrument", below=True, guardian=True, consent=True, by_name=True),
    "instrument-objected": Situation(to="instrument", consent=True, by_name=True, objected=True),
    "abroad-with-rights": Situation(to="none", rights=True, signal=True),
    "child-abroad-with-rights": Situation(to="none", below=True, rights=True, restricted=True),
    "concern": Situation(to="concern", consent=True, by_name=True),
    "concern-with-rights": Situation(to="concern", rights=True),
}


def years(law, now):
    if now.below:
        return CONSENTS_FROM[law] - 1
    return ADULT_YEARS if now.age is None else now.age


def expected(law, purpose, category, now):
    """Say what should come out, the strictest first."""
    if category == "non-personal":
        return Effect.ALLOW
    if now.rights:
        return Effect.ALLOW if not now.to or category in IDS else Effect.DENY
    if denied(law, purpose, category, now):
        return Effect.DENY
    alone_from = ACCOUNT_ALONE_FROM if purpose == "account" else ALONE_FROM
    if purpose != "security" and years(law, now) < alone_from[law] and not now.guardian:
        return Effect.NEEDS_GUARDIAN
    if asked(law, purpose, category, now):
        return Effect.NEEDS_CONSENT
    return Effect.REDACT if category == "date-of-birth" and purpose in BY_CLASS_OF_AGE else Effect.ALLOW


def denied(law, purpose, category, now):
    age = years(law, now)
    return (
        category not in USES[purpose]
        or ((now.objected or now.restricted) and purpose not in ALWAYS)
        or (now.signal and law in {"us", "us-ca"} and purpose in MARKETING)
        or (law in {"br", "in"} and age < 18 and purpose in MARKETING | {"recommendation"})
        or (law == "au" and age < 16 and purpose in SOCIAL)
        or (bool(now.to) and stays(law, purpose, category, now))
    )


def stays(law, purpose, category, now):
    grounds = {"instrument"} | ({"adequate"} if law.partition("/")[0] in ADEQUATE else set())
    if law in NO_GROUND_ASKED:
        grounds |= {"none", "adequate"} | ({"concern"} if law in {"ca", "in"} else set())
    return (
        purpose not in SHARING | {"research"}
        or category not in SHOWN
        or now.to not in grounds
        or (law == "za" and years(law, now) < 18)
    )


def asked(law, purpose, category, now):
    child = years(law, now) < CONSENTS_FROM[law]
    consented = SHARING | MARKETING | {"research"}
    if category in HEALTH and law.partition("/")[0] in HEALTH_BY_NAME and not now.by_name:
        return True
    if law == "cn" and now.to and not now.by_name:
        return True
    if now.consent or purpose not in consented:
        return False
    if child:
        return law == "eu/FR"
    minor_opts_in = law == "us-ca" and years(law, now) < 16
    return minor_opts_in or purpose not in UNTIL_OBJECTION.get(law, set())


def facts_of(law, purpose, category, now):
    jurisdiction, _, overlay = law.partition("/")
    to = {
        "": HOME,
        "none": "IN",
        "instrument": "IN",
        "concern": "CN",
        "adequate": ADEQUATE.get(jurisdiction, "IN"),
    }
    consents = {(purpose, None)} if now.consent else set()
    return Facts(
        jurisdiction=jurisdiction,
        overlay=overlay,
        age_years=years(law, now),
        purpose=purpose,
        category=category,
        destination_country=to[now.to],
        at=AT,
        consents=consents | ({(purpose, category)} if now.by_name else set()),
        guardian_consent=now.guardian,
        instruments={InstrumentKind(INSTRUMENT.get(law, "standard-clauses"))}
        if now.to == "instrument"
        else set(),
        objections={purpose} if now.objected else set(),
        signals={Signal.GLOBAL_PRIVACY_CONTROL} if now.signal else set(),
        channels=frozenset(),
        restricted=now.restricted,
        rights=now.rights,
    )


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("law", ALONE_FROM)
def test_each_purpose_gets_what_it_may_and_nothing_else(law, situation):
    now, engine = SITUATIONS[situation], shipped_engine()
    wrong = [
        (purpose.value, category.value, f"{found} for {wanted}")
        for purpose in Purpose
        for category in DataCategory
        if (wanted := expected(law, purpose, category, now))
        is not (found := engine.decide(facts_of(law, purpose, category, now)).effect)
    ]
    assert not wrong


@pytest.mark.parametrize("law", ADEQUATE)
def test_a_transfer_names_the_grounds_that_it_has_and_no_others(law):
    engine = shipped_engine()
    question = (law, Purpose.CLUB, DataCategory.SCORE)
    by_country = engine.decide(facts_of(*question, SITUATIONS["adequate"]))
    by_paper = engine.decide(facts_of(*question, SITUATIONS["instrument"]))
    at_home = set(engine.decide(facts_of(*question, SITUATIONS["agreed-by-name"])).rules)
    assert {*by_country.rules} == {f"{law}.transfer-adequate"} | at_home
    assert {*by_paper.rules} == {f"{law}.transfer-instrument"} | at_home
    assert any(obligation.kind == "record" for obligation in by_paper.obligations)


@pytest.mark.parametrize("law", ALONE_FROM)
def test_at_home_nothing_is_said_of_transfers(law):
    facts = facts_of(law, Purpose.CLUB, DataCategory.SCORE, SITUATIONS["agreed"])
    every = replace(facts, instruments=frozenset(InstrumentKind))
    assert not [rule for rule in shipped_engine().decide(every).rules if "transfer" in rule]
