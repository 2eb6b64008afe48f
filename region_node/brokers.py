"""Opens brokers as the settings say: the own one for what stays and what leaves, others to take in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from federation.adapters.nats_bus import NatsBus
from federation.adapters.nats_login import Login, NatsLogin, NatsPassword
from federation.adapters.nats_receiver import NatsReceiver
from federation.adapters.nats_sender import NatsSender
from federation.adapters.nats_system import NatsSystem
from federation.permissions import login_name
from policies.vocabulary import Region
from region_node.security.federation_keys import FederationKeys, ensure_own_keys
from region_node.security.region_certificates import BUNDLE
from region_node.settings import FederationSettings, Settings, read_secret


@dataclass(frozen=True, slots=True)
class Broker:
    region: Region
    url: str


def own_region(settings: Settings) -> Region:
    return Region(settings.node.region)


def own_login(settings: Settings, role: str = "node") -> Login:
    """At the broker of this region, by certificate where it takes part in a federation."""
    nats, own = settings.nats, own_region(settings)
    if settings.federation is not None:
        return _certificate(settings.federation, role, own, Broker(own, nats.url))
    password = read_secret(nats.password_file) if nats.password_file else ""
    return NatsPassword(url=nats.url, username=nats.username, password=password)


async def open_bus(settings: Settings) -> NatsBus:
    return await NatsBus.open(own_login(settings), replicas=settings.nats.replicas)


async def open_sender(settings: Settings) -> NatsSender:
    return await NatsSender.open(own_region(settings), own_login(settings), replicas=settings.nats.replicas)


async def open_receiver(settings: Settings, origin: Region) -> NatsReceiver:
    """What the broker of *origin*, which may be this region, holds for this region.

    Raises:
        BusUnavailable: it is out of reach, or does not let this region in.
        LookupError: the settings do not say where it is.
    """
    own, federation = own_region(settings), settings.federation
    if origin == own:
        return await NatsReceiver.open(own, own, own_login(settings))
    if federation is None or origin not in federation.peers:
        raise LookupError(f"federation.peers does not say where {origin} is")
    login = _certificate(federation, "peer", own, Broker(origin, federation.peers[origin]))
    return await NatsReceiver.open(own, origin, login)


async def open_system(settings: Settings) -> NatsSystem:
    """The own broker's connections, for an operator. Raises BusUnavailable."""
    return await NatsSystem.open(own_login(settings, "system"))


def _certificate(federation: FederationSettings, role: str, own: Region, broker: Broker) -> NatsLogin:
    folder = federation.certificates
    return NatsLogin(
        url=broker.url,
        server_name=login_name("nats", broker.region, federation.domain),
        certificate=folder / f"{role}.{own}.pem",
        key=folder / f"{role}.{own}.key",
        authorities=folder / BUNDLE,
    )


def federation_keys(settings: Settings) -> FederationKeys:
    """The keys that the settings name. A region that is alone makes its own: nobody else has to know them.

    Raises:
        KeyringError, PrivateFileError
    """
    own, federation = own_region(settings), settings.federation
    if federation is not None:
        return FederationKeys(own, federation.signing_keys_file, federation.public_keys_file)
    alone = settings.node.data_directory / "federation.keys"
    ensure_own_keys(alone, own, datetime.now(UTC))
    return FederationKeys(own, alone, None)
