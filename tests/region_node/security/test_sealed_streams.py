import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.security.sealed_streams import (
    SEGMENT_BYTES,
    StreamOpener,
    StreamSealer,
    open_bytes,
    open_stream,
    read_header,
    seal_bytes,
)
from region_node.security.sealing import TAG_BYTES, DataKey, SealBroken

KEY = DataKey(bytes(range(32)))
NAME = "originals/0001"
HEADER_BYTES = 4 + 2 + len("eu") + 32
SEALED_SEGMENT = SEGMENT_BYTES + TAG_BYTES
SIZES = st.sampled_from([0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES])


def content(size):
    return random.Random(size).randbytes(size)  # noqa: S311 - repeatable filler, no key


def sealed(size):
    return seal_bytes(KEY, content(size), jurisdiction="eu", object_name=NAME)


def cut(data, sizes):
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


CUTS = st.lists(st.integers(0, 2 * SEGMENT_BYTES), max_size=5)


@given(size=SIZES, writes=CUTS, reads=CUTS)
def test_a_file_opens_whole_however_it_is_cut_into_chunks(size, writes, reads):
    plain = content(size)
    sealer = StreamSealer(KEY, jurisdiction="eu", object_name=NAME)
    stored = b"".join([*(sealer.update(chunk) for chunk in cut(plain, writes)), sealer.finish()])
    opener = StreamOpener(KEY, object_name=NAME)
    opened = [*(opener.update(chunk) for chunk in cut(stored, reads)), opener.finish()]
    assert b"".join(opened) == plain
    assert len(stored) == HEADER_BYTES + size + TAG_BYTES * max(1, -(-size // SEGMENT_BYTES))


@given(size=SIZES, data=st.data())
def test_any_flipped_bit_is_found(size, data):
    stored = bytearray(sealed(size))
    bit = data.draw(st.integers(0, len(stored) * 8 - 1))
    stored[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        open_bytes(KEY, bytes(stored), object_name=NAME)


@given(size=SIZES, data=st.data())
def test_any_cut_is_found(size, data):
    stored = sealed(size)
    with pytest.raises(SealBroken):
        open_bytes(KEY, stored[: data.draw(st.integers(0, len(stored) - 1))], object_name=NAME)


@given(size=SIZES, more=st.binary(min_size=1, max_size=64))
def test_any_extension_is_found(size, more):
    with pytest.raises(SealBroken):
        open_bytes(KEY, sealed(size) + more, object_name=NAME)


def segments(stored):
    body = stored[HEADER_BYTES:]
    return stored[:HEADER_BYTES], [
        body[at : at + SEALED_SEGMENT] for at in range(0, len(body), SEALED_SEGMENT)
    ]


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 2], [0, 1], [0, 0, 1, 2], [0, 1, 2, 2], [2]], ids=str)
def test_segments_out_of_order_missing_or_doubled_are_found(order):
    header, parts = segments(sealed(3 * SEGMENT_BYTES))
    with pytest.raises(SealBroken):
        open_bytes(KEY, header + b"".join(parts[i] for i in order), object_name=NAME)


def test_segments_of_another_file_are_found():
    header, _ = segments(sealed(SEGMENT_BYTES))
    _, others = segments(sealed(SEGMENT_BYTES))
    with pytest.raises(SealBroken):
        open_bytes(KEY, header + b"".join(others), object_name=NAME)


def test_a_file_opens_only_under_its_name_and_key():
    with pytest.raises(SealBroken):
        open_bytes(KEY, sealed(10), object_name="originals/0002")
    with pytest.raises(SealBroken):
        open_bytes(DataKey.generate(), sealed(10), object_name=NAME)


def test_a_changed_jurisdiction_is_found():
    stored = sealed(10).replace(b"eu", b"ru", 1)
    assert read_header(stored).jurisdiction == "ru"
    with pytest.raises(SealBroken):
        open_bytes(KEY, stored, object_name=NAME)


def test_an_auditor_reads_the_jurisdiction_without_a_key():
    stored = seal_bytes(KEY, b"", jurisdiction="us-ca", object_name=NAME)
    assert read_header(stored[:100]).jurisdiction == "us-ca"
    assert read_header(stored[:20]) is None


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"MSEX", b"MSEA\x02\x02"])
def test_other_files_are_not_taken_for_sealed_ones(start):
    with pytest.raises(SealBroken):
        read_header(start)


async def test_a_stream_yields_before_the_file_has_ended_and_fails_at_the_cut():
    stored = sealed(3 * SEGMENT_BYTES)

    async def chunks():
        yield stored[: 2 * SEALED_SEGMENT]

    opened = open_stream(KEY, chunks(), object_name=NAME)
    assert await anext(opened) == content(3 * SEGMENT_BYTES)[:SEGMENT_BYTES]
    with pytest.raises(SealBroken):
        await anext(opened)


async def test_a_stream_opens_chunk_by_chunk():
    stored = sealed(2 * SEGMENT_BYTES)

    async def chunks():
        for at in range(0, len(stored), 1000):
            yield stored[at : at + 1000]

    opened = [plain async for plain in open_stream(KEY, chunks(), object_name=NAME)]
    assert b"".join(opened) == content(2 * SEGMENT_BYTES)
