import asyncio

import pytest

from region_node.security.passwords import (
    FAULT_TEXTS,
    MAX_LENGTH,
    MIN_LENGTH,
    PasswordFault,
    Passwords,
    PasswordsBusy,
    password_fault,
)


@pytest.fixture
def passwords():
    made = Passwords()
    yield made
    made.close()


async def test_only_the_right_password_matches(passwords):
    stored = await passwords.hash_password("correct horse battery")
    assert await passwords.verify_password(stored, "correct horse battery")
    assert not await passwords.verify_password(stored, "correct horse batterz")


async def test_composed_and_decomposed_letters_are_the_same_password(passwords):
    stored = await passwords.hash_password("gr\u00fc\u00dfe aus wien")
    assert await passwords.verify_password(stored, "gru\u0308\u00dfe aus wien")


async def test_hashes_are_salted_and_name_the_stated_parameters(passwords):
    one, other = [await passwords.hash_password("correct horse battery") for _ in range(2)]
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_unknown_account_runs_the_same_function_with_the_same_parameters(passwords, monkeypatch):
    seen = []
    real = Passwords._matches

    def spy(self, encoded, password):
        seen.append(encoded)
        return real(self, encoded, password)

    monkeypatch.setattr(Passwords, "_matches", spy)
    stored = await passwords.hash_password("correct horse battery")
    assert not await passwords.verify_password(None, "correct horse battery")
    assert await passwords.verify_password(stored, "correct horse battery")
    parameters = [encoded.rsplit("$", 2)[0] for encoded in seen]
    assert parameters == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


@pytest.mark.parametrize("stored", ["", "no hash", "$argon2id$v=19$m=19456,t=2,p=1$xx$yy"])
async def test_a_damaged_hash_matches_nothing(passwords, stored):
    assert not await passwords.verify_password(stored, "correct horse battery")


async def test_weaker_hashes_are_to_be_made_anew(passwords):
    assert not passwords.needs_rehash(await passwords.hash_password("correct horse battery"))
    assert passwords.needs_rehash(
        "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )


async def test_more_than_the_limit_at_once_is_refused_not_queued():
    passwords = Passwords(workers=1, max_waiting=2)
    try:
        calls = [passwords.verify_password(None, "correct horse battery") for _ in range(4)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(result) for result in results] == [bool, bool, PasswordsBusy, PasswordsBusy]
        assert not await passwords.verify_password(None, "room again")
    finally:
        passwords.close()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a" * (MIN_LENGTH - 1), PasswordFault.TOO_SHORT),
        ("a" * MIN_LENGTH, None),
        ("\u00e9" * MIN_LENGTH, None),
        ("e\u0301" * (MIN_LENGTH - 1), PasswordFault.TOO_SHORT),
        ("a" * MAX_LENGTH, None),
        ("a" * (MAX_LENGTH + 1), PasswordFault.TOO_LONG),
    ],
    ids=["short", "shortest", "accents", "marks-are-not-letters", "longest", "long"],
)
def test_only_length_is_judged(password, fault):
    assert password_fault(password) is fault


def test_every_fault_has_a_text():
    assert set(FAULT_TEXTS) == set(PasswordFault)
