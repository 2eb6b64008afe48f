"""Cursors open for the reader, list and filter that they were made for, and for nobody else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.errors import InvalidCursor, UnknownCursor
from region_node.http.cursors import MAX_CHARS, Binding, open_cursor, seal_cursor
from region_node.security.derived_keys import derive_cursor_key

ROOT = bytes(range(32))
KEY = derive_cursor_key(ROOT, tenant="run", purpose="pages")
MINE = Binding(tenant="run", person="eu_1", operation_id="workouts.list", filter=b'{"sport":"run"}')
POSITIONS = st.tuples(st.text(max_size=40), st.integers(min_value=-(2**40), max_value=2**40))


@given(POSITIONS)
def test_a_position_comes_back(position):
    assert position == open_cursor(KEY, seal_cursor(KEY, position, MINE), MINE, tuple[str, int])


@given(POSITIONS, st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_an_altered_cursor_is_refused(position, where, change):
    cursor = seal_cursor(KEY, position, MINE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # The last character may carry padding bits that mean nothing.
    at = where % (len(cursor) - 1)
    other = alphabet[(alphabet.index(cursor[at]) + 1 + change % 63) % 64]
    with pytest.raises(InvalidCursor):
        open_cursor(KEY, cursor[:at] + other + cursor[at + 1 :], MINE, tuple[str, int])


@given(st.text(max_size=200))
def test_no_text_from_outside_is_a_cursor(text):
    with pytest.raises(InvalidCursor):
        open_cursor(KEY, text, MINE, tuple[str, int])


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "ride"},
        {"person": "eu_2"},
        {"operation_id": "workouts.search"},
        {"filter": b'{"sport":"ride"}'},
        {"person": "", "tenant": "runeu_1"},
    ],
    ids=str,
)
def test_a_cursor_is_of_no_use_elsewhere(other):
    cursor = seal_cursor(KEY, ("a", 1), MINE)
    with pytest.raises(UnknownCursor):
        open_cursor(KEY, cursor, replace(MINE, **other), tuple[str, int])


def test_a_cursor_of_another_tenants_key_is_unknown():
    theirs = derive_cursor_key(ROOT, tenant="ride", purpose="pages")
    with pytest.raises(UnknownCursor):
        open_cursor(KEY, seal_cursor(theirs, ("a", 1), MINE), MINE, tuple[str, int])


def test_a_position_of_another_type_is_refused():
    with pytest.raises(InvalidCursor):
        open_cursor(KEY, seal_cursor(KEY, ["a"], MINE), MINE, tuple[str, int])


def test_a_cursor_hides_its_position():
    assert "eu_1" not in seal_cursor(KEY, ("eu_1", 1), MINE)
    assert seal_cursor(KEY, ("a", 1), MINE) != seal_cursor(KEY, ("a", 1), MINE)


def test_a_cursor_has_a_largest_size():
    with pytest.raises(ValueError, match="too large"):
        seal_cursor(KEY, ("a" * MAX_CHARS, 1), MINE)
