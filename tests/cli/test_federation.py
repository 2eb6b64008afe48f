"""Operators watch and steer what goes between regions, beside running nodes."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from federation.peers import Level
from tests.cli.test_rights import private, written
from tests.support.federation import EU, US
from tests.support.lanes import until
from tests.support.network import network
from tests.support.node import signed_in
from tests.support.operators import bootstrapped


@dataclass
class Operators:
    made: object
    config: Path
    token: Path

    @property
    def federation(self):
        return self.made.nodes[EU].container.federation

    async def run(self, *words):
        environment = {
            "MERIDIAN_CONFIG": str(self.config),
            "MERIDIAN_TOKEN_FILE": str(self.token),
            "COLUMNS": "200",
        }
        arguments = ["federation", *map(str, words)]
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)

    async def facts(self, *words, status=0):
        result = await self.run(*words, "--output", "json")
        assert status == result.exit_code, result.output
        return json.loads(result.stdout)


@pytest.fixture
async def operators(tmp_path):
    async with network(tmp_path, EU, US) as made:
        await made.start(EU)
        settings = made.nodes[EU].settings
        token = private(tmp_path / "a.token", await bootstrapped(settings))
        yield Operators(made, written(settings, tmp_path / "node.toml"), token)


async def test_status_says_who_was_heard_and_what_waits(operators):
    await until(lambda: operators.made.age_s(EU, EU) is not None)
    alone = await operators.facts("status", status=1)
    heard = {one["peer"]["region"]: one["heard_at"] is not None for one in alone["regions"]}
    assert {"eu-central": True, "us-west": False} == heard
    lanes = await operators.facts("lag", US)
    assert 1 == next(lane["waiting"] for lane in lanes[US] if lane["lane"] == "retraction")
    await operators.made.start(US)
    await until(lambda: operators.made.age_s(EU, US) is not None)
    together = await operators.facts("status")
    assert ["open", "open"] == [one["peer"]["level"] for one in together["regions"]]
    assert [0, 0] == [one["owes"] for one in together["regions"]]
    shown = await operators.run("status")
    assert "us-west" in shown.stdout


async def test_a_region_is_never_trusted_more_by_accident(operators):
    found = await operators.facts("peer", "set", US, "blocked", "--why", "audit")
    assert ("blocked", "audit") == (found["level"], found["why"])
    refused = await operators.run("peer", "set", US, "open")
    assert 5 == refused.exit_code
    assert "--" not in refused.stderr
    await operators.facts("peer", "set", US, "open", "--instead-of", "blocked")
    await until(lambda: operators.federation.peers.rules.of(US).level is Level.OPEN)
    assert 4 == (await operators.run("peer", "set", "xx-north", "open")).exit_code


async def test_a_pause_reaches_the_running_node_and_ends(operators):
    await operators.facts("pause", US, "--why", "full")
    await until(lambda: operators.federation.peers.rules.of(US).paused)
    assert [("us-west", True)] == [
        (one["region"], one["paused"]) for one in await operators.facts("peers") if one["paused"]
    ]
    await operators.facts("resume", US)
    await operators.facts("pause", "--type", "workout.created")
    assert 4 == (await operators.run("pause", "--type", "no.such")).exit_code
    await until(lambda: operators.federation.peers.rules.paused_types == {"workout.created"})
    assert {"region": "us-west", "paid": 0} == await operators.facts("retry", US)


async def test_a_region_is_blocked_and_asked_to_take_back_what_it_has_of_everybody(operators):
    async with signed_in(operators.made.nodes[EU]) as athlete:
        said = await operators.facts("disclosures", athlete.person_id, "--why", "case-7")
        assert {"left": [], "taken_back": []} == said
        assert 1 == (await operators.facts("republish", US))["people"]
        assert 5 == (await operators.run("defederate", EU, "--why", "law")).exit_code
        assert 1 == (await operators.facts("defederate", US, "--why", "law"))["people"]
    assert [] == await operators.facts("quarantine")


async def test_a_stranger_changes_nothing(operators):
    operators.token.write_text("nobody")
    assert 3 == (await operators.run("pause", US)).exit_code
    assert not operators.federation.peers.rules.of(US).paused
