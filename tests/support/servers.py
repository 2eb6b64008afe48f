"""Real servers for tests: each is started once per run, shared by all xdist workers, stopped at its end.

Servers are adopted by their directory, so a worker that asks second finds what the first one started.
A run that was killed leaves its servers behind; the next run stops them.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.nats import NatsServer
from cli.servers.postgres import PostgresServer
from cli.servers.process import ProcessIdentity, identity_of
from region_node.storage.cassandra_session import CassandraAddress

DIRECTORY_VARIABLE = "MERIDIAN_TEST_SERVERS"
RUNS = Path(tempfile.gettempdir()) / f"meridian-test-servers-{os.getuid()}"
OWNER = "owner.json"


def pytest_configure(config):
    if _is_worker(config):
        return
    RUNS.mkdir(mode=0o711, exist_ok=True)
    end_abandoned(RUNS)
    run = Path(tempfile.mkdtemp(dir=RUNS))
    owned_by(os.getpid(), run)
    os.environ[DIRECTORY_VARIABLE] = str(run)


def pytest_unconfigure(config):
    if not _is_worker(config) and DIRECTORY_VARIABLE in os.environ:
        _end(Path(os.environ.pop(DIRECTORY_VARIABLE)))


def end_abandoned(runs):
    """Stop the servers of every run under *runs* whose pytest is gone."""
    for run in runs.iterdir():
        if not _owner_lives(run):
            _end(run)


def owned_by(pid, run):
    (run / OWNER).write_bytes(msgspec.json.encode(identity_of(pid)))


@pytest.fixture(scope="session")
def nats_server():
    return _started(NatsServer(_directory("nats")))


@pytest.fixture(scope="session")
def cassandra_server():
    """Fast at making tables, in return for losing them when killed: a test that kills has its own."""
    return _started(CassandraServer(_directory("cassandra"), CassandraOptions(flush_schema=False)))


@pytest.fixture(scope="session")
def cassandra_address(cassandra_server):
    return CassandraAddress(
        contact_points=(cassandra_server.host,),
        port=cassandra_server.ports["client"],
        local_datacenter=cassandra_server.datacenter,
        request_timeout_s=30.0,
    )


@pytest.fixture(scope="session")
def postgres_server():
    return _started(PostgresServer(_directory("postgres")))


def _started(server):
    server.start()
    return server


def _directory(name):
    return Path(os.environ[DIRECTORY_VARIABLE]) / name


def _is_worker(config):
    return hasattr(config, "workerinput")


def _owner_lives(run):
    try:
        owner = msgspec.json.decode((run / OWNER).read_bytes(), type=ProcessIdentity)
    except (FileNotFoundError, NotADirectoryError):
        # Another run is just making its directory, or it is none of ours.
        return True
    return identity_of(owner.pid) == owner


def _end(run):
    for kind in (NatsServer, CassandraServer, PostgresServer):
        with suppress(FileNotFoundError):  # another run may be ending it as well
            kind(run / kind.name).stop()
    shutil.rmtree(run, ignore_errors=True)
