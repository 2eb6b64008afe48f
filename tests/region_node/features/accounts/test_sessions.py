"""Signing in tells nothing about who is registered; a copied refresh token ends its family."""

import asyncio
from dataclasses import replace

import pytest

from region_node.errors import NotFound, PreconditionFailed
from region_node.features.accounts.problems import SessionEnded, SignInRefused, TooManySignIns
from tests.region_node.features.accounts.conftest import ATTEMPTS
from tests.region_node.features.accounts.test_sign_up import ANA

HERE = ("DE", None)
WRONG = "wrong and long enough"

pytestmark = pytest.mark.usefixtures("ana")


@pytest.fixture
async def ana(accounts):
    person = await accounts.service.sign_up("t1", ANA)
    accounts.announced.clear()
    return person


async def attempt(accounts, email):
    accounts.stores.engine.reads.clear()
    accounts.passwords.checks = 0
    with pytest.raises(SignInRefused) as caught:
        await accounts.service.sign_in("t1", HERE, email, WRONG)
    return (
        str(caught.value),
        caught.value.extra,
        dict(accounts.stores.engine.reads),
        accounts.passwords.checks,
    )


@pytest.mark.parametrize("remembered", [True, False])
async def test_a_known_and_an_unknown_address_go_the_same_way(accounts, remembered):
    if not remembered:
        accounts.stores.keys._opened.clear()
    known = await attempt(accounts, ANA.email)
    unknown = await attempt(accounts, "nobody@example.org")
    assert known == unknown
    assert {"logins": 1, "data_keys": 1, "credentials": 1} == known[2]
    assert 1 == known[3]


@pytest.mark.parametrize("place", [("AQ", None), ("CH", None), ("US", None)])
async def test_a_place_without_accounts_costs_a_password_check_all_the_same(accounts, place):
    with pytest.raises(SignInRefused):
        await accounts.service.sign_in("t1", place, ANA.email, ANA.password)
    assert 1 == accounts.passwords.checks


@pytest.mark.parametrize("email", [ANA.email, "nobody@example.org"])
async def test_attempts_are_counted_alike_for_known_and_unknown_addresses(accounts, email):
    for _ in range(ATTEMPTS):
        accounts.service.throttle.wait_s(f"t1/{accounts.service.login_key('t1', 'eu', email)}")
    with pytest.raises(TooManySignIns) as caught:
        await accounts.service.sign_in("t1", HERE, email.upper(), ANA.password)
    assert caught.value.retry_after_s > 0
    assert 0 == accounts.passwords.checks


async def signed_in(accounts):
    return await accounts.service.sign_in("t1", HERE, ANA.email, ANA.password)


async def refresh(accounts, session, tenant="t1"):
    return await accounts.service.refresh(tenant, session.refresh_token)


async def test_each_refresh_gives_the_next_token(accounts, ana):
    session = await signed_in(accounts)
    tokens = {session.refresh_token}
    for _ in range(3):
        session = await refresh(accounts, session)
        assert ana.person_id == session.person_id
        tokens.add(session.refresh_token)
    assert 4 == len(tokens)


async def test_a_lost_answer_signs_nobody_out(accounts):
    first = await signed_in(accounts)
    await refresh(accounts, first)
    again = await refresh(accounts, first)
    assert await refresh(accounts, again)


async def test_a_token_used_beyond_one_step_of_grace_ends_the_family(accounts):
    stolen = await signed_in(accounts)
    second = await refresh(accounts, stolen)
    third = await refresh(accounts, second)
    for token in (stolen, third, second):
        with pytest.raises(SessionEnded):
            await refresh(accounts, token)


async def test_a_thief_who_uses_the_grace_step_is_noticed_at_the_next_use(accounts):
    stolen = await signed_in(accounts)
    owners = await refresh(accounts, stolen)
    thiefs = await refresh(accounts, stolen)
    with pytest.raises(SessionEnded):
        await refresh(accounts, owners)
    with pytest.raises(SessionEnded):
        await refresh(accounts, thiefs)


async def test_two_refreshes_at_once_are_both_answered_and_the_later_token_is_good(accounts):
    session = await signed_in(accounts)
    answers = await asyncio.gather(refresh(accounts, session), refresh(accounts, session))
    latest = max(answers, key=lambda answer: int(answer.refresh_token.split(".")[1]))
    assert 2 == len({answer.refresh_token for answer in answers})
    assert await refresh(accounts, latest)


async def test_families_do_not_touch_each_other(accounts):
    phone, laptop = await signed_in(accounts), await signed_in(accounts)
    await accounts.service.sign_out("t1", phone.refresh_token.split(".")[0])
    with pytest.raises(SessionEnded):
        await refresh(accounts, phone)
    assert await refresh(accounts, laptop)


async def test_signing_out_twice_is_fine(accounts):
    family = (await signed_in(accounts)).refresh_token.split(".")[0]
    for _ in range(2):
        await accounts.service.sign_out("t1", family)
    assert "refresh_families" not in await accounts.rows()


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda _: "nonsense",
        lambda token: token.replace("eu_", "ru_"),
        lambda token: token.partition("_")[2],
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace(".0.", ".1."),
    ],
)
async def test_a_token_that_was_made_up_opens_nothing(accounts, change):
    session = await signed_in(accounts)
    with pytest.raises(SessionEnded):
        await accounts.service.refresh("t1", change(session.refresh_token))


async def test_a_token_of_another_tenant_opens_nothing_and_ends_nothing(accounts):
    session = await signed_in(accounts)
    with pytest.raises(SessionEnded):
        await refresh(accounts, session, "t2")
    assert await refresh(accounts, session)


async def test_tokens_lie_as_hashes_only(accounts, ana, tmp_path):
    session = await signed_in(accounts)
    await accounts.stores.engine.close()
    written = b"".join(path.read_bytes() for path in (tmp_path / "rows").iterdir())
    secret = session.refresh_token.split(".")[2].encode()
    assert [False] * 4 == [
        text.encode() in written for text in (secret.decode(), ANA.email, ANA.display_name, ANA.time_zone)
    ]
    assert ana.person_id.encode() in written


async def test_of_changes_at_once_to_one_version_the_first_wins(accounts, ana):
    def renamed(name):
        def changed(before):
            if before.version != ana.version:
                raise PreconditionFailed
            return replace(before, display_name=name)

        return changed

    changes = (accounts.service.change("t1", ana.person_id, renamed(name)) for name in ("Ann", "Anna"))
    answers = await asyncio.gather(*changes, return_exceptions=True)
    (done,) = [answer for answer in answers if not isinstance(answer, Exception)]
    assert done == await accounts.service.person("t1", ana.person_id)
    assert ana.version + 1 == done.version
    assert ["person.updated"] == [pointer.type for pointer in accounts.announced]


async def test_a_person_of_another_tenant_is_not_found(accounts, ana):
    with pytest.raises(NotFound):
        await accounts.service.person("t2", ana.person_id)
