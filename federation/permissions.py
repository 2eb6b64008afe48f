"""Who may do what on a region's broker, as data; `adapters.nats_accounts` writes it for the server.

A peer has an account of its own that holds no streams and takes over two services of the region's account
for each lane: pulls of its own consumer, and their acknowledgements. Permissions of a user in a shared
account would not do: a server sends its answers to whatever subject a request names, without asking
whether the one who named it may publish there. Across accounts that subject is replaced by another.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from federation.topology import Consumer, Lane, federated_consumer
from policies.vocabulary import Region

REGION_ACCOUNT = "REGION"
SYSTEM_ACCOUNT = "SYS"
DOMAIN = "meridian.internal"
PEER_SENDS_BYTES = 4096
"""A peer sends pulls and acknowledgements, nothing large."""

FORGOTTEN_AFTER_S = 30
"""The silence after which a server forgets the way back to a pull; heartbeats keep it alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user by the one name in its certificate. Empty tuples allow everything inside the account."""

    name: str
    publish: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A subject of the region's account that one other account may send requests to."""

    subject: str
    account: str
    many_replies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    connections: int
    subscriptions: int
    payload_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    name: str
    logins: tuple[Login, ...]
    streams: bool = False
    offers: tuple[Service, ...] = ()
    takes: tuple[Service, ...] = ()
    limits: Limits | None = None


PEER_LIMITS = Limits(connections=16, subscriptions=64, payload_bytes=PEER_SENDS_BYTES)

_OWN_SUBJECTS = ("work.>", "event.>", "$JS.API.>", "$JS.ACK.>")
_NEVER_FROM_A_NODE = (
    "$JS.API.STREAM.DELETE.>",
    "$JS.API.STREAM.PURGE.>",
    "$JS.API.STREAM.RESTORE.>",
    "$JS.API.ACCOUNT.>",
)
_ANSWERS = ("_INBOX.>",)


def peer_account(peer: Region) -> str:
    return f"PEER_{peer}"


def login_name(role: str, region: Region, domain: str = DOMAIN) -> str:
    """The name in a certificate of *region*: ``peer.us-west.meridian.internal``."""
    return f"{role}.{region}.{domain}"


def pull_subject(consumer: Consumer) -> str:
    """Where requests for messages of *consumer* are sent."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}"


def accounts_of(origin: Region, peers: Iterable[Region], domain: str = DOMAIN) -> tuple[Account, ...]:
    """All accounts of the broker of *origin*; *origin* itself is no peer, even if it is named."""
    known = sorted(set(peers) - {origin})
    services = {peer: tuple(_services(origin, peer)) for peer in known}
    system = Account(name=SYSTEM_ACCOUNT, logins=(Login(name=login_name("system", origin, domain)),))
    region = Account(
        name=REGION_ACCOUNT,
        logins=(_node(origin, domain), Login(name=login_name("operator", origin, domain))),
        streams=True,
        offers=tuple(service for peer in known for service in services[peer]),
    )
    return (system, region, *(_peer(peer, services[peer], domain) for peer in known))


def _node(origin: Region, domain: str) -> Login:
    """It publishes in the name of its own region only, and empties or ends no stream."""
    return Login(
        name=login_name("node", origin, domain),
        publish=(f"fed.{origin}.>", *_OWN_SUBJECTS),
        never=_NEVER_FROM_A_NODE,
        subscribe=_ANSWERS,
    )


def _peer(peer: Region, services: tuple[Service, ...], domain: str) -> Account:
    """Permissions of its user repeat what the account allows: a second fence, in case of a server's fault."""
    login = Login(
        name=login_name("peer", peer, domain),
        publish=tuple(service.subject for service in services),
        subscribe=_ANSWERS,
    )
    return Account(name=peer_account(peer), logins=(login,), takes=services, limits=PEER_LIMITS)


def _services(origin: Region, peer: Region) -> Iterable[Service]:
    account = peer_account(peer)
    for lane in Lane:
        consumer = federated_consumer(origin, peer, lane)
        acknowledge = f"$JS.ACK.{consumer.stream}.{consumer.name}.>"
        yield Service(subject=pull_subject(consumer), account=account, many_replies=True)
        yield Service(subject=acknowledge, account=account, many_replies=False)
