import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from federation.adapters.nats_receiver import NatsReceiver
from federation.errors import BusUnavailable
from federation.topology import Lane
from region_node.security.region_certificates import PINS, ensure_pins
from tests.cli.test_rights import written
from tests.support.federation import EU, US, places
from tests.support.lanes import until
from tests.support.network import Network


def init(directory, *more):
    return CliRunner().invoke(app, ["pki", "init", "--directory", str(directory), *more])


def test_the_first_call_makes_and_the_second_keeps(tmp_path):
    first = json.loads(init(tmp_path, "--output", "json").stdout)
    second = json.loads(init(tmp_path, "--output", "json").stdout)
    assert first["authority"]["created"]
    assert first["server"]["created"]
    assert not second["authority"]["created"]
    assert not second["server"]["created"]
    assert second["server"]["key"] == str(tmp_path / "server.key")


def test_another_host_renews_the_server_certificate_only(tmp_path):
    init(tmp_path)
    said = json.loads(init(tmp_path, "--host", "node.example", "--output", "json").stdout)
    assert (said["authority"]["created"], said["server"]["created"]) == (False, True)


def test_people_are_told_which_file_is_good_until_when(tmp_path):
    said = init(tmp_path).stdout
    assert f"authority: made {tmp_path}/ca.pem, good until " in said
    assert "PRIVATE" not in said


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
def test_a_key_that_others_can_read_is_refused_with_the_fix(tmp_path, name):
    init(tmp_path)
    (tmp_path / name).chmod(0o644)
    refused = init(tmp_path)
    assert refused.exit_code == 3
    assert "chmod 600" in refused.stderr


def issue(directory, *more, region="eu-central"):
    given = ["pki", "issue", region, "--directory", str(directory), "--output", "json"]
    return CliRunner().invoke(app, [*given, *more])


def run(command, directory):
    return CliRunner().invoke(app, ["pki", command, "--directory", str(directory), "--output", "json"])


def test_a_region_gets_a_certificate_for_each_role_once(tmp_path):
    first, second = (json.loads(issue(tmp_path).stdout)["certificates"] for _ in range(2))
    assert {"nats", "node", "operator", "system", "peer"} == first.keys()
    assert {True} == {files["created"] for files in first.values()}
    assert {False} == {files["created"] for files in second.values()}
    assert 5 == len({files["key_sha256"] for files in first.values()})


def test_what_is_no_region_gets_nothing(tmp_path):
    refused = issue(tmp_path, region="EU.*")
    assert 2 == refused.exit_code
    assert [] == list(tmp_path.iterdir())


def test_between_renewing_and_retiring_both_authorities_are_accepted(tmp_path):
    issue(tmp_path)
    counts = []
    for command in ("renew", "retire"):
        assert 0 == run(command, tmp_path).exit_code
        counts.append((tmp_path / "authorities.pem").read_text().count("BEGIN CERTIFICATE"))
    assert [2, 1] == counts
    assert {True} == {
        files["created"] for files in json.loads(issue(tmp_path).stdout)["certificates"].values()
    }


@pytest.mark.parametrize("command", ["renew", "retire"])
def test_without_an_authority_the_operator_is_told_what_to_do(tmp_path, command):
    refused = run(command, tmp_path)
    assert 4 == refused.exit_code
    assert "pki issue" in refused.stderr


def test_pins_name_the_certificates_that_are_there(tmp_path):
    facts = json.loads(issue(tmp_path).stdout)["certificates"]
    pins = {role: files["key_sha256"] for role, files in facts.items() if role != "nats"}
    assert all(pin in (tmp_path / PINS).read_text() for pin in pins.values())
    words = ["revoke", "eu-central", "--directory", str(tmp_path), "--role", "node", "--output", "json"]
    revoked = json.loads(CliRunner().invoke(app, ["pki", *words]).stdout)
    assert pins["node"] == revoked["key_sha256"]
    assert pins["node"] not in (tmp_path / PINS).read_text()
    assert 4 == CliRunner().invoke(app, ["pki", *words]).exit_code
    assert pins["node"] != json.loads(issue(tmp_path).stdout)["certificates"]["node"]["key_sha256"]


def kept_copy(login, folder):
    """Somebody who was revoked may have kept the files."""
    certificate, key = (shutil.copy(path, folder) for path in (login.certificate, login.key))
    return replace(login, certificate=Path(certificate), key=Path(key))


async def test_who_is_revoked_is_out_at_once_and_nobody_else_notices(tmp_path):
    async with places(tmp_path, EU, US) as made:
        eu = made[EU]
        ensure_pins(eu.pki)
        options = replace(eu.server.options, tls=replace(eu.server.options.tls, pins_file=eu.pki / PINS))
        await asyncio.to_thread(eu.server.reload, options)
        config = written(Network(tmp_path, made, {}).settings(EU), tmp_path / "node.toml")
        peer, own = await eu.receiver(US), await eu.receiver(EU)
        kept = kept_copy(eu.login_of("peer", US), tmp_path)
        words = ["pki", "revoke", US, "--directory", str(eu.pki), "--config", str(config), "--output", "json"]
        said = await asyncio.to_thread(CliRunner().invoke, app, words)
        assert 1 == json.loads(said.stdout)["ended"]
        await until(lambda: peer._link.last_fault)
        for login in (kept, eu.login_of("peer", US)):
            with pytest.raises(BusUnavailable):
                await (await NatsReceiver.open(US, EU, login)).pull(Lane.BULK)
        sender = await eu.sender()
        await sender.prepare([EU])
        assert [] == list(await (await own.pull(Lane.BULK)).next(1, 0.1))
        assert 1 == own._link.connections
        for one in (peer, own, sender):
            await one.close()
