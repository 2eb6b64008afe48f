"""The demo removes nothing that is not its own, and shares its folder with nobody."""

import pytest

from cli.demo_directory import DirectoryTaken, claim_directory, empty


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path):
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    with pytest.raises(DirectoryTaken, match="not the demo's"):
        claim_directory(tmp_path)
    assert mine.read_text() == "years of work"


def test_a_second_demo_is_refused_while_the_first_one_runs(tmp_path):
    with claim_directory(tmp_path / "demo"), pytest.raises(DirectoryTaken, match="another demo"):
        claim_directory(tmp_path / "demo")


def test_what_an_earlier_demo_left_is_removed_but_mark_and_log(tmp_path):
    directory = tmp_path / "demo"
    claim_directory(directory).close()
    (directory / "logs").mkdir()
    (directory / "rows").mkdir()
    (directory / "rows" / "eu.sqlite").write_text("rows")
    claim_directory(directory).close()
    empty(directory)
    assert {".meridian-demo", "logs"} == {entry.name for entry in directory.iterdir()}
