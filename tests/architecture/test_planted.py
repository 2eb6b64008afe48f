"""The checks find what nobody declared: one such thing in a copy of the tree, and they fail by its name."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sources import PACKAGES, ROOT

COPIED = (*PACKAGES, "config", "docs", "tests")
COPIED_FILES = ("pyproject.toml", "requirements.lock", "Makefile", "CONTRIBUTING.md")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
TIMEOUT_S = 100


@dataclass(frozen=True)
class Plant:
    """What is put where, which check is asked, and what it has to say."""

    path: str
    check: str
    said: str
    append: str = ""
    replace: tuple[str, str] = ("", "")


ROUTES = "region_node/features/accounts/routes.py"
TABLES = "region_node/features/accounts/tables.py"
CATALOGUE = "federation/catalogue.py"
DISPLAY_NAME = '"display_name": Column(ColumnType.TEXT, Category.DISPLAY_NAME, sealed=True),'

PLANTS = {
    "route-without-a-declaration": Plant(
        ROUTES,
        "test_routes_complete.py",
        "routes.Planted.show",
        append="class Planted:\n    async def show(self, call: Call) -> None:\n        await call.body\n",
    ),
    "route-around-the-declarations": Plant(
        "region_node/app.py",
        "test_routes_complete.py",
        "region_node/app.py",
        append="def planted(app: Sanic[Any, Any]) -> None:\n    app.add_route(planted, '/planted')\n",
    ),
    "controller-that-nobody-serves": Plant(
        ROUTES,
        "test_routes_complete.py",
        "PlantedRoutes",
        append=(
            "class PlantedRoutes:\n    @route(RouteSpec(method='GET', path='/v1/planted', "
            "operation_id='accounts.planted', summary='Planted', placement=Placement.HOME_CALLER, "
            "access=person(Scope.PROFILE_READ), purpose=Purpose.ACCOUNT, responses={200: Profile}, "
            "problems=(), tags=TAGS))\n"
            "    async def show(self, call: Call) -> None:\n        await call.body\n"
        ),
    ),
    "column-in-the-clear": Plant(
        TABLES,
        "test_columns_complete.py",
        "people.planted",
        replace=(
            DISPLAY_NAME,
            DISPLAY_NAME + '"planted": Column(ColumnType.TEXT, Category.FREE_TEXT),',
        ),
    ),
    "column-without-a-category": Plant(
        TABLES,
        "test_columns_complete.py",
        "category",
        replace=(DISPLAY_NAME, DISPLAY_NAME + '"planted": Column(ColumnType.TEXT),'),
    ),
    "column-without-a-migration": Plant(
        TABLES,
        "test_columns_complete.py",
        "planted: int",
        replace=(
            DISPLAY_NAME,
            DISPLAY_NAME + '"planted": Column(ColumnType.INT, Category.NON_PERSONAL),',
        ),
    ),
    "event-field-without-a-category": Plant(
        CATALOGUE,
        "test_events_complete.py",
        "workout.created.planted",
        replace=("_SUMMARY_FIELDS = {", '_SUMMARY_FIELDS = {"planted": "text",'),
    ),
    "event-field-without-a-version": Plant(
        CATALOGUE,
        "test_events_complete.py",
        "planted: score",
        replace=("_SUMMARY_FIELDS = {", '_SUMMARY_FIELDS = {"planted": DataCategory.SCORE,'),
    ),
    "event-type-that-is-not-declared": Plant(
        "region_node/features/accounts/store.py",
        "test_events_complete.py",
        "person.planted",
        append='PLANTED = "person.planted"\n',
    ),
    "error-without-a-translation": Plant(
        "region_node/features/accounts/problems.py",
        "test_problems_complete.py",
        "PlantedFault",
        append="class PlantedFault(Conflict):\n    code = 'p'\n    status = 409\n    title = 'Planted'\n",
    ),
    "error-without-a-code": Plant(
        "region_node/features/accounts/problems.py",
        "test_problems_complete.py",
        "PlantedFault does not declare code",
        append="class PlantedFault(Conflict):\n    status = 409\n    title = 'Planted'\n",
    ),
    "refusal-that-is-not-listed": Plant(
        "region_node/features/workouts/importing/refusals.py",
        "test_refusals_complete.py",
        "PlantedRefusal",
        append="class PlantedRefusal(NotSafe):\n    code = 'planted'\n    title = 'P'\n    detail = 'P'\n",
    ),
    "command-without-help": Plant(
        "cli/db.py",
        "test_commands_complete.py",
        "meridian db planted",
        append="@app.command()\ndef planted() -> None:\n    raise typer.Exit(ExitCode.CONFLICT)\n",
    ),
}

ONE_OF_EACH_KIND = {
    "route-without-a-declaration",
    "column-in-the-clear",
    "event-field-without-a-category",
    "error-without-a-translation",
    "command-without-help",
}
"""Planted in every `make check`; the others by `make test-long`."""


def longer(name):
    return pytest.param(name, marks=pytest.mark.long)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what the checks look at."""
    copy = tmp_path_factory.mktemp("planted") / "tree"
    copy.mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, copy / name)
    return copy


