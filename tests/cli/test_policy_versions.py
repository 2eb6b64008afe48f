"""A pack's way into force on a node's stores: proposed by one, approved by another, from an instant on."""

import asyncio
import json
import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
import tomli_w
from typer.testing import CliRunner

from cli.app import app
from policies.vocabulary import Purpose
from region_node import backends
from region_node.control.audit import AuditLog
from region_node.control.database import ControlDatabase
from region_node.control.pack_proofs import LEAD
from region_node.ids import new_person_id
from region_node.packs import shipped_packs
from region_node.settings import load_settings
from region_node.stores import Stores
from tests.support.node import REGIONS, prepared
from tests.support.standings import given, stand, standing

NEXT = "2030-01-01"
NODE = {
    "age_assurance": "demo",
    "node": {"region": "demo-local", "data_directory": "data", "regions_file": str(REGIONS)},
    "keys": {"ring_file": "keyring"},
}
TODAY = datetime.now(UTC).date()


def born(years):
    return date(TODAY.year - years, 1, 1) - timedelta(days=40)


class Office:
    """A node's folder, with the token and key of two operators."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "node.toml"
        self.config.write_text(tomli_w.dumps(NODE))

    @property
    def settings(self):
        return load_settings(self.config)

    def run(self, *words, caller=None, stdin=None):
        environment = {"MERIDIAN_CONFIG": str(self.config), "MERIDIAN_CONTROL_URL": None}
        if caller:
            environment["MERIDIAN_TOKEN_FILE"] = str(self.folder / f"{caller}.token")
            words = (*words, "--key", self.folder / f"{caller}.key")
        found = CliRunner().invoke(app, [str(word) for word in words], env=environment, input=stdin)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    def facts(self, *words, caller=None):
        found = self.run(*words, "--output", "json", caller=caller)
        assert found.exit_code == 0, found.output
        return json.loads(found.stdout)

    def staffed(self):
        for name in ("anna", "boris"):
            self.run("operator", "keygen", "--name", name, "--directory", self.folder)
        people = [
            word
            for name in ("anna", "boris")
            for word in ("--name", name, "--approval-key", self.folder / f"{name}.pub")
        ]
        assert self.run("operator", "bootstrap", *people, "--token-directory", self.folder).exit_code == 0

    def next_pack(self, jurisdiction="br", age=13, version=NEXT):
        """The shipped pack with another age, as a file."""
        text = self.run("policy", "show", f"{jurisdiction}@shipped", "--source").stdout
        text = text.replace(f'version = "{shipped(jurisdiction)}"', f'version = "{version}"', 1)
        table = "[ages.digital-consent]\nyears = "
        assert f"{table}12" in text
        path = self.folder / f"{version}.toml"
        path.write_text(text.replace(f"{table}12", f"{table}{age}"))
        return path

    def propose(self, *words):
        act = self.folder / "next.act.json"
        act.unlink(missing_ok=True)
        return self.run("policy", "propose", *words, "--act-file", act, caller="anna"), act

    def approve(self, act, *words):
        return self.run("policy", "approve", act, "--yes", *words, caller="boris")

    def version(self, at=None, jurisdiction="br"):
        words = ("--subject", jurisdiction, "--purpose", "account", "--category", "email")
        words = (*words, "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}") if at else words
        found = self.run("policy", "decide", *words, "--output", "json")
        return json.loads(found.stdout)["pack_version"]

    async def settle(self, *people):
        """Put people with these ages and consents on the node's stores."""
        place = backends.geography(self.settings)
        engine = await backends.open_engine(self.settings, place)
        stores = Stores(engine, backends.open_ring(self.settings), place.held)
        for age, *consents in people:
            person_id = new_person_id("br")
            await stores.keys.create("default", person_id)
            await stand(stores, "default", standing(person_id, *consents, birth_date=born(age)))
        await engine.close()

    def recorded(self):
        async def entries():
            async with await ControlDatabase.open(backends.control_url(self.settings)) as database:
                return await AuditLog(database).entries()

        return [(entry.action, entry.outcome) for entry in reversed(asyncio.run(entries()))]


def shipped(jurisdiction="br"):
    return shipped_packs().by_jurisdiction[jurisdiction].version


def soon():
    return datetime.now(UTC) + LEAD + timedelta(seconds=5)


@pytest.fixture(scope="module")
def staffed(tmp_path_factory):
    """A folder to copy: migrating takes seconds."""
    made = Office(tmp_path_factory.mktemp("office"))
    asyncio.run(prepared(made.settings))
    made.staffed()
    return made.folder


@pytest.fixture
def office(staffed, tmp_path):
    shutil.copytree(staffed, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path)


def test_a_pack_takes_two_people_and_an_instant(office):
    proposed, act = office.propose(office.next_pack())
    assert proposed.exit_code == 0, proposed.output
    assert f"meridian policy approve {act}" in proposed.stdout
    assert "br, 12  needs-consent" in proposed.stderr
    assert shipped() == office.version(soon())
    assert office.approve(act).exit_code == 0
    assert shipped() == office.version(soon())
    activated = office.facts("policy", "activate", act, caller="anna")
    assert (NEXT, shipped()) == (activated["version"], activated["replaces"])
    assert (shipped(), NEXT) == (office.version(), office.version(soon()))
    assert office.recorded()[-3:] == [
        ("policy.activate", "pending"),
        ("policy.activate", "done"),
        ("policy.activate", "done"),
    ]


