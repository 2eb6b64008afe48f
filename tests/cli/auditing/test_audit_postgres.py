"""The control database on PostgreSQL: read in one transaction, which takes the control back."""

import asyncio
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from cli.auditing.control_database import PostgresControl
from cli.auditing.model import Kind, Mark, StoreUnreachable, Tally
from cli.auditing.patterns import Patterns
from region_node.control.database import ControlDatabase
from region_node.ids import new_person_id

pytestmark = pytest.mark.services
MARK = Mark.new()


def on(url, *statements):
    async def run():
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


@pytest.fixture
def url(postgres_server):
    """An empty database of its own, migrated."""
    server = postgres_server.url_file.read_text()
    name = f"meridian_test_{uuid4().hex}"
    on(server, f"CREATE DATABASE {name}")
    own = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    asyncio.run(migrated(own))
    yield own
    on(server, f"DROP DATABASE {name} WITH (FORCE)")


async def migrated(url):
    async with await ControlDatabase.open(url) as database:
        await database.migrate()


def read(url):
    reader, tally = PostgresControl(url, Patterns(("br", "eu"))), Tally()
    with reader.planted(MARK) as kinds:
        seen = list(reader.sightings(tally))
    assert {Kind.ID} == kinds
    assert [one for one in seen if MARK.made(one)]
    return [(one.part, one.jurisdiction) for one in seen if not MARK.made(one)], tally


def test_a_database_without_people_is_clean_and_keeps_no_control(url):
    first, tally = read(url)
    assert [] == first
    assert tally.counts["tables"] > 5
    assert ([], tally.counts["tables"]) == (read(url)[0], tally.counts["tables"])


def test_a_persons_id_is_found_in_texts_and_in_bytes(url):
    text, binary = new_person_id("eu"), new_person_id("br")
    on(
        url,
        f"UPDATE tenant SET name = 'club of {text}'",  # noqa: S608 - an id made here
        f"CREATE TABLE undeclared AS SELECT '{binary}'::bytea AS content",
    )
    assert [("tenant", "eu"), ("undeclared", "br")] == sorted(read(url)[0])


def test_a_server_that_is_away_is_named_without_its_password():
    reader = PostgresControl("postgresql://ana:planted-password@127.0.0.1:1/none", Patterns(("eu",)))
    with pytest.raises(StoreUnreachable) as raised, reader.planted(MARK):
        pass
    assert "planted-password" not in f"{raised.value} {reader!r}"
