import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.security.refresh_tokens import RefreshToken, new_refresh_token, parse_refresh_token


def test_a_token_survives_the_way_to_the_client_and_back():
    token = new_refresh_token().successor()
    assert parse_refresh_token(token.encode()) == token
    assert token.is_the_one(token.digest())


def test_a_successor_keeps_the_family_and_nothing_else():
    first = new_refresh_token("family-1")
    second = first.successor()
    assert (second.family, second.counter) == ("family-1", 1)
    assert second.secret != first.secret
    assert not second.is_the_one(first.digest())


def test_neither_repr_nor_digest_shows_the_secret():
    token = new_refresh_token()
    assert token.secret not in repr(token)
    assert token.secret.encode() not in token.digest()


def test_the_counter_is_part_of_what_is_compared():
    token = new_refresh_token()
    raised = RefreshToken(family=token.family, counter=7, secret=token.secret)
    assert not raised.is_the_one(token.digest())


@given(st.text())
def test_any_other_text_is_no_token(text):
    assert parse_refresh_token(text) is None


SECRET = "s" * 43


@pytest.mark.parametrize(
    "text",
    [
        f"f.01.{SECRET}",
        f"f.-1.{SECRET}",
        f"f.1.{SECRET}\n",
        f"f.1.{SECRET}s",
        f".1.{SECRET}",
        f"f.\u0661.{SECRET}",
        f"f.{10**10}.{SECRET}",
        f"{'f' * 65}.1.{SECRET}",
    ],
    ids=["zero", "sign", "line-end", "long", "no-family", "digit", "counter", "family"],
)
def test_only_the_canonical_form_is_taken(text):
    assert parse_refresh_token(text) is None
