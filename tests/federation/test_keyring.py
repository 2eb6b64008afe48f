"""A region signs with its own keys; they overlap when they are exchanged and end at once when revoked."""

from datetime import timedelta

import msgspec
import pytest

from federation.keyring import (
    ACCEPTED_AFTER,
    ANNOUNCED_FOR,
    Claim,
    Context,
    KeyFault,
    Keyring,
    KeyringError,
    OwnKeys,
    SignatureRefused,
    key_id_of,
    new_keys,
)
from federation.topology import LANE_LIMITS
from region_node.security.signing_keys import SigningKey
from tests.support.envelopes import KEYS, NOON
from tests.support.federation import EU, US

MESSAGE = b"something signed"
ROTATED = NOON + timedelta(days=100)
FIRST = new_keys(EU, NOON)
SECOND = FIRST.rotated(ROTATED)


def fault(keys, signer, *, at=NOON, context=Context.ENVELOPE, region=EU):
    claim = Claim(region=region, key_id=signer.key_id, signature=signer.sign(context, MESSAGE), at=at)
    try:
        Keyring(keys.public()).check(Context.ENVELOPE, claim, MESSAGE)
    except SignatureRefused as refused:
        return refused.fault
    return None


def test_a_new_region_signs_at_once():
    assert fault(FIRST, FIRST.signer(NOON)) is None


@pytest.mark.parametrize(
    ("after", "of_first", "what"),
    [
        (timedelta(0), True, "signs while its successor is announced"),
        (ANNOUNCED_FOR - timedelta(seconds=1), True, "signs while its successor is announced"),
        (ANNOUNCED_FOR, False, "signs no more once all have heard of its successor"),
    ],
)
def test_a_new_key_signs_once_others_know_it(after, of_first, what):
    first = FIRST.keys[0].key_id
    assert of_first == (SECOND.signer(ROTATED + after).key_id == first), what


def test_what_a_replaced_key_signed_is_accepted_for_as_long_as_a_stream_may_keep_it():
    end = ROTATED + ANNOUNCED_FOR + ACCEPTED_AFTER
    signer = FIRST.signer(NOON)
    assert ACCEPTED_AFTER > max(timedelta(seconds=limits.max_age_s) for limits in LANE_LIMITS.values())
    assert fault(SECOND, signer, at=end) is None
    assert KeyFault.PAST is fault(SECOND, signer, at=end + timedelta(seconds=1))


def test_a_second_rotation_does_not_lengthen_the_life_of_the_first_key():
    third = SECOND.rotated(ROTATED + timedelta(days=1))
    assert SECOND.keys[0].accepted_until == third.keys[0].accepted_until


def test_a_revoked_key_is_accepted_for_nothing_and_signs_nothing():
    signer = FIRST.signer(NOON)
    revoked = SECOND.revoked(signer.key_id, ROTATED)
    assert KeyFault.REVOKED is fault(revoked, signer, at=NOON)
    with pytest.raises(KeyringError, match="rotate"):
        revoked.signer(ROTATED)
    assert fault(revoked, revoked.signer(ROTATED + ANNOUNCED_FOR), at=ROTATED + ANNOUNCED_FOR) is None


def test_only_own_keys_can_be_revoked():
    with pytest.raises(KeyringError):
        FIRST.revoked("unknown", NOON)


def test_a_key_speaks_for_its_own_region_only():
    assert KeyFault.OF_ANOTHER is fault(FIRST, FIRST.signer(NOON), region=US)


def test_a_signature_for_one_thing_is_none_for_another():
    assert KeyFault.BROKEN is fault(FIRST, FIRST.signer(NOON), context=Context.RECEIPT)


def test_an_unknown_key_is_named_so():
    assert KeyFault.UNKNOWN is fault(new_keys(EU, NOON), FIRST.signer(NOON))


def test_two_regions_cannot_claim_one_key():
    (key,) = FIRST.public()
    with pytest.raises(KeyringError, match="us-west"):
        Keyring([key, msgspec.structs.replace(key, region=US)])


def test_ids_are_those_that_tokens_use():
    seed = b"\x07" * 32
    (key,) = KEYS[EU].keys
    assert SigningKey(seed).kid == key_id_of(msgspec.structs.replace(key, seed=seed).public)


def test_keys_come_back_from_a_file_and_show_no_secret():
    assert SECOND == msgspec.json.decode(msgspec.json.encode(SECOND), type=OwnKeys)
    shown = f"{SECOND} {SECOND.signer(ROTATED)!r} {SECOND.public()}"
    assert [] == [key for key in SECOND.keys if str(key.seed) in shown or key.seed.hex() in shown]
