"""`meridian bench` runs with tiny counts and says what it declares; how fast this machine is says no test."""

import json
import subprocess
import sys

import msgspec
import pytest

from cli.benchmarks.model import (
    BoardFigures,
    ErasureFigures,
    FootprintFigures,
    GrowthFigures,
    ImportFigures,
    ListFigures,
    ReadFigures,
)

STATUSES = {0, 1}
"""Targets may well be missed with counts as small as these."""


def bench(*arguments, cwd):
    command = [sys.executable, "-c", "from cli.app import main; main()", "bench"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *arguments], capture_output=True, text=True, timeout=110, check=False, cwd=cwd
    )
    assert done.returncode in STATUSES, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.parametrize(
    ("command", "part", "kind"),
    [
        ("import", "imports", ImportFigures),
        ("read", "reads", ReadFigures),
        ("lists", "lists", ListFigures),
        ("footprint", "footprint", FootprintFigures),
        ("growth", "growth", GrowthFigures),
        ("erasure", "erasure", ErasureFigures),
        ("boards", "boards", BoardFigures),
    ],
)
def test_a_part_prints_its_figures_as_one_document(command, part, kind, tmp_path):
    document, told = bench(command, "--scale", "0.002", cwd=tmp_path)
    assert {field.name for field in msgspec.structs.fields(kind)} == document[part].keys()
    assert document["ok"] is all(document[part]["met"].values())
    assert f"measuring: {part}" in told
