"""The real nats-server: durable, sealed, closed to strangers."""

import json
import os
import socket
from pathlib import Path

import nats
import pytest

from cli.servers.errors import ServerFailed
from cli.servers.nats import STORE_KEY_VARIABLE, NatsOptions, NatsServer
from cli.servers.ports import LOOPBACK, free_port
from region_node.security.private_files import PrivateFileError

PLANTED = b"planted-value-that-must-not-lie-in-the-clear"


@pytest.fixture
def server(tmp_path):
    with NatsServer(tmp_path / "nats") as started:
        yield started


async def connect(server, **given):
    login = {"user": server.username, "password": server.password_file.read_text()} | given
    return await nats.connect(server.url, allow_reconnect=False, connect_timeout=5, **login)


def answer_to(server, login):
    """What the server says to a client that logs in; nats-py leaves a refused connection half open."""
    with socket.create_connection((LOOPBACK, server.ports["client"]), timeout=5) as link:
        link.recv(4096)
        options = {"verbose": False, "pedantic": False} | login
        link.sendall(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        return link.recv(4096)


async def publish(server, body):
    connection = await connect(server)
    stream = connection.jetstream()
    await stream.add_stream(name="WORK", subjects=["work.>"])
    acknowledged = await stream.publish("work.one", body)
    await connection.close()
    return acknowledged.seq


async def stored(server, sequence):
    connection = await connect(server)
    message = await connection.jetstream().get_msg("WORK", sequence)
    await connection.close()
    return message.data


async def test_what_was_acknowledged_survives_a_kill_at_the_same_address(server):
    sequence = await publish(server, PLANTED)
    address = server.url
    server.kill()
    assert not server.running
    assert not server.ready()
    server.start()
    assert server.url == address
    assert await stored(server, sequence) == PLANTED


@pytest.mark.parametrize("cipher", ["chachapoly", "aes"])
async def test_messages_do_not_lie_on_the_disk_in_the_clear(tmp_path, cipher):
    with NatsServer(tmp_path, NatsOptions(cipher=cipher)) as server:
        await publish(server, PLANTED)
        control = server.store_directory / "control"
        control.write_bytes(PLANTED)
    holding = [p for p in tmp_path.rglob("*") if p.is_file() and PLANTED in p.read_bytes()]
    assert holding == [control]


async def test_the_store_opens_with_its_own_key_only(tmp_path, monkeypatch):
    monkeypatch.setenv(STORE_KEY_VARIABLE, "0123456789")
    server = NatsServer(tmp_path)
    with server:
        sequence = await publish(server, PLANTED)
    assert not (tmp_path / "secrets" / "store-key").exists()
    with server:
        assert await stored(server, sequence) == PLANTED
    monkeypatch.setenv(STORE_KEY_VARIABLE, "another-key")
    with pytest.raises(ServerFailed, match="decrypt"):
        server.start()
    assert not server.running


@pytest.mark.parametrize("login", [{}, {"user": "meridian", "pass": "wrong"}])
def test_nobody_gets_in_without_the_password(server, login):
    assert b"Authorization Violation" in answer_to(server, login)


def test_the_right_password_gets_in(server):
    login = {"user": server.username, "pass": server.password_file.read_text()}
    assert answer_to(server, login) == b"PONG\r\n"


def test_no_secret_is_in_arguments_configuration_or_log(server):
    secrets = [path.read_bytes() for path in (server.password_file, server.directory / "secrets/store-key")]
    public = Path(f"/proc/{server.process.pid()}/cmdline").read_bytes()
    public += (server.directory / "nats.conf").read_bytes() + server.process.log_file.read_bytes()
    assert not [secret for secret in secrets if secret in public]
    assert {path.stat().st_mode & 0o077 for path in (server.directory / "secrets").iterdir()} == {0}


def test_a_password_file_open_to_others_is_refused(tmp_path):
    password = tmp_path / "password"
    password.write_text("open")
    password.chmod(0o644)
    with pytest.raises(PrivateFileError):
        NatsServer(tmp_path / "nats", NatsOptions(password_file=password)).start()


async def test_accounts_of_ones_own_take_the_place_of_the_one_user(tmp_path):
    accounts = tmp_path / "accounts.conf"
    accounts.write_text(
        'accounts { A { jetstream: enabled, users: [ {user: "other", password: "pw-pw"} ] } }'
    )
    with NatsServer(tmp_path / "nats", NatsOptions(accounts_file=accounts)) as server:
        connection = await nats.connect(server.url, user="other", password="pw-pw", allow_reconnect=False)
        assert (await connection.jetstream().account_info()).streams == 0
        await connection.close()


async def test_two_run_side_by_side_and_share_nothing(tmp_path):
    with NatsServer(tmp_path / "a") as first, NatsServer(tmp_path / "b") as second:
        await publish(first, b"one")
        connection = await connect(second)
        assert (await connection.jetstream().account_info()).streams == 0
        await connection.close()


def test_start_and_stop_are_safe_to_repeat_from_anywhere(server):
    pid = server.process.pid()
    NatsServer(server.directory).start()
    assert server.process.pid() == pid
    NatsServer(server.directory).stop()
    server.stop()
    assert not server.running


def test_a_given_port_is_used_and_a_taken_one_is_a_clear_error(tmp_path):
    port = free_port()
    with NatsServer(tmp_path / "a", NatsOptions(port=port)) as server:
        assert server.url.endswith(f":{port}")
        with pytest.raises(ServerFailed, match="address already in use"):
            NatsServer(tmp_path / "b", NatsOptions(port=port)).start()
        assert server.ready()


def test_a_port_that_was_taken_meanwhile_is_left_to_its_new_owner(tmp_path):
    server = NatsServer(tmp_path)
    with server:
        port = server.ports["client"]
    with socket.create_server((LOOPBACK, port)), server:
        assert server.ports["client"] != port
        assert server.ready()


def test_a_paused_server_answers_nothing_until_it_goes_on(server):
    server.pause()
    assert server.running
    assert not server.ready()
    server.resume()
    assert server.ready()


def test_a_stale_pid_file_does_not_hinder_a_start(tmp_path):
    with NatsServer(tmp_path) as server:
        record = json.loads(server.process.pid_file.read_bytes())
    server.process.pid_file.write_text(json.dumps(record | {"pid": os.getpid()}))
    with server:
        assert server.ready()


def test_the_server_of_the_test_run_is_shared(nats_server):
    assert NatsServer(nats_server.directory).ready()
    assert nats_server.memory_bytes() > 0
