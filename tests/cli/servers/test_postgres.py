"""The real PostgreSQL: not as root, closed without the password, recovering from a kill."""

from pathlib import Path

import asyncpg
import pytest

from cli.servers import postgres
from cli.servers.errors import ServerMissing
from cli.servers.postgres import PostgresServer

services = pytest.mark.services


@pytest.fixture
def server(tmp_path):
    with PostgresServer(tmp_path / "postgres") as started:
        yield started


async def value(url, query):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def arguments_of(server):
    return Path(f"/proc/{server.process.pid()}/cmdline").read_bytes()


async def run(server, *statements):
    connection = await asyncpg.connect(server.url_file.read_text())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def test_without_it_the_debian_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "INSTALLATIONS", tmp_path)
    with pytest.raises(ServerMissing, match="apt-get install postgresql"):
        PostgresServer(tmp_path / "data").start()


@services
async def test_what_was_committed_survives_a_kill_at_the_same_address(server):
    await run(server, "CREATE TABLE kept (id int)", "INSERT INTO kept VALUES (7)")
    address = server.url
    server.kill()
    assert not server.running
    assert not server.ready()
    server.start()
    assert server.url == address
    assert await value(server.url_file.read_text(), "SELECT id FROM kept") == 7


@services
async def test_a_client_that_stays_does_not_hold_up_the_stop(server):
    connection = await asyncpg.connect(server.url_file.read_text())
    assert server.process.stop(10, server.stop_signal) is True
    connection.terminate()


@services
async def test_nobody_gets_in_without_the_password(server):
    with pytest.raises(asyncpg.InvalidPasswordError):
        await value(server.url, "SELECT 1")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await value(server.url.replace("@", ":wrong@"), "SELECT 1")


@services
async def test_no_password_lies_open(server):
    password = server.password_file.read_bytes()
    assert password not in arguments_of(server) + server.process.log_file.read_bytes()
    assert server.url_file.stat().st_mode & 0o077 == 0
    stored = await value(server.url_file.read_text(), "SELECT rolpassword FROM pg_authid WHERE rolcanlogin")
    assert stored.startswith("SCRAM-SHA-256$")


@services
def test_it_never_runs_as_root(server):
    assert Path(f"/proc/{server.process.pid()}").stat().st_uid != 0


@services
async def test_two_run_side_by_side_and_share_nothing(tmp_path, server):
    with PostgresServer(tmp_path / "other") as other:
        await run(server, "CREATE TABLE only_here (id int)")
        known = "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"
        assert await value(other.url_file.read_text(), known) == 0
        with pytest.raises(asyncpg.InvalidPasswordError):
            await value(other.url.replace("@", f":{server.password_file.read_text()}@"), "SELECT 1")


@services
def test_a_paused_server_answers_nothing_until_it_goes_on(server):
    server.pause()
    assert not server.ready()
    server.resume()
    assert server.ready()


@services
def test_a_half_made_cluster_of_files_is_made_anew(tmp_path):
    half = tmp_path / "data.partial"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    with PostgresServer(tmp_path) as server:
        assert server.ready()
    assert not half.exists()


@services
async def test_the_server_of_the_test_run_is_shared(postgres_server):
    assert await value(postgres_server.url_file.read_text(), "SELECT 1") == 1
