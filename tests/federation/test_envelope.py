"""An envelope is what its origin signed, for this region, the way it came, or it is refused with a reason."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.catalogue import WORKOUT_CREATED, WORKOUT_DELETED
from federation.codec import SchemaFault, decode_data, encode_data
from federation.envelope import (
    MAX_ENVELOPE_BYTES,
    EnvelopeRefused,
    Refusal,
    open_envelope,
    seal,
)
from federation.keyring import Keyring
from federation.subjects import NOBODY
from federation.topology import Lane
from tests.support.envelopes import (
    EXAMPLES,
    KEYRING,
    KEYS,
    NOON,
    arrival,
    envelope_of,
    sealed,
    signer,
)
from tests.support.federation import BR, EU, US

WHOLE = sealed(WORKOUT_CREATED)


def refusal(body, how=None, keyring=KEYRING):
    with pytest.raises(EnvelopeRefused) as caught:
        open_envelope(body, how or arrival(WORKOUT_CREATED), keyring)
    return caught.value.reason


def signed_by(region, **changes):
    """Signed with the key of *region*, in the name of whoever *changes* say."""
    return seal(envelope_of(WORKOUT_CREATED, **changes), signer(region))


def forged(**changes):
    """A good envelope of which attributes were changed after it was signed."""
    document = msgspec.json.decode(WHOLE)
    return msgspec.json.encode(document | changes, order="sorted")


def with_keys(**changes):
    """The keyring after the key of the origin was changed."""
    (key,) = KEYS[EU].public()
    return Keyring([msgspec.structs.replace(key, **changes)])


def test_what_was_sealed_is_opened():
    envelope = open_envelope(WHOLE, arrival(WORKOUT_CREATED), KEYRING)
    assert (EU, US, signer().key_id) == (envelope.origin, envelope.destination, envelope.keyid)
    assert EXAMPLES["title"] == decode_data(envelope, Lane.BULK).title


def test_it_is_a_cloud_event():
    document = msgspec.json.decode(WHOLE)
    assert {"specversion", "id", "source", "type"} <= document.keys()
    assert all(name.isalnum() and name == name.lower() and len(name) <= 20 for name in document)
    assert all(isinstance(value, str | int | dict) for value in document.values())


def test_about_nobody_it_has_no_subject():
    body = sealed(WORKOUT_CREATED, subject="", basis=None, consentversion=0)
    assert {"subject", "basis", "consentversion"}.isdisjoint(msgspec.json.decode(body))
    assert "" == open_envelope(body, arrival(WORKOUT_CREATED, person=NOBODY), KEYRING).subject


HOSTILE = [
    pytest.param(signed_by(US), None, Refusal.WRONG_ORIGIN, id="another-region-in-its-own-name"),
    pytest.param(
        forged(source="urn:meridian:region:us-west"), None, Refusal.KEY_OF_ANOTHER, id="forged-origin"
    ),
    pytest.param(forged(keyid="nobody-knows-it"), None, Refusal.UNKNOWN_KEY, id="unknown-key"),
    pytest.param(forged(tenant="other"), None, Refusal.BAD_SIGNATURE, id="changed-tenant"),
    pytest.param(forged(destination=BR), None, Refusal.BAD_SIGNATURE, id="changed-destination"),
    pytest.param(forged(purpose="marketing-email"), None, Refusal.BAD_SIGNATURE, id="changed-purpose"),
    pytest.param(forged(data={}), None, Refusal.BAD_SIGNATURE, id="changed-data"),
    pytest.param(forged(signature=""), None, Refusal.MALFORMED, id="an-empty-signature-is-left-out"),
    pytest.param(forged(signature="x" * 86), None, Refusal.BAD_SIGNATURE, id="no-signature"),
    pytest.param(forged(note="more"), None, Refusal.MALFORMED, id="unknown-attribute"),
    pytest.param(forged(specversion="2.0"), None, Refusal.MALFORMED, id="another-specification"),
    pytest.param(forged(typenumber=2**31), None, Refusal.MALFORMED, id="number-too-large"),
    pytest.param(forged(time="2030-06-01T12:00:00"), None, Refusal.MALFORMED, id="no-time-zone"),
    pytest.param(WHOLE.replace(b",", b", ", 1), None, Refusal.MALFORMED, id="written-in-another-way"),
    pytest.param(
        WHOLE[:-1] + b',"type":"workout.created"}', None, Refusal.MALFORMED, id="the-same-key-twice"
    ),
    pytest.param(b"[" * 100_000, None, Refusal.OVERSIZED, id="oversized"),
    pytest.param(b"[" * 60_000, None, Refusal.MALFORMED, id="deep"),
    pytest.param(b"\xff\xfe", None, Refusal.MALFORMED, id="no-text"),
    pytest.param(b"", None, Refusal.MALFORMED, id="nothing"),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, here=BR), Refusal.WRONG_DESTINATION, id="for-another-region"
    ),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, destination=BR), Refusal.WRONG_DESTINATION, id="sent-another-way"
    ),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, origin=BR), Refusal.WRONG_ORIGIN, id="from-the-broker-of-another"
    ),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, tenant="other"), Refusal.WRONG_SUBJECT, id="under-another-tenant"
    ),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, person="eu_2"), Refusal.WRONG_SUBJECT, id="under-another-person"
    ),
    pytest.param(
        WHOLE,
        arrival(WORKOUT_CREATED, type="person.created"),
        Refusal.WRONG_SUBJECT,
        id="under-another-type",
    ),
    pytest.param(
        WHOLE,
        replace(arrival(WORKOUT_CREATED), subject="work.import.eu"),
        Refusal.WRONG_SUBJECT,
        id="under-no-such-subject",
    ),
    pytest.param(
        WHOLE, arrival(WORKOUT_CREATED, at=NOON + timedelta(days=7)), Refusal.EXPIRED, id="from-its-end-on"
    ),
]


@pytest.mark.parametrize(("body", "how", "reason"), HOSTILE)
def test_what_is_wrong_is_refused_with_its_reason(body, how, reason):
    assert reason is refusal(body, how)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"revoked_at": NOON + timedelta(days=1)}, Refusal.REVOKED_KEY),
        ({"accepted_until": NOON - timedelta(seconds=1)}, Refusal.PAST_KEY),
    ],
)
def test_a_key_that_is_no_longer_good_opens_nothing(changes, reason):
    assert reason is refusal(WHOLE, keyring=with_keys(**changes))


def test_a_key_in_its_overlap_still_does():
    assert open_envelope(WHOLE, arrival(WORKOUT_CREATED), with_keys(accepted_until=NOON))


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_no_changed_byte_gets_through(at, byte):
    changed = WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :]
    if changed != WHOLE:
        assert refusal(changed)


@given(body=st.binary(max_size=2000))
def test_whatever_comes_is_opened_or_refused(body):
    assert refusal(body)


def test_a_refusal_and_an_envelope_show_nothing_of_what_is_inside():
    envelope = open_envelope(WHOLE, arrival(WORKOUT_CREATED), KEYRING)
    with pytest.raises(EnvelopeRefused) as caught:
        open_envelope(forged(tenant="other"), arrival(WORKOUT_CREATED), KEYRING)
    shown = f"{envelope!r} {envelope} {caught.value!r} {caught.value}"
    assert [] == [value for value in (EXAMPLES["title"], envelope.subject) if value in shown]


def test_what_no_region_would_take_is_not_sealed():
    with pytest.raises(ValueError, match="too large"):
        sealed(WORKOUT_CREATED, data={"title": "x" * MAX_ENVELOPE_BYTES})


@pytest.mark.parametrize(
    ("changes", "lane", "reason"),
    [
        ({"typenumber": 999}, Lane.BULK, Refusal.UNKNOWN_TYPE),
        ({"typeversion": 99}, Lane.BULK, Refusal.UNKNOWN_TYPE),
        ({"type": "workout.updated"}, Lane.BULK, Refusal.UNKNOWN_TYPE),
        ({}, Lane.RETRACTION, Refusal.WRONG_LANE),
        ({"data": {**envelope_of(WORKOUT_CREATED).data, "heart_rate": 5}}, Lane.BULK, Refusal.OUTSIDE_SCHEMA),
        ({"data": {"person_id": "eu_1"}}, Lane.BULK, Refusal.OUTSIDE_SCHEMA),
        ({"data": {"person_id": "eu_1", "workout_id": "w", "sport": 5}}, Lane.BULK, Refusal.OUTSIDE_SCHEMA),
    ],
)
def test_data_that_do_not_fit_the_catalogue_are_refused(changes, lane, reason):
    with pytest.raises(EnvelopeRefused) as caught:
        decode_data(envelope_of(WORKOUT_CREATED, **changes), lane)
    assert reason is caught.value.reason


def test_what_takes_back_comes_by_its_own_lane_only():
    envelope = envelope_of(WORKOUT_DELETED)
    assert decode_data(envelope, Lane.RETRACTION)
    with pytest.raises(EnvelopeRefused):
        decode_data(envelope, Lane.BULK)


def test_fields_that_may_not_go_are_left_out_and_identifiers_must_be_there():
    ids = {name: EXAMPLES[name] for name in ("person_id", "workout_id")}
    assert ids == encode_data(WORKOUT_CREATED, ids)
    with pytest.raises(SchemaFault) as caught:
        encode_data(WORKOUT_CREATED, {"person_id": "planted", "sport": -1, "pulse": 150})
    assert "workout.created: ['pulse', 'sport', 'workout_id'] do not fit its schema" == str(caught.value)
