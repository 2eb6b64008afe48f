"""What a hostile region sends is refused, counted and named; the next good event gets in all the same."""

import hashlib

import msgspec
import pytest

from federation.envelope import Refusal
from federation.inbound import Way
from federation.keyring import Context
from federation.receipts import ReceiptRefused, sign_receipt
from federation.topology import Lane
from region_node.federated.quarantine import NEWEST_KEPT
from tests.support.envelopes import KEYS as REGION_KEYS
from tests.support.envelopes import NOON, PERSON, keys_of
from tests.support.federation import BR, EU, US
from tests.support.receiving import Handed, erased, handed, retracted, workout

BRAZILIAN = "br_01hv00000000000000000000dd"


def re_signed(way, parcel, signer, **changes):
    """With *changes* to the envelope, and whatever signature *signer* makes of it."""
    envelope = msgspec.json.decode(parcel.body) | changes
    del envelope["signature"]
    plain = msgspec.json.encode(envelope, order="sorted")
    envelope["signature"] = signer.sign(Context.ENVELOPE, plain)
    return way, Handed(parcel.subject, msgspec.json.encode(envelope, order="sorted"), parcel.number)


def signer_of(region):
    return REGION_KEYS[region].signer(NOON)


def good(number=1, **changes):
    return handed(workout(number, **changes), number)


def changed(**changes):
    return re_signed(*good(), signer_of(EU), **changes)


def under(subject):
    way, parcel = good()
    return way, Handed(subject, parcel.body, 1)


def by(origin):
    """The good parcel, pulled from another region's broker: passed on, or sent anew in another's name."""
    _, parcel = good()
    return Way(origin, Lane.BULK), parcel


def of_others(made):
    return handed(made, 1, origin=BR)


def raw(body):
    way, parcel = good()
    return way, Handed(parcel.subject, body, 1)


