"""``meridian workout analyse`` as scripts and people see it."""

import json
import subprocess
import sys

import pytest
import yaml

from tests.support.workout_files import run_fit, run_gpx, zipped


def meridian(*arguments):
    command = [sys.executable, "-c", "from cli.app import main; main()", "workout", "analyse"]
    return subprocess.run(  # noqa: S603 - our own command
        [*command, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def files(tmp_path):
    contents = {
        "run.fit": run_fit(),
        "run.gpx": run_gpx(),
        "page.gpx": b"<html>",
        "week.zip": zipped({"a.fit": run_fit(), "b.txt": b"no", "c.gpx": run_gpx()}),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "status", "kinds"),
    [
        pytest.param(["run.fit", "run.gpx"], 0, ["fit", "gpx"], id="all"),
        pytest.param(["page.gpx"], 1, ["unknown_format"], id="none"),
        pytest.param(["run.gpx", "page.gpx", "run.fit"], 7, ["gpx", "unknown_format", "fit"], id="some"),
        pytest.param(["week.zip"], 0, ["fit", "gpx"], id="zip-with-a-refused-member"),
    ],
)
def test_one_json_document_a_line_in_order(files, names, status, kinds):
    result = meridian(*(files / name for name in names), "--output", "json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert status == result.returncode
    assert kinds == [line.get("format") or line["code"] for line in lines]
    assert "" == result.stderr


def test_the_document_has_the_keys_of_the_contract(files):
    (line,) = meridian(files / "run.fit", "--output", "json").stdout.splitlines()
    document = json.loads(line)
    assert [
        *("file", "part", "format", "sport", "sub_sport", "started_at", "elapsed_s", "timer_s", "moving_s"),
        *("distance_m", "ascent_m", "descent_m", "calories_kcal", "heart_rate", "power", "cadence", "speed"),
        *("samples", "laps", "lengths", "legs", "device", "decoder", "formulas", "computed", "warnings"),
    ] == list(document)
    assert ["avg", "max", "weighted"] == list(document["power"])
    assert ["elapsed_s", "moving_s", "distance_m", "ascent_m", "descent_m"] == list(document["computed"])[:5]
    assert ["manufacturer", "product", "software"] == list(document["device"])


def test_a_refusal_is_a_problem_document_with_file_and_part(files):
    (line,) = meridian(files / "page.gpx", "-o", "json").stdout.splitlines()
    assert ["file", "part", "code", "title", "detail"] == list(json.loads(line))


def test_a_missing_file_is_named_on_stderr(files):
    result = meridian(files / "none.fit", "--output", "json")
    assert 2 == result.returncode
    assert "not_found" in result.stderr
    assert "" == result.stdout


def test_text_for_people_and_yaml(files):
    text = meridian(files / "run.fit", files / "page.gpx")
    assert 7 == text.returncode
    assert "running/generic" in text.stdout
    assert "unknown_format" in text.stdout
    documents = list(yaml.safe_load_all(meridian(files / "run.fit", "--output", "yaml").stdout))
    assert ["running"] == [one["sport"] for one in documents]
