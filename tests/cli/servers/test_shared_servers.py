"""A test run that was killed leaves no server behind for long, and no run touches another's."""

import sys

import pytest

from cli.servers.nats import NatsServer
from cli.servers.process import ServerProcess
from tests.support.servers import end_abandoned, owned_by


@pytest.fixture
def run(tmp_path):
    run = tmp_path / "runs" / "run"
    run.mkdir(parents=True)
    with NatsServer(run / "nats"):
        yield run


@pytest.fixture
def owner(tmp_path, run):
    """Stands for the pytest that started the run's servers."""
    owner = ServerProcess(tmp_path, "owner")
    owned_by(owner.spawn((sys.executable, "-S", "-c", "import time; time.sleep(600)"), {}), run)
    yield owner
    owner.kill()


def test_servers_of_a_run_that_goes_on_are_left_alone(run, owner):
    end_abandoned(run.parent)
    assert owner.pid() is not None
    assert NatsServer(run / "nats").ready()


def test_servers_of_a_run_that_was_killed_are_stopped(run, owner):
    server = NatsServer(run / "nats")
    owner.kill()
    end_abandoned(run.parent)
    assert not server.running
    assert not run.exists()


def test_a_run_that_is_just_being_made_is_left_alone(run):
    end_abandoned(run.parent)
    assert NatsServer(run / "nats").ready()
