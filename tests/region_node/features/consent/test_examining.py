"""Whoever can write to the store, and even seal, cannot change a ledger unnoticed."""

import tempfile
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.vocabulary import Purpose
from region_node.features.consent.examining import Fault, examine
from region_node.features.consent.model import EntryState, Method
from region_node.features.consent.store import Body
from region_node.features.consent.tables import CONSENT_ENTRIES
from region_node.rulings.standing import STANDINGS, Standing
from region_node.storage.engine import Delete, Put
from tests.region_node.features.consent.conftest import TENANT, draft, opened

ENTRIES = 7
CLEAR = ("received_at", "stored_at", "previous", "hash", "jurisdiction")
SEALED = ("age_band", "pack_version", "salt")
DRAFT = ("state", "method", "actor", "purpose", "recipient", "notice", "notice_sha256", "details")
FIELDS = (*CLEAR, *SEALED, *DRAFT)


@asynccontextmanager
async def ledger_of_seven():
    with tempfile.TemporaryDirectory() as directory:
        async with opened(Path(directory)) as world:
            person = await world.person()
            for number in range(ENTRIES - 1):
                world.pass_time(minutes=1)
                state = EntryState.WITHDRAWN if number % 2 else EntryState.GIVEN
                shown = world.law.notices.notice("leaderboard/1/de")
                proof = {"notice": shown.ref, "notice_sha256": shown.sha256}
                await world.record(person, draft(state, actor=person, **proof))
            yield world, person


async def findings(world, person):
    store = world.ledger.store(TENANT, person)
    return {(one.seq, one.fault) for one in (await examine(store, person, world.law.notices)).findings}


async def row_of(world, person, seq):
    return await world.store().get(CONSENT_ENTRIES, person, seq)


async def put(world, row):
    """Write a row as somebody would who has the node's keys, its jurisdiction as it stands in *row*."""
    store = world.store()
    placed = await store._placed(Put(CONSENT_ENTRIES, row))
    placed.row["jurisdiction"] = row["jurisdiction"]
    await store.engine.write(store.jurisdiction, [placed])


def altered(row, field):
    if field in CLEAR:
        return {**row, field: other(row[field])}
    body = msgspec.json.decode(row["body"], type=Body)
    if field in SEALED:
        body = msgspec.structs.replace(body, **{field: other(getattr(body, field))})
    else:
        changed = msgspec.structs.replace(body.draft, **{field: other(getattr(body.draft, field))})
        body = msgspec.structs.replace(body, draft=changed)
    return {**row, "body": msgspec.json.encode(body)}


def other(value):
    """A different value of the same kind."""
    ways = (
        (EntryState, lambda state: EntryState.OBJECTED if state is EntryState.GIVEN else EntryState.GIVEN),
        (Method, lambda _: Method.CLI),
        (Purpose | None, lambda _: Purpose.CHAT),
        (bytes, lambda some: bytes([some[0] ^ 1, *some[1:]])),
        (str, lambda text: text[:-1] + ("0" if text[-1:] != "0" else "1")),
        (dict, lambda facts: {**facts, "birth_date": "1971-01-01"}),
        (datetime, lambda moment: moment + timedelta(milliseconds=1)),
    )
    return next(way(value) for kind, way in ways if isinstance(value, kind))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(seq=st.integers(1, ENTRIES), field=st.sampled_from(FIELDS))
async def test_altering_any_field_of_any_entry_is_found_and_named(seq, field):
    async with ledger_of_seven() as (world, person):
        assert set() == await findings(world, person)
        await put(world, altered(await row_of(world, person, seq), field))
        assert seq in {found for found, _ in await findings(world, person)}


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(seq=st.integers(1, ENTRIES))
async def test_removing_any_entry_is_found_and_named(seq):
    async with ledger_of_seven() as (world, person):
        await world.store().write(Delete(CONSENT_ENTRIES, (person, seq)))
        assert (seq, Fault.MISSING) in await findings(world, person)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(pair=st.lists(st.integers(1, ENTRIES), min_size=2, max_size=2, unique=True), rehash=st.booleans())
async def test_swapping_any_two_entries_is_found_and_named(pair, rehash):
    async with ledger_of_seven() as (world, person):
        rows = [await row_of(world, person, seq) for seq in pair]
        for row, seq in zip(rows, reversed(pair), strict=True):
            await put(world, {**row, "seq": seq})
            if rehash:
                await put(world, await rehashed(world, person, seq))
        assert {seq for seq, _ in await findings(world, person)} & set(pair)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(seq=st.sampled_from([-1, 0, ENTRIES + 1, ENTRIES + 2]), copied=st.integers(1, ENTRIES))
async def test_inserting_an_entry_is_found_and_named(seq, copied):
    async with ledger_of_seven() as (world, person):
        await put(world, {**await row_of(world, person, copied), "seq": seq})
        await put(world, await rehashed(world, person, seq))
        assert (seq, Fault.INSERTED) in await findings(world, person)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(seq=st.integers(1, ENTRIES), field=st.sampled_from([*SEALED, *DRAFT]))
async def test_altering_an_entry_and_its_hash_is_found_by_what_follows(seq, field):
    async with ledger_of_seven() as (world, person):
        await put(world, altered(await row_of(world, person, seq), field))
        await put(world, await rehashed(world, person, seq))
        after = 0 if seq == ENTRIES else seq + 1
        assert after in {found for found, _ in await findings(world, person)}


@pytest.mark.parametrize("field", ["body", "version", "head"])
async def test_a_standing_that_is_not_what_the_entries_come_to_is_found(field):
    async with ledger_of_seven() as (world, person):
        row = await world.store().get(STANDINGS, person)
        if field == "body":
            standing = msgspec.json.decode(row["body"], type=Standing)
            other_ = msgspec.structs.replace(standing, restricted=True)
            row["body"] = msgspec.json.encode(other_)
        else:
            row[field] = ENTRIES - 1 if field == "version" else bytes(32)
        await world.store().write(Put(STANDINGS, {name: row[name] for name in STANDINGS.columns}))
        assert await findings(world, person)


async def test_bytes_that_do_not_open_are_found_and_the_rest_is_examined():
    async with ledger_of_seven() as (world, person):
        store = world.store()
        row = await store.engine.get("eu", CONSENT_ENTRIES, (TENANT, person, 3))
        await store.engine.write("eu", [Put(CONSENT_ENTRIES, {**row, "body": row["body"][:-1] + b"x"})])
        await store.write(Delete(CONSENT_ENTRIES, (person, 5)))
        assert {(3, Fault.UNREADABLE), (5, Fault.MISSING)} == await findings(world, person)


async def rehashed(world, person, seq):
    """The row with the hash that its present fields ask for: salts are no secret to who can unseal."""
    entry = await world.ledger.store(TENANT, person).entry(person, seq)
    row = await row_of(world, person, seq)
    return {**row, "hash": bytes.fromhex(entry.digest())}
