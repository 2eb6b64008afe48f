"""How a node is connected to the regions around it, and to itself: lanes, beacons, keys."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime

from federation.beaconing import BeaconSender
from federation.beacons import TYPE as BEACON
from federation.beacons import BeaconRefused, read_beacon
from federation.listening import Heartbeats
from federation.ports import Parcel, Sender
from federation.subjects import parse_subject
from federation.topology import Lane
from policies.vocabulary import Region
from region_node.security.federation_keys import FederationKeys
from region_node.workers.peers import OnFault, OpenReceiver, PeerReader

BEACON_EVERY_S = 2.0
KEYS_EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What was opened: the own broker as a sender, and how to open that of any region, the own too."""

    region: Region
    peers: tuple[Region, ...]
    sender: Sender
    open_receiver: OpenReceiver
    keys: FederationKeys
    beacon_every_s: float = BEACON_EVERY_S

    @property
    def destinations(self) -> tuple[Region, ...]:
        return (self.region, *self.peers)


class FederationParts:
    def __init__(self, network: Network, on_fault: OnFault) -> None:
        self.network = network
        self._on_fault = on_fault
        self.heartbeats = Heartbeats()
        self.beacons = BeaconSender(
            network.region, network.sender, network.keys.signer, lambda: network.destinations, _utc_now
        )
        self.readers = {
            origin: PeerReader(origin, network.open_receiver, self, on_fault)
            for origin in network.destinations
        }

    def works(self) -> dict[str, Callable[[], Coroutine[None, None, None]]]:
        """What runs for as long as the node does, by name."""
        reading = {f"lanes of {origin}": reader.run for origin, reader in self.readers.items()}
        return {"beacons": self._send_beacons, **reading}

    async def take(self, origin: Region, lane: Lane, parcel: Parcel) -> None:
        """Handle a parcel that came from the broker of *origin*."""
        if lane is Lane.RETRACTION and parse_subject(parcel.subject).type == BEACON:
            self._heard(origin, parcel)
            await parcel.ack()

    def _heard(self, origin: Region, parcel: Parcel) -> None:
        keys = self.network.keys
        try:
            beacon = read_beacon(parcel.body, origin, self.network.region, _utc_now(), keys.keyring)
        except BeaconRefused as refused:
            self._on_fault(f"a beacon of {origin} is refused", refused)
            return
        self.heartbeats.heard(beacon, behind=parcel.behind, attempt=parcel.attempt)

    async def _send_beacons(self) -> None:
        await self.beacons.run(self.network.beacon_every_s, self._on_fault)


def _utc_now() -> datetime:
    return datetime.now(UTC)
