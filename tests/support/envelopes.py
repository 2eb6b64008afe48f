"""Envelopes with nothing left to chance: fixed keys, ids and instants, a value for each field."""

from datetime import UTC, datetime, timedelta

import msgspec

from federation.codec import encode_data
from federation.envelope import Arrival, Envelope, seal
from federation.keyring import Keyring, OwnKey, OwnKeys
from federation.send_number import send_number
from federation.subjects import FederatedSubject
from policies.vocabulary import DataCategory, LegalBasis, Purpose
from tests.support.federation import BR, EU, US

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
PERSON = "eu_01hv00000000000000000000aa"
EXAMPLES = {
    "followed_id": "br_01hv0000000000000000000002",
    "follower_id": "us_01hv0000000000000000000003",
    "person_id": PERSON,
    "workout_id": "01hv00000000000000000000bb",
    "version": 3,
    "started_at": datetime(2030, 5, 31, 6, 30, 15, 250000, tzinfo=UTC),
    "sport": "running",
    "title": "Früh am See, 10 км",
    "display_name": "Zoë Ñandú",
    "distance_m": 10012.5,
    "moving_s": 3000.0,
    "ascent_m": 81.25,
    "purpose": Purpose.SOCIAL_FEED,
    "kind": "workout",
}


def keys_of(region, seed):
    return OwnKeys(
        region=region, keys=(OwnKey(seed=bytes([seed]) * 32, signs_from=NOON - timedelta(days=9)),)
    )


KEYS = {region: keys_of(region, seed) for seed, region in enumerate((EU, US, BR), 1)}
KEYRING = Keyring(key for keys in KEYS.values() for key in keys.public())


def signer(region=EU):
    return KEYS[region].signer(NOON)


def envelope_of(event, **changes):
    """Unsigned, from eu-central to us-west; *changes* are of its attributes."""
    personal = any(category is not DataCategory.NON_PERSONAL for category in event.fields.values())
    whole = Envelope(
        specversion="1.0",
        id="01hv00000000000000000000ee",
        source="urn:meridian:region:unsigned",
        type=event.name,
        typenumber=event.number,
        typeversion=event.version,
        datacontenttype="application/json",
        time=NOON,
        destination=US,
        tenant="default",
        subject=PERSON,
        aggregateid="01hv00000000000000000000bb",
        aggregateversion=3,
        sendnumber=str(send_number(1, 7)),
        purpose=event.purpose,
        basis=LegalBasis.CONSENT if personal else None,
        consentversion=4,
        packversion="2030.1",
        expirytime=NOON + timedelta(days=7),
        keyid="unsigned",
        data=encode_data(event, {name: EXAMPLES[name] for name in event.fields}),
    )
    return msgspec.structs.replace(whole, **changes)


def sealed(event, **changes):
    return seal(envelope_of(event, **changes), signer())


def wire_subject(event, **changes):
    parts = {
        "origin": EU,
        "destination": US,
        "lane": event.lane,
        "tenant": "default",
        "type": event.name,
        "person": PERSON,
    }
    return str(FederatedSubject(**parts | changes))


def arrival(event, at=NOON, here=US, origin=EU, **changes):
    return Arrival(origin=origin, here=here, subject=wire_subject(event, **changes), at=at)
