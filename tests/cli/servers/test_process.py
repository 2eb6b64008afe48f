"""A pid file is believed only while the very process it names is alive."""

import os
import signal
import sys
import time

import msgspec
import pytest

from cli.servers.process import ProcessIdentity, ServerProcess, identity_of


def python(*lines):
    return (
        sys.executable,
        "-S",
        "-c",
        "\n".join(["import signal, subprocess, time", *lines, "time.sleep(600)"]),
    )


SLEEP = python()
STUBBORN = python("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "print('deaf', flush=True)")
PARENT = python("print(subprocess.Popen(['sleep', '600']).pid, flush=True)")


@pytest.fixture
def process(tmp_path):
    supervised = ServerProcess(tmp_path, "thing")
    yield supervised
    supervised.kill()


def printed(process):
    for _ in range(1000):
        if process.log_file.exists() and process.log_file.read_text():
            return process.log_file.read_text()
        time.sleep(0.01)
    pytest.fail("the process printed nothing")


def test_a_second_supervisor_finds_and_stops_what_the_first_started(process, tmp_path):
    pid = process.spawn(SLEEP, {})
    other = ServerProcess(tmp_path, "thing")
    assert other.pid() == pid
    assert other.stop(10) is True
    assert process.pid() is None
    assert not process.pid_file.exists()


def test_stopping_twice_is_harmless(process):
    process.spawn(SLEEP, {})
    process.stop(10)
    assert process.stop(10) is True


def test_who_does_not_listen_is_killed(process):
    pid = process.spawn(STUBBORN, {})
    assert "deaf" in printed(process)
    assert process.stop(0.2) is False
    assert identity_of(pid) is None


def test_a_paused_process_can_be_stopped(process):
    process.spawn(SLEEP, {})
    process.signal_tree(signal.SIGSTOP)
    assert process.stop(10) is True


def test_kill_takes_the_descendants_along(process):
    process.spawn(PARENT, {"PATH": os.defpath})
    child = int(printed(process))
    assert identity_of(child) is not None
    process.kill()
    for _ in range(500):
        if identity_of(child) is None:
            return
        time.sleep(0.01)
    pytest.fail("the child survived")


@pytest.mark.parametrize("field", ["started_at_ticks", "boot_id"])
def test_a_pid_that_was_given_to_somebody_else_is_never_signalled(process, tmp_path, field):
    bystander = ServerProcess(tmp_path, "bystander")
    pid = bystander.spawn(SLEEP, {})
    identity = identity_of(pid)
    earlier = {"started_at_ticks": identity.started_at_ticks - 1, "boot_id": "another-boot"}
    stale = msgspec.structs.replace(identity, **{field: earlier[field]})
    process.pid_file.write_bytes(msgspec.json.encode(stale))
    try:
        assert process.pid() is None
        process.kill()
        process.signal_tree(signal.SIGTERM)
        assert process.stop(1) is True
        assert bystander.pid() == pid
    finally:
        bystander.kill()


@pytest.mark.parametrize("content", [b"", b"4711", b"{", b'{"pid": 1}'])
def test_a_pid_file_that_cannot_be_read_names_nobody(process, content):
    process.pid_file.write_bytes(content)
    assert process.pid() is None
    assert process.stop(1) is True


def test_a_pid_that_nobody_has_is_not_running(process):
    process.pid_file.write_bytes(
        msgspec.json.encode(ProcessIdentity(pid=2**22, started_at_ticks=1, boot_id="x"))
    )
    assert process.pid() is None


def test_its_log_is_for_its_owner_only_and_goes_on_over_restarts(process):
    for _ in range(2):
        process.spawn((sys.executable, "-c", "print('hello')"), {})
        while process.pid() is not None:
            time.sleep(0.01)
    assert process.log_file.read_text() == "hello\nhello\n"
    assert process.log_file.stat().st_mode & 0o077 == 0
