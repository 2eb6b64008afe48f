"""A beacon is one region's sign of life for one other."""

import msgspec
import pytest

from federation.beacons import BeaconRefused, LaneSign, beacon_subject, read_beacon, sign_beacon
from federation.topology import Lane
from tests.support.envelopes import KEYRING, NOON, signer
from tests.support.federation import BR, EU, US

LANES = {lane: LaneSign(first_kept=5, last=9, erased=(2, 4)) for lane in Lane}
SIGNED = sign_beacon(US, LANES, NOON, signer(EU))


def refusal(body, origin=EU, here=US):
    with pytest.raises(BeaconRefused) as caught:
        read_beacon(body, origin, here, NOON, KEYRING)
    return caught.value.reason


def test_it_says_what_is_kept_and_what_was_erased():
    beacon = read_beacon(SIGNED, EU, US, NOON, KEYRING)
    assert (NOON, LANES) == (beacon.at, beacon.lanes)


def test_it_travels_behind_retractions():
    assert "fed.eu-central.us-west.retraction._.beacon._" == str(beacon_subject(EU, US))


def test_what_is_wrong_is_refused():
    later = msgspec.json.decode(SIGNED) | {"at": "2031-06-01T12:00:00Z"}
    assert "bad-signature" == refusal(msgspec.json.encode(later, order="sorted"))
    assert "wrong-destination" == refusal(SIGNED, here=BR)
    assert "wrong-destination" == refusal(SIGNED, origin=BR)
    assert "malformed" == refusal(b"{}")
    assert "oversized" == refusal(b"x" * 100_000)
