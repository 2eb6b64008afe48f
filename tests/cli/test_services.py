"""`meridian services`, as an operator runs it: the real command, the real servers."""

import json
import subprocess
import sys

import pytest

from cli.servers.nats import NatsServer
from cli.servers.process import identity_of


def meridian(directory, *arguments):
    command = "from cli.app import main; main()"
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", command, "services", *arguments, "--directory", str(directory)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.fixture
def directory(tmp_path):
    yield tmp_path
    NatsServer(tmp_path / "nats").stop()


def only_service(done):
    services = json.loads(done.stdout)["services"]
    assert len(services) == 1
    return services[0]


def test_what_one_command_starts_the_others_find_and_stop(directory):
    options = ("--only", "nats", "--output", "json")
    first = only_service(meridian(directory, "up", *options))
    assert (first["name"], first["state"], first["form"]) == ("nats", "ready", "process")
    assert only_service(meridian(directory, "up", *options))["pid"] == first["pid"]
    assert only_service(meridian(directory, "status", *options))["url"] == first["url"]
    assert identity_of(first["pid"]) is not None
    down = meridian(directory, "down", *options)
    assert (down.returncode, only_service(down)["state"]) == (0, "stopped")
    assert identity_of(first["pid"]) is None


def test_status_of_what_is_stopped_is_no_success(directory):
    done = meridian(directory, "status", "--only", "nats", "--output", "json")
    assert done.returncode == 6
    assert only_service(done)["state"] == "stopped"


def test_a_paused_server_is_not_called_ready(directory):
    with NatsServer(directory / "nats") as server:
        server.pause()
        done = meridian(directory, "status", "--only", "nats", "--output", "json")
        server.resume()
    assert (done.returncode, only_service(done)["state"]) == (6, "not-ready")


def test_down_is_safe_to_repeat_where_nothing_ever_ran(directory):
    done = meridian(directory, "down", "--output", "json")
    assert done.returncode == 0
    assert {entry["state"] for entry in json.loads(done.stdout)["services"]} == {"stopped"}
    assert list(directory.iterdir()) == []


def test_an_unknown_name_is_refused_with_the_names_there_are(directory):
    done = meridian(directory, "up", "--only", "nats,redis")
    assert done.returncode == 2
    assert "redis" in done.stderr
    assert "cassandra" in done.stderr


def test_missing_software_ends_with_2_and_the_packages(directory, monkeypatch):
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setenv("MERIDIAN_CACHE", str(directory / "cache"))
    monkeypatch.setenv("JAVA_HOME", str(directory))
    done = meridian(directory, "up", "--only", "cassandra")
    assert done.returncode == 2
    assert "apt-get install openjdk-17-jre-headless maven" in done.stderr
    assert done.stdout == ""


def test_no_secret_is_printed(directory):
    done = meridian(directory, "up", "--only", "nats")
    password = NatsServer(directory / "nats").password_file.read_text()
    assert "ready" in done.stdout
    assert password not in done.stdout + done.stderr


@pytest.mark.services
@pytest.mark.timeout(300)
def test_all_three_come_up_and_go_down(directory):
    up = meridian(directory, "up", "--output", "json")
    try:
        states = {entry["name"]: entry["state"] for entry in json.loads(up.stdout)["services"]}
        assert states == {"nats": "ready", "cassandra": "ready", "postgres": "ready"}
        status = meridian(directory, "status", "--output", "json")
        assert status.returncode == 0
        assert all(entry["memory_bytes"] > 0 for entry in json.loads(status.stdout)["services"])
    finally:
        down = meridian(directory, "down", "--output", "json")
    assert {entry["state"] for entry in json.loads(down.stdout)["services"]} == {"stopped"}
