"""Whatever kind of store it lies in, what is misplaced is found and named; what is in place is not."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from cli.auditing.provenance import articles
from cli.servers.nats import NatsServer
from region_node.ids import new_person_id
from tests.support.audited import REGIONS, Audited

GROUP, OWN = "platform.residency-group", "platform.own-space"


@pytest.fixture
async def stores(tmp_path):
    audited = Audited(tmp_path)
    await audited.fill()
    return audited


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with NatsServer(tmp_path_factory.mktemp("broker") / "nats") as nats:
        yield nats


def test_stores_in_which_all_is_in_place_are_clean(stores):
    said = stores.audit()
    assert (0, []) == (said.exit_code, said.findings), said.stdout
    assert {"found"} == set(said.controls().values())
    assert {"sqlite", "objects", "logs", "snapshots", "hints", "control"} == said.controls().keys()


def test_an_audit_leaves_nothing_of_its_own_behind(stores):
    before = sorted(path.name for path in stores.folder.rglob("*"))
    assert 0 == stores.audit().exit_code
    after = {path.name for path in stores.folder.rglob("*")}
    assert set() == {name for name in after - set(before) if not name.endswith(("-shm", "-wal"))}


async def test_a_row_of_another_group_is_found_in_a_file(stores):
    await stores.misplace_row("br", "eu")
    said = stores.audit()
    assert 3 == said.exit_code
    found = {(one["part"], one["kind"]) for one in said.findings}
    assert {("logins", "row"), ("logins", "id")} <= found
    assert {("sqlite", "br", GROUP)} == {(store, code, rule) for store, _, code, rule in said.named()}
    assert {articles()["br"]} == {tuple(one["articles"]) for one in said.findings}
    assert "no provision found" not in str(said.findings)


async def test_a_row_of_the_same_group_in_another_ones_file_is_found(stores):
    await stores.misplace_row("gb", "eu")
    said = stores.audit()
    assert 3 == said.exit_code
    assert ("sqlite", "eu.sqlite", "gb", OWN) in said.named()


async def test_a_file_of_a_jurisdiction_that_may_not_be_here_is_found(stores):
    await stores.misplace_row("br", "br")
    assert ("sqlite", "br.sqlite", "br", GROUP) in stores.audit().named()


def test_a_row_that_only_the_write_ahead_log_holds_is_found(stores):
    person_id = new_person_id("br")
    with closing(sqlite3.connect(stores.rows / "eu.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA wal_autocheckpoint=0")
        database.execute("CREATE TABLE nobody_declared (body TEXT)")
        database.execute("INSERT INTO nobody_declared VALUES (?)", (f"about {person_id}.",))
        assert person_id.encode() not in (stores.rows / "eu.sqlite").read_bytes()
        said = stores.audit()
    assert 3 == said.exit_code
    assert {("eu.sqlite", "nobody_declared"), ("eu.sqlite-wal", "(bytes)")} <= {
        (one["container"], one["part"]) for one in said.findings
    }
    assert person_id not in said.stdout


async def test_an_object_below_another_jurisdictions_folder_is_found(stores):
    await stores.put_object("eu/ab/misplaced", "gb")
    assert {("objects", "eu", "gb", OWN)} == stores.audit().named()


async def test_an_object_of_another_group_is_found_by_folder_and_header(stores):
    await stores.put_object("br/ab/misplaced", "br")
    said = stores.audit()
    assert {"place", "header"} == {one["kind"] for one in said.findings}
    assert {("objects", "br", "br", GROUP)} == said.named()


def test_a_hint_of_another_group_is_found(stores):
    (stores.folder / "hints" / "a-1-2.hints").write_bytes(
        bytes(80) + new_person_id("us-ca").encode() + b"\x01"
    )
    said = stores.audit()
    assert 3 == said.exit_code
    assert {("hints", "a-1-2.hints", "us-ca", GROUP)} == said.named()


def test_a_backup_of_another_group_is_found(stores):
    folder = stores.folder / "snapshots" / "nightly" / "meridian_br" / "logins-1"
    folder.mkdir(parents=True)
    (folder / "oa-1-big-Index.db").write_bytes(b"\x1d" + new_person_id("br").encode())
    said = stores.audit()
    assert 3 == said.exit_code
    assert {"place", "bytes"} == {one["kind"] for one in said.findings}


async def test_a_copy_of_a_file_among_backups_is_read_as_rows(stores):
    await stores.misplace_row("br", "eu")
    (stores.folder / "snapshots" / "eu.sqlite").write_bytes(b"")
    with (
        closing(sqlite3.connect(stores.rows / "eu.sqlite")) as source,
        closing(sqlite3.connect(stores.folder / "snapshots" / "eu.sqlite")) as copy,
    ):
        source.backup(copy)
    assert ("snapshots", "eu.sqlite", "br", GROUP) in stores.audit().named()


@pytest.mark.parametrize("line", ["person {id} signed in", "mail to ana.nunes@mail.example failed"])
def test_a_personal_value_in_a_log_is_found_and_not_repeated(stores, line):
    person_id = new_person_id("eu")
    log = stores.folder / "logs" / "node.log"
    log.write_text(log.read_text() + line.format(id=person_id) + "\n")
    said = stores.audit()
    assert 3 == said.exit_code
    assert {("node.log", "platform.no-person-in-logs")} == {(one[1], one[3]) for one in said.named()}
    assert person_id not in said.stdout
    assert "ana.nunes" not in said.stdout


def test_a_person_in_the_control_database_is_found(stores):
    with closing(sqlite3.connect(stores.folder / "control.sqlite")) as control, control:
        control.execute("UPDATE tenant SET name = ?", (f"club of {new_person_id('eu')}",))
    said = stores.audit()
    assert 3 == said.exit_code
    assert ("control", "control.sqlite", "eu", "platform.no-person-in-control") in said.named()


async def test_a_message_of_another_group_is_found(tmp_path, server):
    audited = Audited(tmp_path, server)
    await audited.fill()
    clean = await asyncio.to_thread(audited.audit)
    assert (0, "found") == (clean.exit_code, clean.controls()["streams"]), clean.stdout
    await audited.publish("br")
    said = await asyncio.to_thread(audited.audit)
    assert 3 == said.exit_code
    assert {("streams", "EVENTS", "br", GROUP)} == said.named()
    assert {"field", "id"} == {one["kind"] for one in said.findings}


def test_a_store_that_is_not_there_ends_in_6(stores):
    said = stores.audit("--sqlite", stores.folder / "elsewhere")
    assert 6 == said.exit_code
    assert "is no folder" in said.report["stores"][1]["fault"]


def test_a_file_that_does_not_open_ends_in_7(stores):
    path = stores.rows / "eu.sqlite"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    said = stores.audit()
    assert 7 == said.exit_code
    assert any("eu.sqlite" in reason for one in said.report["stores"] for reason in one["unread"])


def test_a_region_that_the_file_does_not_name_is_a_mistake(stores):
    said = stores.audit(region="atlantis")
    assert 2 == said.exit_code
    assert "eu-central" in said.stderr


@pytest.mark.parametrize(
    ("option", "address"), [("--nats", "nats://127.0.0.1:1"), ("--cassandra", "127.0.0.1:1")]
)
async def test_a_server_that_is_away_ends_in_6_and_the_rest_is_read(stores, option, address):
    said = await asyncio.to_thread(stores.audit, option, address)
    assert 6 == said.exit_code
    faults = {one["store"]: one["fault"] for one in said.report["stores"] if one["fault"]}
    assert {"--nats": "streams", "--cassandra": "cassandra"}[option] in faults
    assert "127.0.0.1" in str(faults)
    assert "found" == said.controls()["control"]


@pytest.mark.parametrize(
    "words",
    [
        ("audit",),
        ("audit", "--region", "eu-central", "--regions", "nowhere.toml"),
        ("audit", "--region", "eu-central", "--regions", str(REGIONS)),
        ("audit", "--region", "eu-central", "--regions", str(REGIONS), "--logs", "."),
    ],
    ids=["no-region", "no-file", "no-store", "no-key"],
)
def test_what_is_missing_is_said(stores, words):
    said = stores.run(*words)
    assert 2 == said.exit_code
    assert said.stderr


def test_people_read_what_was_found_and_what_was_left_out(stores, monkeypatch):
    monkeypatch.setattr("cli.output.stdout.width", 250)
    (stores.folder / "hints" / "a-1-2.hints").write_bytes(new_person_id("us-ca").encode())
    said = stores.audit("--output", "text")
    assert 3 == said.exit_code
    for word in ("a-1-2.hints", "us-ca", GROUP, "28 CFR Part 202", "--cassandra-directory"):
        assert word in said.stdout
