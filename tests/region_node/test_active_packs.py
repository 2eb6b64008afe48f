"""The law that a node rules by: whose, since when, and what happens to a pack that does not hold."""

from datetime import date, timedelta

import pytest

from policies.facts import ADULT_YEARS, HOME, Facts
from policies.ruling import Effect, Reason
from policies.vocabulary import DataCategory, Jurisdiction, Purpose
from region_node.active_packs import law_at
from region_node.control.act_errors import ActConflict, ActNotFound, ActRefused
from region_node.control.models import PackActivationRow, PackTextRow
from region_node.control.pack_proofs import LEAD
from region_node.control.store import AlreadyThere
from region_node.packs import shipped_packs
from region_node.shipping import ship_packs
from tests.support.pack_world import NEXT, NOON, SOON, next_text, pack_text, pack_world, shipped_version

QUESTION = Facts(
    jurisdiction=Jurisdiction("br"),
    overlay="",
    age_years=ADULT_YEARS,
    purpose=Purpose.ACCOUNT,
    category=DataCategory.EMAIL,
    destination_country=HOME,
    at=date(2030, 6, 1),
)
LATER = NOON + timedelta(days=3)


@pytest.fixture
async def world(tmp_path):
    async with pack_world(f"sqlite://{tmp_path / 'control.sqlite'}") as made:
        yield made


def version(node, now):
    return node.engine_at(now).decide(QUESTION).pack_version


async def overwrite(world, row, **values):
    """Change a row behind the triggers, as somebody with the file could."""

    async def work():
        connection = row._meta.db
        for table in ("pack_text", "pack_activation"):
            await connection.execute_script(f"DROP TRIGGER IF EXISTS {table}_no_update")
        await row.filter(jurisdiction="br", version=NEXT).update(**values)

    await world.database.run(work())


async def test_the_packs_that_ship_are_in_force_from_the_first_migration(world):
    node = await world.started()
    assert set(node.law_at(NOON).versions) == {str(name) for name in shipped_packs().by_jurisdiction}
    assert shipped_version() == version(node, NOON)
    assert () == node.notes()


async def test_a_release_waits_for_two_people_where_a_pack_is_in_force(world, monkeypatch):
    newer = next_text("br")
    monkeypatch.setattr("region_node.shipping.shipped_texts", lambda _: (newer,))
    assert (f"br {NEXT}",) == await ship_packs(world.versions, world.key)
    assert () == await ship_packs(world.versions, world.key)
    node = await world.started()
    assert shipped_version("br") == node.law_at(NOON).versions["br"]


async def test_a_shipped_file_that_changed_without_a_new_version_is_not_taken(world, monkeypatch):
    changed = pack_text("changed", "br", shipped_version("br"))
    monkeypatch.setattr("region_node.shipping.shipped_texts", lambda _: (changed,))
    with pytest.raises(AlreadyThere, match="new version"):
        await ship_packs(world.versions, world.key)


async def test_a_pack_takes_effect_at_its_instant_on_a_node_that_has_read_of_it(world):
    node = await world.started()
    await world.agreed(next_text(), LATER)
    await node.refresh()
    assert shipped_version() == version(node, LATER - timedelta(microseconds=1))
    assert version(node, LATER) == NEXT


async def test_a_proposal_alone_changes_nothing(world):
    node = await world.started()
    await world.propose(next_text(), NOON)
    await node.refresh()
    assert shipped_version() == version(node, LATER)


async def test_an_instant_that_has_passed_becomes_one_that_every_node_hears_of_before(world):
    await world.agreed(next_text(), NOON - timedelta(days=1))
    node = await world.started()
    assert shipped_version() == version(node, NOON + LEAD - timedelta(microseconds=1))
    assert version(node, NOON + LEAD) == NEXT


