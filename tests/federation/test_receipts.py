"""A receipt is one region's word about one retraction, and nobody else can give it."""

from datetime import timedelta

import msgspec
import pytest

from federation.catalogue import WORKOUT_DELETED
from federation.envelope import open_envelope
from federation.keyring import Keyring
from federation.receipts import ReceiptRefused, read_receipt, require_receipt_for, sign_receipt, subject_hash
from tests.support.envelopes import KEYRING, KEYS, NOON, PERSON, arrival, envelope_of, sealed, signer
from tests.support.federation import BR, EU, US

RETRACTION = open_envelope(sealed(WORKOUT_DELETED), arrival(WORKOUT_DELETED), KEYRING)
DONE = NOON + timedelta(seconds=1)
SIGNED = sign_receipt(RETRACTION, 3, DONE, signer(US))


def refusal(body, keyring=KEYRING):
    with pytest.raises(ReceiptRefused) as caught:
        read_receipt(body, keyring)
    return caught.value.reason


def forged(**changes):
    return msgspec.json.encode(msgspec.json.decode(SIGNED) | changes, order="sorted")


def us_key(**changes):
    return msgspec.structs.replace(KEYS[US].public()[0], **changes)


def test_it_says_who_did_what_when_and_does_not_name_the_person():
    receipt = read_receipt(SIGNED, KEYRING)
    require_receipt_for(RETRACTION, receipt)
    assert (US, EU, 3, DONE) == (receipt.region, receipt.origin, receipt.removed, receipt.done_at)
    assert PERSON.encode() not in SIGNED


def test_two_retractions_about_one_person_have_nothing_in_common():
    assert subject_hash("one", PERSON) != subject_hash("two", PERSON)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (forged(removed=0), "bad-signature"),
        (forged(region=BR), "key-of-another-region"),
        (forged(more=1), "malformed"),
        (SIGNED + b" ", "malformed"),
        (b"x" * 5000, "oversized"),
        (sealed(WORKOUT_DELETED), "malformed"),
    ],
)
def test_what_is_wrong_is_refused(body, reason):
    assert reason == refusal(body)


def test_it_is_good_for_years_after_its_key_was_replaced_but_not_once_it_was_revoked():
    assert read_receipt(SIGNED, Keyring([us_key(accepted_until=DONE)]))
    assert "past-key" == refusal(SIGNED, Keyring([us_key(accepted_until=NOON)]))
    assert "revoked-key" == refusal(SIGNED, Keyring([us_key(revoked_at=DONE)]))


@pytest.mark.parametrize(
    "changes",
    [{"id": "another"}, {"subject": "eu_2"}, {"destination": BR}, {"sendnumber": "8"}],
    ids=str,
)
def test_a_receipt_is_about_one_retraction_alone(changes):
    other = msgspec.structs.replace(envelope_of(WORKOUT_DELETED), source=RETRACTION.source, **changes)
    with pytest.raises(ReceiptRefused):
        require_receipt_for(other, read_receipt(SIGNED, KEYRING))
