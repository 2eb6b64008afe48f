"""Who gets in: one certificate, one region. And a region talks to nobody but the broker it means."""

import asyncio
import json
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cli.servers.nats import NatsServer
from federation.adapters.nats_link import NatsLink
from federation.errors import BusUnavailable
from federation.permissions import DOMAIN, login_name
from region_node.security.certificates import Leaf, Usage, ensure_authority, ensure_certificate
from region_node.security.region_certificates import ensure_bundle, ensure_region_certificates
from tests.support.federation import BR, EU, US, place_in

CLIENT = Usage.CLIENT
NOW = datetime.now(UTC)


async def gets_in(login):
    try:
        link = await NatsLink.open(login)
    except BusUnavailable:
        return False
    try:
        await link.client.flush(timeout=5)
    finally:
        await link.close()
    return True


def made(place, name, hosts, usage=CLIENT, now=NOW):
    """A login with a certificate that the authority of all regions has issued."""
    ensure_certificate(place.pki, Leaf(name=name, hosts=hosts, usage=usage), now=now)
    login = place.login_of("node")
    return replace(login, certificate=place.pki / f"{name}.pem", key=place.pki / f"{name}.key")


def from_elsewhere(place, directory):
    """The right name, from an authority that nobody here knows."""
    ensure_authority(directory, now=NOW)
    region = ensure_region_certificates(directory, US, DOMAIN, now=NOW)
    login = place.login_of("peer", US)
    return replace(login, certificate=region.peer.certificate, key=region.peer.key)


@pytest.mark.parametrize(
    ("role", "region"), [("node", EU), ("operator", EU), ("system", EU), ("peer", US), ("peer", BR)]
)
async def test_each_role_gets_in_with_its_own_certificate(origin, role, region):
    assert await gets_in(origin.login_of(role, region))


@pytest.mark.parametrize(
    ("role", "region"), [("node", US), ("operator", US), ("system", US), ("peer", EU), ("nats", US)]
)
async def test_roles_of_another_region_and_a_servers_certificate_do_not(origin, role, region):
    assert not await gets_in(origin.login_of(role, region))


@pytest.mark.parametrize(
    ("name", "hosts", "usage", "made_at"),
    [
        ("stranger", (f"peer.xx-north.{DOMAIN}",), CLIENT, NOW),
        ("wildcard", (f"*.us-west.{DOMAIN}",), CLIENT, NOW),
        ("wrong-use", (login_name("peer", US),), Usage.SERVER, NOW),
        ("expired", (login_name("peer", US),), CLIENT, NOW - timedelta(days=91)),
        ("not-yet", (login_name("peer", US),), CLIENT, NOW + timedelta(days=1)),
        ("no-name", (), CLIENT, NOW),
    ],
)
async def test_other_certificates_of_the_same_authority_do_not(origin, name, hosts, usage, made_at):
    assert not await gets_in(made(origin, name, hosts, usage, made_at))


async def test_another_authority_is_not_believed(origin, tmp_path):
    assert not await gets_in(from_elsewhere(origin, tmp_path / "elsewhere"))


def test_a_client_without_a_certificate_is_told_nothing(origin):
    context = ssl.create_default_context(cafile=origin.pki / "authorities.pem")
    with socket.create_connection(("127.0.0.1", origin.server.ports["client"]), timeout=5) as bare:
        bare.settimeout(0.5)
        with pytest.raises(TimeoutError):
            bare.recv(10)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        talk_without_certificate(origin, context)


def talk_without_certificate(origin, context):
    with (
        socket.create_connection(("127.0.0.1", origin.server.ports["client"]), timeout=5) as bare,
        context.wrap_socket(bare, server_hostname=login_name("nats", EU)) as link,
    ):
        link.sendall(b"CONNECT {}\r\nPING\r\n")
        if not link.recv(10):
            raise ConnectionError("closed without a word")


def test_a_password_does_not_help_a_certificate(origin):
    login = made(origin, "stranger-with-password", (f"peer.xx-north.{DOMAIN}",))
    with (
        socket.create_connection(("127.0.0.1", origin.server.ports["client"]), timeout=5) as bare,
        login.context().wrap_socket(bare, server_hostname=login.server_name) as link,
    ):
        options = {"user": login_name("node", EU), "pass": "", "verbose": False, "pedantic": False}
        link.sendall(f"CONNECT {json.dumps(options)}\r\nPING\r\n".encode())
        said = b""
        while piece := link.recv(4096):
            said += piece
    assert b"Authorization Violation" in said
    assert b"PONG" not in said


async def test_a_region_does_not_talk_to_another_server_than_it_means(origin, tmp_path):
    other = place_in(tmp_path, US)
    for name in (f"peer.{EU}.pem", f"peer.{EU}.key"):
        (other.pki / name).write_bytes((origin.pki / name).read_bytes())
    await asyncio.to_thread(other.server.start)
    try:
        impostor = replace(origin.login_of("node"), url=other.server.url)
        assert not await gets_in(impostor)
        renamed = replace(origin.login_of("node"), server_name=login_name("nats", US))
        assert not await gets_in(renamed)
    finally:
        await asyncio.to_thread(other.server.stop)


async def test_a_region_says_nothing_in_the_clear(origin, nats_server):
    assert NatsServer(nats_server.directory).ready()
    assert not await gets_in(replace(origin.login_of("node"), url=nats_server.url))


async def test_authorities_are_exchanged_without_a_break(tmp_path):
    place = place_in(tmp_path, EU)
    await asyncio.to_thread(place.server.start)
    try:
        link = await NatsLink.open(place.login_of("node"))
        before = place.login_of("operator")
        kept = {path: path.read_bytes() for path in (before.certificate, before.key)}
        (place.pki / "ca.pem").unlink()
        ensure_authority(place.pki, now=NOW)
        ensure_bundle(place.pki, now=NOW)
        await asyncio.to_thread(place.server.reload)
        old = replace(before, certificate=tmp_path / "old.pem", key=tmp_path / "old.key")
        for path, content in zip((old.certificate, old.key), kept.values(), strict=True):
            path.touch(mode=0o600)
            path.write_bytes(content)
        assert await gets_in(old)
        renewed = ensure_region_certificates(place.pki, EU, DOMAIN, now=NOW)
        assert renewed.node.created
        await asyncio.to_thread(place.server.reload)
        assert await gets_in(place.login_of("node"))
        assert 1 == link.connections
        await link.client.flush(timeout=5)
        await link.close()
    finally:
        await asyncio.to_thread(place.server.stop)
