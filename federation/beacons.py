"""A region's sign of life to one destination: up to where it has sent, and what is no longer there.

It travels in the lane of retractions, behind all of them that were sent before. So a region that hears it
knows that it has been told what to take back up to then, which is what leases rest on. It is sent while
that lane is empty; one that still waits would say the same.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from federation.canonical import NotCanonical, canonical, read_canonical, unsigned
from federation.envelope import Instant, Refusal, Token
from federation.keyring import Claim, Context, Keyring, SignatureRefused, Signer
from federation.subjects import NOBODY, FederatedSubject
from federation.topology import Lane
from policies.vocabulary import Region

MAX_BEACON_BYTES = 64 * 1024
MAX_ERASED = 4096
MAX_NUMBER = 2**53
"""No lane of an honest region comes near it; more would not fit where it is kept."""

TYPE = "beacon"


class BeaconRefused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LaneSign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one lane: what `Lag` says of it, and the numbers that were erased on purpose since the last one."""

    first_kept: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
    last: Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
    erased: Annotated[tuple[Annotated[int, Meta(ge=1, le=MAX_NUMBER)], ...], Meta(max_length=MAX_ERASED)] = ()


class Beacon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    format: Annotated[int, Meta(ge=1, le=1)]
    origin: Token
    destination: Token
    at: Instant
    lanes: dict[Lane, LaneSign]
    key_id: Token
    signature: Annotated[str, Meta(max_length=86)] = ""


def beacon_subject(origin: Region, destination: Region) -> FederatedSubject:
    return FederatedSubject(
        origin=origin,
        destination=destination,
        lane=Lane.RETRACTION,
        tenant=NOBODY,
        type=TYPE,
        person=NOBODY,
    )


def sign_beacon(destination: Region, lanes: dict[Lane, LaneSign], at: datetime, signer: Signer) -> bytes:
    beacon = Beacon(
        format=1, origin=signer.region, destination=destination, at=at, lanes=lanes, key_id=signer.key_id
    )
    signature = signer.sign(Context.BEACON, canonical(beacon))
    return canonical(msgspec.structs.replace(beacon, signature=signature))


def read_beacon(body: bytes, origin: Region, here: Region, now: datetime, keyring: Keyring) -> Beacon:
    """What *body* says, if *origin* signed it for this region.

    Raises:
        BeaconRefused
    """
    if len(body) > MAX_BEACON_BYTES:
        raise BeaconRefused("oversized")
    try:
        beacon = read_canonical(body, Beacon)
        claim = Claim(region=beacon.origin, key_id=beacon.key_id, signature=beacon.signature, at=now)
        keyring.check(Context.BEACON, claim, unsigned(beacon))
    except NotCanonical:
        raise BeaconRefused("malformed") from None
    except SignatureRefused as refused:
        raise BeaconRefused(refused.fault) from None
    if (beacon.origin, beacon.destination) != (origin, here):
        raise BeaconRefused(Refusal.WRONG_DESTINATION)
    return beacon
