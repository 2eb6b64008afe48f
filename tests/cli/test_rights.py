"""Officers work through requests on the command line, beside a running node."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
import tomli_w
from typer.testing import CliRunner

from cli.app import app
from region_node import backends
from region_node.control import acts
from region_node.control.audit import AuditLog
from region_node.features.rights.erasure.model import Step
from region_node.features.rights.links import new_link
from region_node.features.rights.model import State
from region_node.features.rights.request_ids import new_request_id
from region_node.ids import new_person_id
from tests.support.node import Athlete, RunningNode, running_node, signed_in
from tests.support.operators import both_bootstrapped


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
    tokens: tuple[Path, Path]
    keys: tuple[Path, Path]
    athlete: Athlete

    async def run(self, *words, second=False):
        key = ["--key", self.keys[second], "--yes"] if words[0] == "approve" else []
        return await self.meridian("rights", *words, *key, second=second)

    async def meridian(self, *words, second=False):
        environment = {
            "MERIDIAN_CONFIG": str(self.config),
            "MERIDIAN_TOKEN_FILE": str(self.tokens[second]),
            "COLUMNS": "200",
        }
        return await asyncio.to_thread(CliRunner().invoke, app, [*map(str, words)], env=environment)

    async def facts(self, *words, second=False):
        result = await self.run(*words, "--output", "json", second=second)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    async def worked(self, request):
        """Wait until the node has carried the erasure through."""
        async with asyncio.timeout(60):
            while (await self.run("receipt", request)).exit_code:
                self.node.container.rights.worker.wake.set()
                await asyncio.sleep(0.2)

    async def opened(self, kind):
        return await self.facts("open", self.athlete.person_id, kind, "--why", "letter-17")

    async def verified(self, kind):
        request = (await self.opened(kind))["request_id"]
        await self.facts("verify-identity", request, "--how", "passport")
        return request


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture
async def office(tmp_path):
    async with running_node(tmp_path, rights={"late_after_s": 0.0}) as node:
        tokens = [
            private(tmp_path / name, token)
            for name, token in zip(
                ("a.token", "b.token"), await both_bootstrapped(node.settings, tmp_path), strict=True
            )
        ]
        config = written(node.settings, tmp_path / "node.toml")
        async with signed_in(node) as athlete:
            yield Office(
                node, config, tuple(tokens), (tmp_path / "anna.key", tmp_path / "boris.key"), athlete
            )


async def test_an_erasure_by_staff_takes_two_of_them_and_leaves_a_receipt(office):
    request = await office.verified("erasure")
    first = await office.facts("approve", request)
    assert ("identity-verified", "") == (first["request"]["state"], first["receipt_link"])
    assert 3 == (await office.run("approve", request)).exit_code
    assert httpx.codes.OK == (await office.athlete.http.get("/v1/me")).status_code
    second = await office.facts("approve", request, second=True)
    assert second["receipt_link"]
    await office.worked(request)
    receipt = await office.facts("receipt", request)
    assert receipt["verified"]
    act = receipt["receipt"]["act_id"]
    shown = await office.meridian("operator", "proof", act)
    assert 0 == shown.exit_code, shown.output
    proof = json.loads(shown.stdout)
    assert [True, True] == [one["verified"] for one in proof["consents"]]
    assert request in proof["document"]
    assert office.athlete.person_id not in proof["document"]
    assert office.athlete.person_id not in json.dumps(receipt)
    gone = await office.run("open", office.athlete.person_id, "access", "--why", "letter-18")
    assert 4 == gone.exit_code


async def test_what_two_have_signed_begins_also_where_the_command_stopped_before_it_did(office, tmp_path):
    request = await office.verified("erasure")
    act = (await office.facts("approve", request))["request"]["approval"]["act_id"]
    shown = await office.meridian("operator", "proof", act)
    assert 0 == shown.exit_code, shown.output
    proof = json.loads(shown.stdout)
    document = private(tmp_path / "act.json", proof["document"])
    signed = await office.meridian(
        "operator", "approve", document, "--key", office.keys[True], "--yes", second=True
    )
    assert 0 == signed.exit_code, signed.output
    assert httpx.codes.OK == (await office.athlete.http.get("/v1/me")).status_code
    assert (await office.facts("approve", request))["receipt_link"]


async def test_an_act_that_has_expired_is_proposed_anew(office, monkeypatch):
    request = await office.verified("erasure")
    first = await office.facts("approve", request)
    with monkeypatch.context() as patched:
        patched.setattr(acts, "LIFETIME", timedelta(0))
        again = await office.facts("approve", request, second=True)
    ids = [one["request"]["approval"]["act_id"] for one in (first, again)]
    assert ("", 2) == (again["receipt_link"], len(set(ids)))
    assert (await office.facts("approve", request))["receipt_link"]


async def test_an_erasure_is_not_approved_without_a_key(office):
    request = await office.verified("erasure")
    assert 2 == (await office.meridian("rights", "approve", request)).exit_code
    assert "identity-verified" == (await office.facts("show", request, "--why", "case-1"))["state"]


async def test_a_legal_hold_stops_an_erasure_until_it_is_released(office):
    request = await office.verified("erasure")
    assert 0 == (await office.run("hold", office.athlete.person_id, "--why", "court-9")).exit_code
    assert 3 == (await office.run("approve", request)).exit_code
    held = await office.athlete.http.post("/v1/rights/erasure", json={"password": "a long enough passphrase"})
    assert (409, "erasure_held") == (held.status_code, held.json()["code"])
    released = await office.run("hold", office.athlete.person_id, "--why", "court-9", "--release")
    assert 0 == released.exit_code
    assert 0 == (await office.run("approve", request)).exit_code


async def test_a_legal_hold_after_the_approval_keeps_the_data_until_it_is_released(office):
    rights, athlete = office.node.container.rights, office.athlete
    store, tenant = rights.rights("default", "eu"), ("default", athlete.person_id)
    request = await office.verified("erasure")
    assert 0 == (await office.run("hold", athlete.person_id, "--why", "court-9")).exit_code
    approved = (await store.get(request)).moved(State.APPROVED)
    await rights.service.begin_erasure(store, approved, new_link(request))
    for _ in range(3):
        await rights.worker.look()
    assert Step.ACCOUNT_CLOSED is (await store.erasure(request)).step
    assert await rights.stores.keys.read(*tenant) is not None
    assert 0 == (await office.run("hold", athlete.person_id, "--why", "court-9", "--release")).exit_code
    await office.worked(request)
    assert await rights.stores.keys.read(*tenant) is None


async def test_nothing_is_done_for_a_person_who_is_not_there(office):
    unknown = await office.run("open", new_person_id("eu"), "erasure", "--why", "letter-1")
    assert 4 == unknown.exit_code
    assert 4 == (await office.run("approve", new_request_id("eu"))).exit_code


async def test_steps_out_of_turn_are_refused(office):
    request = (await office.opened("rectification"))["request_id"]
    assert 3 == (await office.run("approve", request)).exit_code
    assert 3 == (await office.run("complete", request)).exit_code


async def test_a_deadline_is_extended_once_with_a_reason(office, tmp_path):
    opened = await office.opened("rectification")
    reason = private(tmp_path / "reason", "many records have to be looked at")
    extended = await office.facts("extend", opened["request_id"], "--reason-file", reason)
    assert opened["due_at"] < extended["due_at"]
    assert 3 == (await office.run("extend", opened["request_id"], "--reason-file", reason)).exit_code
    month = extended["due_at"][:7]
    listed = await office.facts("list", "eu", month)
    assert [opened["request_id"]] == [one["request_id"] for one in listed]


async def test_a_restriction_ends_by_the_person_at_once_and_by_staff_after_a_notice(office, tmp_path):
    http, said = office.athlete.http, {"kind": "restriction"}
    request = (await http.post("/v1/rights/requests", json=said)).json()["request_id"]
    reason = private(tmp_path / "reason", "REASON")
    told = await office.facts("tell-lifting", request, "--reason-file", reason)
    assert "REASON" in told["notices"][0]
    early = await office.run("lift", request, second=True)
    assert 3 == early.exit_code
    where = f"/v1/rights/requests/{request}"
    shown = (await http.get(where, headers={"accept-language": "ru"})).json()
    assert shown["lifting_notice"].startswith("Ограничение")
    lifted = await http.delete("/v1/rights/restriction")
    assert httpx.codes.OK == lifted.status_code
    assert lifted.json() == (await http.get(where)).json()
    assert lifted.json()["lifting_receipt"]
    listed = (await http.get("/v1/consents")).json()
    assert not listed["restricted"]


async def test_an_access_request_by_letter_is_answered_with_an_archive(office):
    request = await office.verified("access")
    await office.facts("approve", request)
    await office.node.container.rights.worker.look()
    shown = await office.athlete.http.get(f"/v1/rights/requests/{request}")
    assert "complete" == shown.json()["state"]


async def test_steps_are_audited_done_or_refused_and_name_nobody(office):
    request = await office.verified("rectification")
    await office.facts("approve", request)
    assert 3 == (await office.run("approve", request)).exit_code
    await office.facts("list", "eu", "2027-01")
    assert 4 == (await office.run("list", "nowhere", "2027-01")).exit_code
    async with await backends.open_control(office.node.settings) as control:
        entries = await AuditLog(control).entries(limit=6)
    assert [
        ("rights.list", "default", "refused"),
        ("rights.list", "default/eu", "done"),
        ("rights.approve", f"default/{request}", "refused"),
        ("rights.approve", f"default/{request}", "done"),
        ("rights.verify-identity", f"default/{request}", "done"),
        ("rights.open", "default/eu", "done"),
    ] == [(one.action, one.target, one.outcome) for one in entries]
