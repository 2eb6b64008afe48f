"""Versions of packs and their activations, on each engine."""

import asyncio
from datetime import timedelta

import pytest

from region_node.control.act_errors import ActConflict
from region_node.control.models import PackActivationRow, PackTextRow
from region_node.control.pack_proofs import LEAD, why_unproven
from region_node.control.pack_versions import in_force
from region_node.control.store import AlreadyThere
from tests.support.pack_world import NEXT, NOON, next_text, pack_text, pack_world, shipped_version


@pytest.fixture
async def world(control_url):
    async with pack_world(control_url) as made:
        yield made


async def test_a_version_is_recorded_once_and_never_changed(world):
    for _ in range(2):
        await world.versions.record(pack_text("first"))
    with pytest.raises(AlreadyThere, match="new version"):
        await world.versions.record(pack_text("second"))
    assert (await world.versions.text("br", NEXT)).text == "first"
    listed = [one.version for one in await world.versions.texts("br")]
    assert [shipped_version(), NEXT] == listed


async def test_what_two_people_agreed_on_is_proven_by_what_is_on_record(world):
    before = await world.versions.newest_number()
    await world.agreed(next_text(), NOON)
    assert before < await world.versions.newest_number()
    newest = (await world.versions.activations("br"))[-1]
    evidence = await world.versions.evidence([newest])
    proof = (evidence.texts[newest.sha256], evidence.acts[newest.act_id])
    assert NOON + LEAD == newest.active_from
    assert why_unproven(newest, *proof, frozenset(), evidence.operator_keys) == ""
    assert "signatures" in why_unproven(newest, *proof, frozenset(), {})


async def test_of_those_that_have_begun_the_last_decision_is_in_force(world):
    await world.agreed(next_text(), NOON + timedelta(days=2))
    await world.agreed(next_text(version="2030-02-02"), NOON + timedelta(days=1), replaces=NEXT)
    decided = await world.versions.activations("br")
    expected = {0: shipped_version(), 1: "2030-02-02", 2: "2030-02-02"}
    assert expected == {day: in_force(decided, NOON + timedelta(days=day))[0].version for day in expected}


async def test_of_two_acts_approved_at_once_one_counts(world):
    acts = [await world.propose(next_text(version=f"2030-01-0{number}"), NOON) for number in (1, 2)]
    results = await asyncio.gather(*(world.approve(act) for act in acts), return_exceptions=True)
    assert 1 == sum(isinstance(result, ActConflict) for result in results), results
    assert len(await world.versions.activations("br")) == 2


@pytest.mark.parametrize("row", [PackTextRow, PackActivationRow], ids=["texts", "activations"])
async def test_records_of_packs_only_grow(world, row):
    async def change():
        await row.filter(jurisdiction="br").update(version="x")

    async def remove():
        await row.filter(jurisdiction="br").delete()

    for work in (change, remove):
        with pytest.raises(Exception, match=r"append-only|does not do its work"):
            await world.database.run(work())
    assert len(await world.versions.activations("br")) == 1