HOSTILE = {
    "forged-origin": (lambda: re_signed(*good(), signer_of(BR)), Refusal.BAD_SIGNATURE),
    "forged-origin-with-its-own-key": (
        lambda: re_signed(*good(), signer_of(BR), keyid=signer_of(BR).key_id),
        Refusal.KEY_OF_ANOTHER,
    ),
    "passed-on-by-another": (lambda: by(BR), Refusal.WRONG_ORIGIN),
    "changed-on-the-way": (lambda: raw(good()[1].body.replace(b"A run", b"A fun")), Refusal.BAD_SIGNATURE),
    "wrong-destination": (lambda: handed(workout(1), 1, here=BR), Refusal.WRONG_DESTINATION),
    "stale": (lambda: changed(expirytime="2030-06-01T12:00:00Z"), Refusal.EXPIRED),
    "unknown-key": (
        lambda: re_signed(*good(), keys_of(EU, 9).signer(NOON), keyid=keys_of(EU, 9).signer(NOON).key_id),
        Refusal.UNKNOWN_KEY,
    ),
    "oversized": (lambda: raw(b"[" * 70_000), Refusal.OVERSIZED),
    "malformed": (lambda: raw(b"{}"), Refusal.MALFORMED),
    "unknown-type": (lambda: changed(typenumber=999), Refusal.UNKNOWN_TYPE),
    "unknown-version": (lambda: changed(typeversion=7), Refusal.UNKNOWN_TYPE),
    "fields-outside-the-schema": (
        lambda: changed(data={"person_id": PERSON, "workout_id": "w", "pulse": 180}),
        Refusal.OUTSIDE_SCHEMA,
    ),
    "another-type-of-a-field": (
        lambda: changed(data={"person_id": PERSON, "workout_id": "w", "title": 3}),
        Refusal.OUTSIDE_SCHEMA,
    ),
    "another-purpose": (lambda: changed(purpose="marketing-email"), Refusal.WRONG_PURPOSE),
    "another-tenant-in-the-envelope": (lambda: changed(tenant="other"), Refusal.WRONG_SUBJECT),
    "a-tenant-that-is-none": (lambda: good(tenant="nobodys"), Refusal.UNKNOWN_TENANT),
    "another-person-in-the-data": (
        lambda: changed(data={"person_id": "eu_somebody", "workout_id": "w"}),
        Refusal.WRONG_SUBJECT,
    ),
    "a-person-of-another-group": (lambda: of_others(workout(1)), Refusal.SUBJECT_OF_OTHERS),
    "retracts-for-another-group": (lambda: of_others(retracted(1)), Refusal.SUBJECT_OF_OTHERS),
    "erases-for-another-group": (lambda: of_others(erased(1)), Refusal.SUBJECT_OF_OTHERS),
    "a-person-of-no-jurisdiction": (lambda: good(subject="nobody"), Refusal.SUBJECT_OF_OTHERS),
    "no-subject": (lambda: under("fed.eu-central.us-west"), Refusal.WRONG_SUBJECT),
    "injected-subject": (lambda: under(f"{good()[1].subject}.$JS.ACK"), Refusal.WRONG_SUBJECT),
    "a-retraction-in-a-slow-lane": (lambda: handed(retracted(1), 1, lane=Lane.BULK), Refusal.WRONG_LANE),
    "an-event-in-the-lane-of-retractions": (
        lambda: handed(workout(1), 1, lane=Lane.RETRACTION),
        Refusal.WRONG_LANE,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_it_is_refused_counted_and_named_and_the_next_good_one_gets_in(region, name):
    make, reason = HOSTILE[name]
    way, parcel = make()
    await region.hand((way, parcel))
    assert {(way.origin, reason): 1} == await region.refusals()
    (kept,) = await region.quarantine.newest(way.origin, reason)
    assert (hashlib.sha256(parcel.body).hexdigest(), 1, way.lane) == (kept.sha256, kept.number, kept.lane)
    assert 1 == parcel.acknowledged
    assert [None] == await region.shown()
    await region.hand(handed(workout(2), 2))
    assert [None] != await region.seen()


async def test_a_replayed_event_changes_nothing(region):
    first, second = handed(workout(1, "old"), 1), handed(workout(2, "new"), 2)
    await region.hand(first, second, first, first)
    (seen,) = await region.shown()
    assert "new" == seen.data["title"]


async def test_a_replayed_event_does_not_undo_a_retraction(region):
    await region.hand(good(), handed(retracted(2), 1), good(), good())
    assert [None] == await region.shown()


@pytest.mark.parametrize("kind", ["beacon", "receipt"])
async def test_a_document_that_is_none_is_refused(region, kind):
    way = Way(EU, Lane.RETRACTION)
    parcel = Handed(f"fed.{EU}.{US}.retraction._.{kind}._", b"{}", 1)
    await region.hand((way, parcel))
    assert {(EU, Refusal.MALFORMED): 1} == await region.refusals()


async def test_what_a_refused_one_says_of_itself_is_kept_as_an_id_and_no_more(region):
    way, parcel = good()
    parcel.body = msgspec.json.encode({"id": "ok-1", "title": "planted"})
    worse = Handed(parcel.subject, msgspec.json.encode({"id": "Anna Schmidt\n", "more": "planted"}), 2)
    await region.hand((way, parcel), (way, worse))
    assert ["ok-1", ""] == sorted(
        (one.id for one in await region.quarantine.newest(EU, "malformed")), reverse=True
    )


async def test_however_much_is_refused_the_newest_few_are_kept_and_all_are_counted(region):
    way, parcel = good()
    bad = [Handed(parcel.subject, b"%d" % number, number) for number in range(1, 261)]
    for begin in range(0, 260, 130):
        await region.ingress.take(way, bad[begin : begin + 130])
    kept = await region.quarantine.newest(EU, Refusal.MALFORMED)
    assert {(EU, Refusal.MALFORMED): 260} == await region.refusals()
    assert (NEWEST_KEPT, set(range(161, 261))) == (len(kept), {one.number for one in kept})
    assert {(EU, Refusal.MALFORMED): 260} == region.ingress.refused


@pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 10**40])
async def test_a_number_that_no_broker_gives_is_counted_and_left(region, number):
    way, parcel = good()
    parcel.number = number
    await region.hand((way, parcel))
    assert ({(EU, Refusal.WRONG_NUMBER): 1}, 1) == (await region.refusals(), parcel.acknowledged)
    assert [None] == await region.shown()


async def test_a_region_must_not_answer_for_another(region):
    await region.hand(receipt_of(by=BR, asked_by=US))
    assert ({(EU, Refusal.WRONG_ORIGIN): 1}, []) == (await region.refusals(), region.arrived)


async def test_a_receipt_for_another_region_is_refused(region):
    await region.hand(receipt_of(by=EU, asked_by=BR))
    assert ({(EU, Refusal.WRONG_DESTINATION): 1}, []) == (await region.refusals(), region.arrived)


async def test_a_receipt_that_nobody_asked_for_is_refused(region, monkeypatch):
    async def nobody_asked(*_):
        raise ReceiptRefused("not about anything that was asked")

    monkeypatch.setattr(region, "_receipt_arrived", nobody_asked)
    await region.hand(receipt_of(by=EU, asked_by=US))
    assert {(EU, Refusal.NOT_ASKED): 1} == await region.refusals()


def receipt_of(by, asked_by):
    """It comes by the lane of EU, to US."""
    _, retraction = retracted(2, source=f"urn:meridian:region:{asked_by}", destination=US)
    body = sign_receipt(retraction, 1, NOON, signer_of(by))
    return Way(EU, Lane.RETRACTION), Handed(f"fed.{EU}.{US}.retraction.default.receipt.us_1", body, 1)
