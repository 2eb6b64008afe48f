import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from region_node.security.certificates import (
    AUTHORITY_LIFETIME,
    LEAF_LIFETIME,
    LOCAL_HOSTS,
    ensure_authority,
    ensure_server_certificate,
)

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def directory(tmp_path):
    made = tmp_path / "pki"
    ensure_authority(made, now=NOON)
    return made


def server(directory, now=NOON, hosts=LOCAL_HOSTS):
    return ensure_server_certificate(directory, "server", hosts, now=now)


def test_a_second_call_changes_nothing(directory):
    first = server(directory)
    content = {file.name: file.read_bytes() for file in directory.iterdir()}
    assert first.created
    assert not server(directory).created
    assert not ensure_authority(directory, now=NOON).created
    assert content == {file.name: file.read_bytes() for file in directory.iterdir()}


def test_all_files_are_for_their_owner_only(directory):
    server(directory)
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}
    assert sorted(file.name for file in directory.iterdir()) == [
        "ca.key",
        "ca.pem",
        "server.key",
        "server.pem",
    ]


def test_a_leaf_is_renewed_in_the_last_third_of_its_life(directory):
    server(directory)
    assert not server(directory, NOON + LEAF_LIFETIME * 0.66).created
    assert server(directory, NOON + LEAF_LIFETIME * 0.67).created


def test_other_hosts_make_another_leaf(directory):
    server(directory)
    assert server(directory, hosts=[*LOCAL_HOSTS, "node.example"]).created


def test_a_new_authority_makes_new_leaves(directory):
    server(directory)
    later = NOON + AUTHORITY_LIFETIME + timedelta(days=1)
    assert ensure_authority(directory, now=later).created
    assert server(directory, later).created


def test_a_leaf_does_not_outlive_its_authority(directory):
    authority = ensure_authority(directory, now=NOON)
    late = server(directory, authority.expires_at - timedelta(days=1))
    assert late.expires_at == authority.expires_at


def test_files_that_do_not_fit_each_other_are_made_anew(directory):
    server(directory)
    (directory / "server.key").write_bytes((directory / "ca.key").read_bytes())
    assert server(directory).created


def test_a_leaf_serves_and_does_not_sign(directory):
    leaf = x509.load_pem_x509_certificate(server(directory).certificate.read_bytes())
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


async def test_a_client_that_trusts_the_authority_connects_by_name_and_by_address(tmp_path):
    now = datetime.now(UTC)
    ensure_authority(tmp_path, now=now)
    files = server(tmp_path, now)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(files.certificate, files.key)
    theirs = ssl.create_default_context(cafile=tmp_path / "ca.pem")

    async def greet(_, writer):
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=ours)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        for name in ("localhost", "127.0.0.1"):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=theirs, server_hostname=name
            )
            assert await reader.read() == b"hello"
            writer.close()
            await writer.wait_closed()


def test_without_an_authority_there_is_no_leaf(tmp_path):
    with pytest.raises(FileNotFoundError):
        server(tmp_path)