async def test_what_was_agreed_on_without_an_instant_waits_for_one(world):
    act = await world.propose(next_text())
    with pytest.raises(ActRefused, match="second person"):
        await world.activate(act, LATER)
    await world.approve(act)
    node = await world.started()
    assert shipped_version() == version(node, LATER)
    await world.activate(act, LATER)
    await node.refresh()
    assert version(node, LATER) == NEXT
    with pytest.raises(ActConflict):
        await world.activate(act, LATER)


async def test_an_instant_is_neither_past_nor_anothers_word(world):
    act = await world.propose(next_text())
    await world.approve(act)
    with pytest.raises(ActRefused, match="passed"):
        await world.activate(act, NOON - timedelta(seconds=1))
    with pytest.raises(ActRefused, match="signature"):
        await world.activate(act, LATER, who=world.anna)
    with pytest.raises(ActNotFound):
        await world.activate(replace_id(act), LATER)


def replace_id(act):
    return type(act)(act_id="0" * 26, proposer_id=act.proposer_id, proposed_at=act.proposed_at, body=act.body)


async def test_an_act_that_was_overtaken_is_refused(world):
    first = await world.propose(next_text(), NOON)
    second = await world.propose(next_text(version="2030-02-02"), NOON)
    await world.approve(second)
    with pytest.raises(ActConflict, match="meanwhile"):
        await world.approve(first)


async def test_an_earlier_version_comes_back_and_takes_a_scheduled_one_off(world):
    await world.agreed(next_text(), LATER)
    earlier = await world.versions.text("br", shipped_version())
    await world.agreed(earlier, NOON, replaces=NEXT)
    node = await world.started()
    assert shipped_version() == version(node, LATER + timedelta(days=1))


async def test_an_old_ruling_can_be_made_again(world):
    await world.agreed(next_text(), NOON)
    world.clock.pass_by(timedelta(days=30))
    for at, expected in ((NOON + LEAD, NEXT), (NOON, shipped_version())):
        law = await law_at(world.versions, {world.key.public}, at)
        assert expected == law.versions["br"]


@pytest.mark.parametrize(
    ("row", "values", "why"),
    [
        (PackTextRow, {"text": "schema = 1"}, "text"),
        (PackTextRow, {"version": "2030-03-03"}, "version"),
        (PackActivationRow, {"sha256": "0" * 64}, "record"),
        (PackActivationRow, {"active_from": NOON - timedelta(days=9)}, "instant"),
        (PackActivationRow, {"act_id": None}, "signed"),
        (PackActivationRow, {"act_id": "bootstrap"}, "act"),
    ],
    ids=["text", "version", "digest", "instant", "no-act", "other-act"],
)
async def test_a_pack_that_was_tampered_with_is_refused_and_the_last_good_one_stays(world, row, values, why):
    await world.agreed(next_text(), NOON)
    world.clock.pass_by()
    await overwrite(world, row, **values)
    node = await world.started()
    assert shipped_version() == version(node, world.clock.now)
    (note,) = node.notes()
    assert note.startswith(f"pack br {NEXT} is refused: ")
    assert why in note


async def test_a_pack_that_cannot_be_read_is_refused_though_two_people_signed_it(world):
    await world.agreed(pack_text("schema = 1\nid = 'br'"), NOON)
    world.clock.pass_by()
    node = await world.started()
    assert shipped_version() == version(node, world.clock.now)
    assert "br.toml" in node.notes()[0]


async def test_without_any_good_pack_everything_is_denied_and_others_go_on(world):
    world.key = type(world.key)(bytes([7]) * 32)
    node = await world.started()
    ruling = node.engine_at(NOON).decide(QUESTION)
    assert (Effect.DENY, (Reason.NO_RULE,)) == (ruling.effect, ruling.reasons)
    assert len(node.notes()) == len(shipped_packs().by_jurisdiction)


async def test_what_is_known_stays_while_nothing_new_was_decided(world):
    node = await world.started()
    engine = node.engine_at(NOON)
    await node.refresh()
    assert engine is node.engine_at(NOON)
    await world.agreed(next_text("br"), NOON + SOON)
    await node.refresh()
    assert engine is node.engine_at(NOON)
