"""What a node has opened of the network of regions, and what features bring to it."""

from dataclasses import dataclass, field

from federation.egress_ports import Source
from federation.intake import OpenReceiver
from federation.ports import Sender
from policies.vocabulary import Jurisdiction, Region
from region_node.federated.audiences import Followers, HomeAudiences, nobody
from region_node.federated.inbound import InboundHandlers
from region_node.regions import Regions
from region_node.security.federation_keys import FederationKeys

BEACON_EVERY_S = 2.0


class NumbersLost(Exception):
    """Numbers of a lane grew too old before they came; what they held is to be published again."""


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


@dataclass(slots=True)
class Joined:
    """What features bring, before the node starts: aggregates by kind, handlers by type, who follows whom."""

    sources: dict[str, Source] = field(default_factory=dict)
    inbound: InboundHandlers = field(default_factory=InboundHandlers)
    follows: Followers = nobody
    asks: Followers = nobody

    async def followers(self, tenant: str, person_id: str) -> frozenset[Jurisdiction]:
        return await self.follows(tenant, person_id)

    async def asked(self, tenant: str, person_id: str) -> frozenset[Jurisdiction]:
        return await self.asks(tenant, person_id)

    def audiences(self, regions: Regions, here: Region) -> HomeAudiences:
        """Who follows is asked for anew each time, by what is joined then."""
        return HomeAudiences(regions_known=regions, here=here, followers=self.followers, asked=self.asked)
