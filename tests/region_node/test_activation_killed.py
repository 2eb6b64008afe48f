"""Whoever activates a pack and is killed at any statement leaves one of two proper states behind."""

import asyncio
import sqlite3
from datetime import timedelta

import aiosqlite
import pytest

from region_node.control.act_errors import ActConflict
from region_node.control.pack_versions import in_force
from tests.support.dying import die, killed
from tests.support.pack_world import NEXT, NOON, next_text, open_world, pack_world, shipped_version

STATEMENTS = ("execute", "execute_insert", "execute_fetchall", "executemany", "commit")
LATER = NOON + timedelta(days=1)
LEAST_STATEMENTS, MOST_STATEMENTS = 5, 200


def dies_before(number):
    """Make the connection to SQLite die before statement *number* of this process."""
    left = [number]

    def dying(statement):
        async def counted(*arguments, **more):
            left[0] -= 1
            if left[0] < 0:
                die()
            return await statement(*arguments, **more)

        return counted

    for name in STATEMENTS:
        setattr(aiosqlite.Connection, name, dying(_awaited(getattr(aiosqlite.Connection, name))))


def _awaited(method):
    async def run(*arguments, **more):
        return await method(*arguments, **more)

    return run


async def prepared(url, active_from):
    async with pack_world(url) as world:
        return await world.propose(next_text(), active_from)


async def approve(url, act, number):
    """Dies before its statement *number*, as `activate` does."""
    async with open_world(url) as world:
        dies_before(number)
        await world.approve(act)


async def activate(url, act, number):
    async with open_world(url) as world:
        dies_before(number)
        await world.activate(act, LATER)


async def states(url, act):
    """The version in force later on, how often the new one was activated, and whether the act is decided."""
    async with open_world(url) as world:
        decided = await world.versions.activations("br")
        rows = [one for one in decided if one.version == NEXT]
        recorded = await world.registry.act(act.act_id)
        return in_force(decided, LATER)[0].version, len(rows), recorded.decided_at is not None


async def ruled_by(url):
    """The version that a node rules by after a restart, which refuses none."""
    async with open_world(url) as world:
        node = await world.started()
        assert () == node.notes()
        return node.law_at(LATER).versions["br"]


def ends(url, act, step):
    """The states after a kill at each statement; each process begins where the one before has left it."""
    found = []
    for number in range(MOST_STATEMENTS):
        if not killed(step, url, act, number):
            break
        found.append(asyncio.run(states(url, act)))
    assert LEAST_STATEMENTS < len(found) < MOST_STATEMENTS
    return found


@pytest.fixture
def url(tmp_path):
    return f"sqlite://{tmp_path / 'control.sqlite'}"


def test_an_approval_that_is_killed_activates_wholly_or_not_at_all(url):
    act = asyncio.run(prepared(url, NOON))
    before, after = (shipped_version(), 0, False), (NEXT, 1, True)
    found = ends(url, act, approve)
    assert {before} == set(found) - {after}
    assert after == asyncio.run(states(url, act))
    assert NEXT == asyncio.run(ruled_by(url))


def test_an_activation_that_is_killed_has_happened_once_or_not_at_all(url):
    act = asyncio.run(prepared(url, None))
    assert not killed(approve, url, act, MOST_STATEMENTS)
    before, after = (shipped_version(), 0, True), (NEXT, 1, True)
    found = ends(url, act, activate)
    assert {before} == set(found) - {after}
    assert after == asyncio.run(states(url, act))
    assert NEXT == asyncio.run(ruled_by(url))


async def test_what_was_done_is_not_done_again(url):
    async with pack_world(url) as world:
        act = await world.agreed(next_text(), NOON)
        with pytest.raises(ActConflict):
            await world.approve(act)


def test_a_killed_process_leaves_no_lock(url):
    act = asyncio.run(prepared(url, NOON))
    assert killed(approve, url, act, 3)
    assert shipped_version() == asyncio.run(ruled_by(url))
    with sqlite3.connect(url.removeprefix("sqlite://")) as connection:
        connection.execute("BEGIN IMMEDIATE")
