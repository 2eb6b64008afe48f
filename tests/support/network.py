"""Whole nodes of several regions, each with its own stores, broker and certificates, and keys of all."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from region_node import lifecycle
from region_node.security.federation_keys import (
    PublicKeys,
    ensure_own_keys,
    read_own_keys,
    read_public_keys,
    write_public_keys,
)
from region_node.settings import settings_from
from tests.support.federation import place_in
from tests.support.node import RunningNode, prepared
from tests.support.sources import ROOT

REGIONS = ROOT / "config" / "regions.toml"


@dataclass
class Network:
    """Places by region; `start` begins nodes, whose settings know all regions of `places`."""

    directory: object
    places: dict
    nodes: dict

    def settings(self, region, **changes):
        place, home = self.places[region], self.directory / f"node-{region}"
        peers = {str(name): other.server.url for name, other in self.places.items() if name != region}
        document = {
            "node": {
                "region": str(region),
                "data_directory": str(home),
                "regions_file": str(REGIONS),
                "port": 0,
                "drain_timeout_s": 2.0,
            },
            "keys": {"ring_file": str(self.directory / f"{region}.ring")},
            "nats": {
                "url": place.server.url,
                "monitor_url": f"http://127.0.0.1:{place.server.ports['monitoring']}",
            },
            "imports": {"processes": 1},
            "federation": {
                "certificates": str(place.pki),
                "signing_keys_file": str(self.directory / f"{region}.keys"),
                "public_keys_file": str(self.directory / f"{region}.public.json"),
                "peers": peers,
                "beacon_every_s": 0.2,
            },
            "age_assurance": "demo",
        }
        for table, values in changes.items():
            document[table] = document.get(table, {}) | values
        return settings_from(document, self.directory)

    async def start(self, region, **changes):
        place = self.places[region]
        settings = self.settings(region, **changes)
        settings.node.data_directory.mkdir(exist_ok=True)
        await prepared(settings, ())
        self.nodes[region] = RunningNode(settings, place.server, await lifecycle.start(settings))
        return self.nodes[region]

    def make_keys(self):
        """Own keys of each region, and the public ones of all at each."""
        own = []
        for region in self.places:
            path = self.directory / f"{region}.keys"
            ensure_own_keys(path, region, datetime.now(UTC))
            own.append(read_own_keys(path, region))
        for region in self.places:
            told = PublicKeys(keys=tuple(key for keys in own for key in keys.public()))
            write_public_keys(self.directory / f"{region}.public.json", told)
            assert read_public_keys(self.directory / f"{region}.public.json") == told

    def age_s(self, here, origin):
        """For how long *here* has not heard of *origin*; None before the first time."""
        return self.nodes[here].container.federation.lease.age_s(origin)


@asynccontextmanager
async def network(directory, *regions):
    """Running brokers with certificates and keys; nodes are started by the test and stopped here."""
    places = {region: place_in(directory, region) for region in regions}
    made = Network(directory, places, {})
    made.make_keys()
    async with AsyncExitStack() as stack:
        for place in places.values():
            place.admit(*regions)
            stack.push_async_callback(asyncio.to_thread, place.server.stop)
            await asyncio.to_thread(place.server.start)
        stack.push_async_callback(_stop_all, made)
        yield made


async def _stop_all(made):
    for running in made.nodes.values():
        await running.node.stop()
