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
