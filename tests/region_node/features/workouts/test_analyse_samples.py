"""Real files of real devices, where they are at hand: as many workouts and refusals as their list says."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from region_node.features.workouts.analyse import analyse_bytes
from region_node.features.workouts.importing.refusals import Refusal

SAMPLES = Path(__file__).parents[5] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files are not beside this checkout")


def outcome(path):
    try:
        workouts = analyse_bytes(path.name, path.read_bytes(), now=datetime.now(UTC))
    except Refusal as refusal:
        return {f"reject:{refusal.code}"}
    codes = {warning.code for workout in workouts for warning in workout.document.warnings}
    return {"import", *(f"import_with_warning:{code}" for code in codes)}


def rows(folder):
    with (folder / "MANIFEST.csv").open(newline="") as listed:
        return list(csv.DictReader(listed))


def test_every_valid_file_gives_its_workouts():
    found = Counter()
    for row in rows(SAMPLES):
        data = (SAMPLES / row["file"]).read_bytes()
        found[row["file"]] = len(analyse_bytes(row["file"], data, now=datetime.now(UTC)))
    assert (45, 46) == (len(found), found.total())


def test_every_broken_file_ends_as_listed():
    listed = rows(SAMPLES / "bad")
    found = {row["file"]: outcome(SAMPLES / "bad" / row["file"]) for row in listed}
    wrong = {
        row["file"]: row["outcome"]
        for row in listed
        if not found[row["file"]] & set(row["outcome"].split("|"))
    }
    assert {} == wrong
    assert 12 == sum("import" not in one for one in found.values())
