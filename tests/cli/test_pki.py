import json

import pytest
from typer.testing import CliRunner

from cli.app import app


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
