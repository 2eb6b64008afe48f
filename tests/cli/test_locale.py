import json

import pytest
from typer.testing import CliRunner

from cli.app import app


@pytest.fixture
def root(tmp_path):
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "thing.py").write_text('N_("Only here")\n', "utf-8")
    return tmp_path


def run(root, command, *more):
    return CliRunner().invoke(app, ["locale", command, "--root", str(root), *more])


def test_extract_update_check_say_what_is_left_to_do(root):
    assert json.loads(run(root, "extract", "--output", "json").stdout) == {"texts": 1}
    missing = json.loads(run(root, "update", "--output", "json").stdout)["missing"]
    assert missing == {"de": 1, "pt-BR": 1, "ru": 1}
    checked = run(root, "check", "--output", "json")
    assert checked.exit_code == 1
    assert {fault["msgid"] for fault in json.loads(checked.stdout)["faults"]} == {"Only here"}


def test_people_see_each_offender_with_its_file(root):
    run(root, "extract")
    run(root, "update")
    said = run(root, "check")
    assert said.exit_code == 1
    assert "locales/de/LC_MESSAGES/meridian.po: 'Only here' has no complete translation" in said.stdout


def test_a_tree_without_texts_is_in_order(tmp_path):
    run(tmp_path, "extract")
    run(tmp_path, "update")
    said = run(tmp_path, "check")
    assert (said.exit_code, said.stdout) == (0, "")


def test_a_root_that_does_not_exist_is_a_usage_error(tmp_path):
    assert run(tmp_path / "none", "check").exit_code == 2
