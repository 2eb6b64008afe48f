import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.security.sealing import OVERHEAD_BYTES, DataKey, SealBroken, seal, unseal

KEY = DataKey(bytes(range(32)))
HERE = {"table": "profiles", "row": "eu.1/2", "column": "name"}
PLACES = st.fixed_dictionaries({"table": st.text(), "row": st.text() | st.binary(), "column": st.text()})


def as_bytes(row):
    return row.encode() if isinstance(row, str) else row


@given(plain=st.binary(max_size=2048), place=PLACES)
def test_what_was_sealed_opens_in_its_place(plain, place):
    sealed = seal(KEY, plain, **place)
    assert unseal(KEY, sealed, **place) == plain
    assert len(sealed) == len(plain) + OVERHEAD_BYTES


@given(plain=st.binary(max_size=64), data=st.data())
def test_any_flipped_bit_is_found(plain, data):
    sealed = bytearray(seal(KEY, plain, **HERE))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), **HERE)


@given(plain=st.binary(max_size=64), data=st.data())
def test_any_cut_is_found(plain, data):
    sealed = seal(KEY, plain, **HERE)
    with pytest.raises(SealBroken):
        unseal(KEY, sealed[: data.draw(st.integers(0, len(sealed) - 1))], **HERE)


@given(one=PLACES, other=PLACES)
def test_a_value_opens_nowhere_else(one, other):
    sealed = seal(KEY, b"value", **one)
    if {**one, "row": as_bytes(one["row"])} == {**other, "row": as_bytes(other["row"])}:
        assert unseal(KEY, sealed, **other) == b"value"
    else:
        with pytest.raises(SealBroken):
            unseal(KEY, sealed, **other)


@pytest.mark.parametrize(
    "moved",
    [
        {**HERE, "row": "eu.1/3"},
        {**HERE, "column": "nam", "row": "eeu.1/2"},
        {**HERE, "table": "profilesn", "column": "ame"},
    ],
    ids=["another-row", "column-runs-into-row", "table-runs-into-column"],
)
def test_borders_between_the_parts_of_a_place_count(moved):
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"value", **HERE), **moved)


def test_another_persons_key_does_not_open():
    with pytest.raises(SealBroken):
        unseal(DataKey.generate(), seal(KEY, b"value", **HERE), **HERE)


def test_the_same_value_is_sealed_differently_each_time():
    assert seal(KEY, b"value", **HERE) != seal(KEY, b"value", **HERE)


def test_a_broken_seal_names_the_place_but_no_row():
    with pytest.raises(SealBroken) as broken:
        unseal(KEY, b"", **HERE)
    assert str(broken.value) == "what is stored in profiles.name does not open"


def test_a_key_is_neither_shown_nor_pickled():
    assert KEY.reveal().hex() not in repr(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_has_256_bits(size):
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey(bytes(size))
