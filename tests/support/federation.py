"""Regions with brokers of their own on loopback, and certificates from an authority of the test."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cli.servers.nats import NatsOptions, NatsServer, NatsTls
from federation.adapters.nats_accounts import render_accounts
from federation.adapters.nats_login import NatsLogin
from federation.adapters.nats_receiver import NatsReceiver
from federation.adapters.nats_sender import NatsSender
from federation.permissions import DOMAIN, accounts_of, login_name
from policies.vocabulary import Region
from region_node.security.certificates import ensure_authority
from region_node.security.private_files import replace_private
from region_node.security.region_certificates import ensure_bundle, ensure_region_certificates

EU, US, BR = Region("eu-central"), Region("us-west"), Region("sa-east")


@dataclass
class Place:
    """A region with its broker; what is done to it blocks."""

    region: Region
    pki: Path
    server: NatsServer

    @cached_property
    def certificates(self):
        return ensure_region_certificates(self.pki, self.region, DOMAIN, now=datetime.now(UTC))

    def login_of(self, role, region=None, url=None):
        """As *role* of *region* (of this one, where none is given) at this broker."""
        name = f"{role}.{region or self.region}"
        return NatsLogin(
            url=url or self.server.url,
            server_name=login_name("nats", self.region),
            certificate=self.pki / f"{name}.pem",
            key=self.pki / f"{name}.key",
            authorities=self.pki / "authorities.pem",
        )

    def admit(self, *peers):
        """Write its accounts anew; a running server needs two reloads for one that it did not know."""
        accounts = self.server.directory.parent / f"{self.region}.accounts.conf"
        replace_private(accounts, render_accounts(accounts_of(self.region, peers)).encode())
        if self.server.running:
            self.server.reload()
            self.server.reload()

    async def sender(self, **given):
        return await NatsSender.open(self.region, self.login_of("node"), **given)

    async def receiver(self, region, url=None):
        role = "node" if region == self.region else "peer"
        return await NatsReceiver.open(region, self.region, self.login_of(role, region, url))


def place_in(directory, region, **options):
    """A region with certificates and a broker that knows no peers yet and does not run."""
    pki = directory / "pki"
    now = datetime.now(UTC)
    ensure_authority(pki, now=now)
    ensure_bundle(pki, now=now)
    made = ensure_region_certificates(pki, region, DOMAIN, now=now)
    tls = NatsTls(certificate=made.nats.certificate, key=made.nats.key, authorities=pki / "authorities.pem")
    accounts = directory / f"{region}.accounts.conf"
    server = NatsServer(directory / region, NatsOptions(tls=tls, accounts_file=accounts, **options))
    place = Place(region, pki, server)
    place.admit()
    return place


@asynccontextmanager
async def places(directory, *regions, **options):
    """Running regions by name, each of which has the others as peers."""
    made = {region: place_in(directory, region, **options) for region in regions}
    try:
        for place in made.values():
            place.admit(*regions)
            await asyncio.to_thread(place.server.start)
        yield made
    finally:
        for place in made.values():
            await asyncio.to_thread(place.server.stop)


def with_pins(place, pins):
    options = place.server.options
    path = place.server.directory.parent / f"{place.region}.pins.conf"
    path.write_text(f"pinned_certs: {json.dumps(sorted(pins))}\n")
    return replace(options, tls=replace(options.tls, pins_file=path))
