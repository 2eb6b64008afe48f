"""Who may open an account, why not, and what a refusal leaves behind: nothing."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from locales.translator import translator_for
from policies.signup import Deployment, SignOff, SignupReason
from region_node.features.accounts.model import NewPerson, PersonState, normalised_email
from region_node.features.accounts.problems import SIGN_UP_TEXTS, EmailTaken, SignInRefused, SignUpRefused
from tests.region_node.features.accounts.conftest import HELD

ANA = NewPerson(
    email="ana@example.org",
    password="a long enough passphrase",
    display_name="Ana",
    birth_date=date(1990, 4, 3),
    country="DE",
    subdivision=None,
    language="de",
    time_zone="Europe/Berlin",
)
TEXAN = replace(ANA, country="US", subdivision="US-TX")
R = SignupReason
REFUSED = [
    pytest.param(replace(ANA, country="AQ"), R.NO_PACK, id="no-law-is-known"),
    pytest.param(replace(TEXAN, subdivision=None), R.SUBDIVISION_NEEDED, id="which-state"),
    pytest.param(replace(TEXAN, subdivision="US-ZZ"), R.SUBDIVISION_UNKNOWN, id="no-such-state"),
    pytest.param(replace(ANA, country="CH"), R.NOT_HELD_HERE, id="no-group-here-may-hold-it"),
    pytest.param(TEXAN, R.SUBDIVISION_NOT_ENABLED, id="no-sign-off"),
    pytest.param(replace(ANA, birth_date=date(2020, 1, 1)), R.UNDER_AGE, id="a-child"),
    pytest.param(replace(ANA, country="BR"), R.AGE_PROOF_NEEDED, id="a-word-is-not-enough"),
]


@pytest.mark.parametrize(("new", "reason"), REFUSED)
async def test_each_refusal_says_why_and_leaves_nothing(accounts, new, reason):
    with pytest.raises(SignUpRefused) as caught:
        await accounts.service.sign_up("t1", new)
    assert reason.value == caught.value.extra["reason"]
    text = translator_for("en").text(caught.value.detail, **caught.value.params)
    assert text
    assert "{" not in text
    assert ({}, []) == (dict(await accounts.rows()), accounts.announced)


def test_every_reason_to_refuse_has_a_case_and_a_text():
    refusals = {reason for reason in SignupReason if reason is not SignupReason.ALLOWED}
    assert refusals == {case.values[1] for case in REFUSED}
    assert {reason.value for reason in refusals} == SIGN_UP_TEXTS.keys()


async def test_a_sign_off_and_an_age_assurance_open_what_was_closed(accounts):
    signed = SignOff(signed_by="officer", signed_on=date(2026, 1, 2), reference="memo 7")
    accounts.deployment = Deployment(
        held=HELD, enabled_subdivisions={"US-TX": signed}, has_age_assurance=True
    )
    for new, jurisdiction in ((TEXAN, "us"), (replace(ANA, country="BR"), "br")):
        assert jurisdiction == (await accounts.service.sign_up("t1", new)).jurisdiction


async def test_nobody_is_a_day_too_young_anywhere_on_earth(accounts):
    """The day that counts is that of the westernmost place, where a birthday comes last."""
    west_of_all = (datetime.now(UTC) - timedelta(hours=12)).date()
    sixteen = west_of_all.replace(year=west_of_all.year - 16, day=min(west_of_all.day, 28))
    await accounts.service.sign_up("t1", replace(ANA, birth_date=sixteen))
    with pytest.raises(SignUpRefused):
        await accounts.service.sign_up("t1", replace(ANA, birth_date=west_of_all + timedelta(days=1)))


async def test_who_signs_up_is_active_announced_and_can_sign_in(accounts):
    person = await accounts.service.sign_up("t1", ANA)
    assert person == await accounts.service.person("t1", person.person_id)
    assert PersonState.ACTIVE is person.state
    assert ["person.created"] == [pointer.type for pointer in accounts.announced]
    session = await accounts.service.sign_in("t1", ("DE", None), " ANA@Example.org ", ANA.password)
    assert person.person_id == session.person_id


async def test_of_two_who_want_one_address_one_wins_and_the_other_leaves_nothing(accounts):
    answers = await asyncio.gather(
        *(accounts.service.sign_up("t1", replace(ANA, display_name=f"Ana {n}")) for n in range(4)),
        return_exceptions=True,
    )
    winners = [answer for answer in answers if not isinstance(answer, Exception)]
    assert 1 == len(winners)
    assert [EmailTaken] * 3 == [type(answer) for answer in answers if isinstance(answer, Exception)]
    tables = ("people", "credentials", "logins", "data_keys", "standings", "consent_entries")
    assert dict.fromkeys(tables, 1) == await accounts.rows()
    session = await accounts.service.sign_in("t1", ("DE", None), ANA.email, ANA.password)
    assert winners[0].person_id == session.person_id


async def test_an_address_is_taken_in_one_tenant_and_jurisdiction_only(accounts):
    await accounts.service.sign_up("t1", ANA)
    with pytest.raises(EmailTaken):
        await accounts.service.sign_up("t1", replace(ANA, country="FR"))
    await accounts.service.sign_up("t2", ANA)
    with pytest.raises(SignInRefused):
        await accounts.service.sign_in("t3", ("DE", None), ANA.email, ANA.password)


async def test_a_crash_before_the_account_was_active_is_mended_by_the_first_sign_in(accounts, monkeypatch):
    async def crash(*_):
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("region_node.features.accounts.store.AccountStore.activate", crash)
        with pytest.raises(ConnectionError):
            await accounts.service.sign_up("t1", ANA)
    session = await accounts.service.sign_in("t1", ("DE", None), ANA.email, ANA.password)
    person = await accounts.service.person("t1", session.person_id)
    assert PersonState.ACTIVE is person.state
    assert ["person.created"] == [pointer.type for pointer in accounts.announced]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Ana@Example.ORG ", "ana@example.org"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("\uff41na@example.org", "ana@example.org"),
        ("ana@example", None),
        ("ana@exa mple.org", None),
        ("a@b@example.org", None),
        ("@example.org", None),
        (f"{'a' * 65}@example.org", None),
        (f"a@{'b' * 250}.org", None),
    ],
)
def test_addresses_are_looked_up_in_one_form(text, expected):
    assert expected == normalised_email(text)