def test_an_agreed_instant_needs_no_third_step_and_old_law_can_be_asked(office):
    _, act = office.propose(office.next_pack(), "--from", "2031-01-01T00:00Z")
    approved = office.approve(act)
    assert "in force from 2031-01-01 00:00:00 UTC on" in approved.stdout
    before, after = datetime(2030, 12, 31, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    assert (shipped(), NEXT) == (office.version(before), office.version(after))
    listed = office.facts("policy", "list")
    assert shipped() == next(one["version"] for one in listed if one["jurisdiction"] == "br")


def test_one_person_is_not_enough(office):
    _, act = office.propose(office.next_pack(), "--from", "now")
    alone = office.run("policy", "approve", act, "--yes", caller="anna")
    assert alone.exit_code == 3
    early = office.run("policy", "activate", act, caller="anna")
    assert early.exit_code == 3
    assert shipped() == office.version(soon())


def test_whoever_does_not_agree_signs_nothing(office):
    _, act = office.propose(office.next_pack(), "--from", "now")
    refused = office.run("policy", "approve", act, caller="boris", stdin="n\n")
    assert refused.exit_code == 3
    assert shipped() == office.version(soon())


def test_a_rollback_puts_the_version_before_back(office):
    _, act = office.propose(office.next_pack(), "--from", "now")
    office.approve(act)
    back = office.facts("policy", "rollback", "br", "--act-file", office.folder / "back.json", caller="boris")
    assert (shipped(), NEXT) == (back["version"], back["replaces"])
    approved = office.run("policy", "approve", back["act_file"], "--yes", caller="anna")
    assert approved.exit_code == 0, approved.output
    assert shipped() == office.version(soon())


def test_an_act_is_found_by_its_id_as_well(office):
    proposed = office.facts(
        "policy", "propose", office.next_pack(), "--act-file", office.folder / "a", caller="anna"
    )
    assert office.approve(proposed["act_id"]).exit_code == 0
    assert office.run("policy", "activate", proposed["act_id"], caller="boris").exit_code == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["propose", "none.toml"], 2),
        (["propose", "br@1999-01-01"], 4),
        (["propose", "br@shipped"], 5),
        (["rollback", "br"], 4),
        (["rollback", "br", "--to", "1999-01-01"], 4),
        (["approve", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--yes"], 4),
        (["activate", "01ARZ3NDEKTSV4RRFFQ69G5FAV"], 4),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, list) else str(value),
)
def test_each_mistake_has_its_exit_status(office, monkeypatch, words, status):
    monkeypatch.chdir(office.folder)
    found = office.run("policy", *words, caller="anna")
    assert (status, True) == (found.exit_code, bool(found.stderr)), found.output


def test_a_pack_with_mistakes_is_not_proposed_and_leaves_no_act(office):
    path = office.next_pack()
    path.write_text(path.read_text().replace("residency", "residenzy", 1))
    refused, act = office.propose(path)
    assert refused.exit_code == 2
    assert "residenzy" in refused.stderr
    assert not act.exists()


def test_a_version_with_another_content_is_refused(office):
    office.propose(office.next_pack(age=13))
    again, act = office.propose(office.next_pack(age=14))
    assert again.exit_code == 5
    assert "new version" in again.stderr
    assert not act.exists()


def test_a_difference_counts_the_people_that_it_touches(office):
    consent = given(Purpose.CLUB, None)
    by_guardian = given(Purpose.CLUB, None, by_guardian=True)
    asyncio.run(office.settle((12, consent), (12, by_guardian), (12,), (30, consent)))
    found = office.run("policy", "diff", office.next_pack(), "--output", "json")
    assert found.exit_code == 1
    document = json.loads(found.stdout)
    counted = {one["ages"]: (one["changed"], one["people"]) for one in document["people"]}
    assert (0, 1) == counted["18+"]
    assert counted["0-12"][1] == 3
    assert {12} == {one["from_age"] for one in document["changes"]}
    shown = office.run("policy", "diff", office.next_pack()).stdout
    assert f"rulings change for {counted['0-12'][0]} of 4" in shown


def test_packs_that_say_the_same_differ_in_nothing(office):
    assert office.run("policy", "diff", "br").exit_code == 0
    same = office.run("policy", "diff", "br@shipped", f"br@{shipped()}", "--output", "json")
    assert (0, [], True) == (
        same.exit_code,
        json.loads(same.stdout)["changes"],
        json.loads(same.stdout)["same"],
    )
    assert office.run("policy", "diff", "br", "eu").exit_code == 2


def test_thresholds_count_the_people_of_a_node(office):
    asyncio.run(office.settle((30,), (40,)))
    record = office.facts("policy", "records", "--jurisdiction", "us", "--jurisdiction", "br")
    assert {("us", 0, False)} == {
        (one["jurisdiction"], one["people"], one["reached"]) for one in record["thresholds"]
    }
