"""A compliance officer's work on a running node, from outside it."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import tomli_w
from typer.testing import CliRunner

from cli.app import app
from region_node import backends
from region_node.control.audit import AuditLog
from region_node.features.consent.notices import shipped_notices
from region_node.features.consent.tables import CONSENT_ENTRIES
from region_node.rulings.uses import staff_reads
from region_node.storage.engine import Delete
from tests.support.node import RunningNode, signed_in
from tests.support.operators import bootstrapped


def written(settings, path: Path) -> Path:
    """The settings of a node as a file."""
    document = msgspec.to_builtins(settings, enc_hook=str)
    path.write_text(tomli_w.dumps(_without_none(document)))
    return path


def _without_none(value):
    if isinstance(value, dict):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    return value


@dataclass
class Office:
    node: RunningNode
    config: Path
    token: Path
    person: str
    session: dict[str, str]

    async def run(self, *words, **more):
        environment = {
            "MERIDIAN_CONFIG": str(self.config),
            "MERIDIAN_TOKEN_FILE": str(self.token),
            "COLUMNS": "200",
        } | more
        arguments = ["consent", *map(str, words)]
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)

    async def facts(self, *words):
        result = await self.run(*words, "--output", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    async def audited(self):
        control = await backends.open_control(self.node.settings)
        try:
            return [(entry.action, entry.target) for entry in await AuditLog(control).entries()]
        finally:
            await control.close()

    def store(self):
        return self.node.container.consent.store("default", "eu")


@pytest.fixture
async def office(node, tmp_path):
    token = tmp_path / "anna.token"
    token.write_text(await bootstrapped(node.settings))
    token.chmod(0o600)
    async with signed_in(node, consents=()) as athlete:
        body = {"notice": "leaderboard/1/de"}
        answer = await athlete.http.put("/v1/consents/leaderboard", json=body)
        assert answer.status_code == 200, answer.text
        config = written(node.settings, tmp_path / "node.toml")
        yield Office(node, config, token, athlete.person_id, athlete.session)


async def test_an_officer_sees_how_a_person_stands_and_the_look_is_on_record(office):
    shown = await office.facts("show", office.person, "--why", "case-17")
    board = next(item for item in shown["items"] if item["purpose"] == "leaderboard")
    assert ("given", True, "consent") == (board["answer"]["state"], board["allowed"], board["ground"])
    assert ("consent.show", "default/" + office.person.partition("_")[0]) in await office.audited()
    reads, _ = await staff_reads(office.store(), office.person)
    assert ["case-17"] == [read.why for _, read in reads]


async def test_nobody_looks_without_a_token_or_a_reason(office):
    without = await office.run("show", office.person, "--why", "case-17", MERIDIAN_TOKEN_FILE="")
    assert 2 == without.exit_code
    assert 2 == (await office.run("show", office.person)).exit_code
    office.token.write_text("moperator_nobody")
    assert 3 == (await office.run("show", office.person, "--why", "case-17")).exit_code


async def test_the_history_names_notice_way_and_actor(office):
    items = (await office.facts("history", office.person, "--why", "case-17"))["items"]
    assert ["given", "begun"] == [item["state"] for item in items]
    assert ("leaderboard/1/de", "api", office.person) == tuple(
        items[0][name] for name in ("notice", "method", "actor")
    )
    page = await office.facts("history", office.person, "--why", "case-17", "--limit", 1)
    assert (1, 2) == (len(page["items"]), page["before"])


async def test_an_export_can_be_followed_without_this_program(office, tmp_path):
    file = tmp_path / "ledger.json"
    words = ("export", office.person, "--why", "case-17", "--file", file)
    assert 0 == (await office.run(*words)).exit_code
    exported = json.loads(file.read_text())
    before = "0" * 64
    for entry in exported["entries"]:
        stated = entry.pop("hash")
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert (before, hashlib.sha256(canonical.encode()).hexdigest()) == (entry["previous"], stated)
        before = stated
    assert before == exported["head"]["hash"]
    assert "Bestenlisten" in exported["notices"]["leaderboard/1/de"]["text"]
    assert 0o600 == file.stat().st_mode & 0o777
    assert 5 == (await office.run(*words)).exit_code


async def test_what_an_officer_records_names_them_and_takes_effect_at_once(office):
    withdrawn = await office.facts("withdraw", office.person, "leaderboard", "--why", "letter-12")
    assert ["withdrawn"] == [entry["state"] for entry in withdrawn["recorded"]]
    assert "cli" == withdrawn["recorded"][0]["method"]
    words = ("grant", office.person, "leaderboard", "--notice", "leaderboard/1/en", "--why", "form-4")
    assert ["given"] == [entry["state"] for entry in (await office.facts(*words))["recorded"]]
    assert [] == (await office.facts(*words))["recorded"]


async def test_an_objection_is_not_taken_back_unless_the_officer_says_so(office):
    words = ("grant", office.person, "leaderboard", "--notice", "leaderboard/1/en", "--why", "form-4")
    async with office.node.client(token=office.session["access_token"]) as http:
        assert 200 == (await http.put("/v1/objections/leaderboard")).status_code
    await office.facts("withdraw", office.person, "leaderboard", "--why", "letter-12")
    refused = await office.run(*words)
    assert 3 == refused.exit_code
    assert "--end-objection" in refused.stderr
    recorded = (await office.facts(*words, "--end-objection"))["recorded"]
    assert ["objection-withdrawn", "given"] == [entry["state"] for entry in recorded]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("leaderboard", "--notice", "leaderboard/7/en"), 5),
        (("account", "--notice", "account/1/en"), 3),
        (("research", "--category", "health", "--notice", "research/1/en"), 4),
        (("nonsense", "--notice", "research/1/en"), 2),
    ],
)
async def test_each_refusal_has_its_exit_status_and_says_why(office, words, status):
    result = await office.run("grant", office.person, *words, "--why", "form-4")
    assert status == result.exit_code
    assert result.stderr


async def test_who_is_not_there_is_not_found(office):
    nobody = "eu_01jjjjjjjjjjjjjjjjjjjjjjjj"
    assert 4 == (await office.run("show", nobody, "--why", "case-17")).exit_code
    assert 4 == (await office.run("verify", nobody)).exit_code
    assert 2 == (await office.run("verify", "nobody")).exit_code


async def test_a_notice_is_printed_with_its_digest_and_compared(office):
    text = shipped_notices().notice("leaderboard/1/de")
    printed = await office.run("notice", "leaderboard/1/de", "--sha256", text.sha256)
    assert 0 == printed.exit_code
    assert text.text in printed.stdout
    assert 1 == (await office.run("notice", "leaderboard/1/de", "--sha256", "ab" * 32)).exit_code
    assert 4 == (await office.run("notice", "leaderboard/9/de")).exit_code


async def test_a_sound_ledger_verifies_and_a_missing_entry_is_named(office):
    clean = await office.facts("verify", office.person)
    assert (1, 2, []) == (clean["people"], clean["entries"], clean["findings"])
    assert 0 == (await office.run("verify")).exit_code
    await office.store().write(Delete(CONSENT_ENTRIES, (office.person, 2)))
    for words in ((office.person,), ()):
        result = await office.run("verify", *words, "--output", "json")
        found = {(one["person"], one["seq"], one["fault"]) for one in json.loads(result.stdout)["findings"]}
        assert (1, {(office.person, 2, "missing")}) == (result.exit_code, found)


async def test_a_ledger_that_is_gone_whole_is_missed(office):
    for seq in (1, 2):
        await office.store().write(Delete(CONSENT_ENTRIES, (office.person, seq)))
    result = await office.run("verify")
    assert 1 == result.exit_code
    assert f"{office.person}: entry 1: missing" in result.stdout