def run(tree, command):
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def pytest_on(tree, check):
    unneeded = [f"no:{plugin}" for plugin in ("cacheprovider", "xdist", "schemathesis", "hypothesispytest")]
    options = ["-vv", "--noconftest", "--tb=short", *(word for name in unneeded for word in ("-p", name))]
    return run(tree, [sys.executable, "-m", "pytest", *options, f"tests/architecture/{check}"])


@pytest.fixture
def planted(tree):
    """Plants, and weeds afterwards."""
    before = {}

    def plant(path, change):
        before[tree / path] = (tree / path).read_text()
        (tree / path).write_text(change(before[tree / path]))

    yield plant
    for path, text in before.items():
        path.write_text(text)


@pytest.mark.long
def test_the_copy_passes_as_it_is(tree):
    checks = sorted({plant.check for plant in PLANTS.values()})
    results = {check: pytest_on(tree, check) for check in checks}
    assert dict.fromkeys(checks, 0) == {check: status for check, (status, _) in results.items()}


@pytest.mark.parametrize("name", [one if one in ONE_OF_EACH_KIND else longer(one) for one in PLANTS])
def test_a_planted_thing_fails_the_check_by_name(tree, planted, name):
    plant = PLANTS[name]
    old, new = plant.replace
    assert old in (tree / plant.path).read_text()
    planted(plant.path, lambda text: (text.replace(old, new, 1) if old else text) + "\n\n" + plant.append)
    status, said = pytest_on(tree, plant.check)
    assert status != 0
    assert plant.said in said


IMPORTS = {
    "driver": ("region_node/ids.py", "import nats", "The driver of NATS"),
    "feature": (
        "region_node/features/accounts/model.py",
        "from region_node.features.workouts.model import Visibility",
        "Features do not import each other",
    ),
    "upwards": ("federation/errors.py", "from region_node.ids import new_id", "Packages import downwards"),
    "adapter": (
        "region_node/stores.py",
        "from region_node.storage.sqlite import SqliteEngine",
        "Only the composition root",
    ),
    "auditor": (
        "cli/auditing/layout.py",
        "from region_node.storage.cassandra_cql import keyspace",
        "The auditor does not use what places data",
    ),
    "auditor-in-between": (
        "cli/auditing/places.py",
        "from region_node.checkup import check_up",
        "The auditor does not use what places data",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", IMPORTS)
def test_a_planted_import_breaks_its_contract(tree, planted, name):
    path, line, contract = IMPORTS[name]
    planted(path, lambda text: f"{text}\n\n{line}\n")
    status, said = run(tree, [Path(sys.executable).with_name("lint-imports"), "--no-cache"])
    broken = [found for found in said.splitlines() if "BROKEN" in found]
    assert status != 0
    assert any(contract in found for found in broken), said
