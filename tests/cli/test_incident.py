"""An incident from its discovery to its last notice, over the command line."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from cli.app import app
from locales.supported import SUPPORTED
from region_node import backends
from region_node.ids import new_person_id
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.person_keys import PersonKeys
from tests.support.node import prepared, settings_in
from tests.support.operators import bootstrapped

KNOWN = "2026-11-21T14:00:00+02:00"
LATER = "2026-11-22T13:00:00Z"
FIVE = ["--count=eu=1200", "--count=br=300", "--count=us-ca=501", "--count=gb=20", "--count=jp=40"]
TENANT = "default"


class Nowhere:
    """No broker is needed: settings only have to name one."""

    node_settings = {"nats": {"url": "nats://127.0.0.1:1"}}  # noqa: RUF012 - as the real one


class Desk:
    """An officer's desk at a node's stores."""

    def __init__(self, folder):
        self.settings = settings_in(folder, Nowhere())
        asyncio.run(prepared(self.settings))
        self.token = folder / "token"
        self.token.touch(mode=0o600)
        self.token.write_text(asyncio.run(bootstrapped(self.settings)))

    def run(self, *words):
        environment = {
            "MERIDIAN_CONTROL_URL": backends.control_url(self.settings),
            "MERIDIAN_TOKEN_FILE": str(self.token),
            "COLUMNS": "250",
        }
        return CliRunner().invoke(app, ["incident", *map(str, words)], env=environment)

    def facts(self, *words, status=0):
        done = self.run(*words, "--output", "json")
        assert status == done.exit_code, done.output
        return json.loads(done.stdout)

    def opened(self, *words):
        words = words or ("--category", "email", "--category", "heart-rate")
        return self.facts("open", "a disk was stolen", "--discovered-at", KNOWN, *words)["id"]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_one_incident_over_five_jurisdictions_lists_all_deadlines_sorted(desk):
    incident = desk.opened()
    facts = desk.facts("assess", incident, *FIVE, "--establishment", "ie", "--at", LATER)
    due = [one["due_at"] for one in facts["deadlines"]]
    assert [None] * due.count(None) + sorted(one for one in due if one) == due
    assert {"eu", "br", "us-ca", "gb", "jp"} == {one["jurisdiction"] for one in facts["deadlines"]}
    first = next(one for one in facts["deadlines"] if one["due_at"])
    assert ("2026-11-24T12:00:00Z", 47.0) == (first["due_at"], first["remaining_hours"])
    assert "Data Protection Commission" in {one["name"] for one in facts["deadlines"]}
    assert 0 == facts["late"]


def test_what_is_late_shows_in_the_exit_status(desk):
    incident = desk.opened()
    desk.facts("assess", incident, "--count", "br=3", "--at", LATER)
    facts = desk.facts("timeline", incident, "--at", "2026-12-24T00:00:00Z", status=1)
    assert 3 == facts["late"]
    assert all(one["remaining_hours"] < 0 for one in facts["deadlines"])


def test_a_notice_that_went_is_no_longer_due(desk):
    incident = desk.opened()
    desk.facts("assess", incident, "--count", "br=3", "--at", LATER)
    for recipient in ("authority", "authority-followup", "subjects"):
        words = ("--jurisdiction", "br", "--recipient", recipient, "--sent-at", LATER)
        assert desk.facts("notify", incident, *words)["recorded"]
    facts = desk.facts("timeline", incident, "--at", "2026-12-24T00:00:00Z")
    assert {"told"} == {one["state"] for one in facts["deadlines"]}


@pytest.mark.parametrize("language", SUPPORTED)
def test_a_draft_is_written_in_every_language_and_records_nothing(desk, language):
    incident = desk.opened()
    desk.facts("assess", incident, "--count", "eu=7", "--at", LATER)
    words = ("--jurisdiction", "eu", "--recipient", "authority", "--language", language, "--draft")
    text = desk.facts("notify", incident, *words)
    assert not text["recorded"]
    assert "GDPR" in text["body"]
    assert "{" not in text["subject"] + text["body"]
    assert [] == [
        one for one in desk.facts("timeline", incident, "--at", LATER)["deadlines"] if one["told_at"]
    ]


def test_a_drill_says_so_everywhere(desk):
    incident = desk.opened("--drill")
    desk.facts("assess", incident, "--count", "br=3", "--at", LATER)
    words = ("--jurisdiction", "br", "--recipient", "subjects", "--draft")
    assert "DRILL" in desk.facts("notify", incident, *words)["body"]
    assert "DRILL" in desk.run("timeline", incident, "--at", LATER).stdout
    assert [True] == [one["drill"] for one in desk.facts("list")]


def test_people_are_counted_in_the_stores_by_jurisdiction_and_tenant(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("cli.incident_facts.PAGE_ROWS", 2)
    asyncio.run(settle(desk.settings, {("default", "eu"): 5, ("default", "br"): 2, ("ride", "eu"): 3}))
    monkeypatch.setattr("cli.incident.settings_or_exit", lambda _: desk.settings)
    config = ("--config", tmp_path / "node.toml")
    everywhere, own = desk.opened(), desk.opened("--tenant", "default", "--store", "eu", "--store", "logs")
    assert {"br": 2, "eu": 8} == desk.facts(*config, "assess", everywhere, "--at", LATER)["people"]
    assert {"eu": 5} == desk.facts(*config, "assess", own, "--at", LATER)["people"]


async def settle(settings, people):
    engine = await backends.open_engine(settings, backends.geography(settings))
    keys = PersonKeys(engine, FileKeyRing(settings.keys.ring_file))
    for (tenant, jurisdiction), count in people.items():
        for _ in range(count):
            await keys.create(tenant, new_person_id(jurisdiction))
    await engine.close()


@pytest.mark.parametrize(
    "what", ["ana.nunes@mail.example was seen", "the row of eu_01h2xcejqtf2nbrexx3vqjhp41 was seen"]
)
def test_nothing_personal_is_taken_down(desk, what):
    done = desk.run("open", what, "--discovered-at", KNOWN)
    assert 2 == done.exit_code
    assert what not in done.output


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("timeline", "nowhere"), 4),
        (("assess", "nowhere", "--count", "br=3"), 4),
        (("assess", "nowhere", "--count", "xx=3"), 2),
        (("assess", "nowhere"), 2),
        (("notify", "nowhere", "--jurisdiction", "br", "--recipient", "authority"), 4),
        (("open", "a leak", "--discovered-at", "2026-11-21T14:00:00"), 2),
    ],
)
def test_mistakes_have_their_status(desk, words, status):
    assert status == desk.run(*words).exit_code


def test_before_anybody_is_counted_there_are_no_deadlines(desk):
    done = desk.run("timeline", desk.opened())
    assert 5 == done.exit_code
    assert "incident assess" in done.stderr
