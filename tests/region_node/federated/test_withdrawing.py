"""What follows from a change of a person's mind: asked for at once, remembered until it is answered."""

from datetime import UTC, datetime, timedelta

import pytest

from federation.catalogue import Scope
from federation.receipts import ReceiptRefused
from federation.rechecking import Recheck
from federation.topology import Lane
from policies.vocabulary import DataCategory, Purpose
from region_node.federated.disclosures import Disclosures, overdue
from tests.support.departures import FEED, open_home
from tests.support.envelopes import NOON
from tests.support.federation import BR, EU, US
from tests.support.standings import given

WITHOUT_TITLES = [
    given(Purpose.SOCIAL_FEED, category, seq=4)
    for category in (DataCategory.IDENTIFIER, DataCategory.TIMESTAMP, DataCategory.WORKOUT_SUMMARY)
]


@pytest.fixture
async def home(tmp_path):
    opened = await open_home(tmp_path)
    yield opened
    await opened.stores.engine.close()


@pytest.fixture
async def person(home):
    somebody = await home.person(FEED)
    for own in ("w1", "w2"):
        await home.runs_now(somebody, own)
    return somebody


async def test_one_message_to_each_region_takes_back_a_whole_purpose(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    for region in (EU, BR, US):
        (asked,) = home.waiting(region, Lane.RETRACTION)
        assert ("purpose.withdrawn", "social-feed") == (asked.type, asked.data["purpose"])
        assert {} == home.held_by(region)


async def test_what_is_still_queued_is_erased_from_the_lanes(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    assert [] == home.waiting(US, Lane.BULK, Lane.INTERACTIVE)
    assert {(region, number) for region in (EU, BR, US) for number in (1, 2)} == {
        (one.destination, one.number) for one in home.erased
    }


async def test_following_twice_asks_once(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    await home.withdrawals.follow(person)
    assert 1 == len(home.waiting(US, Lane.RETRACTION))


async def test_a_consent_that_is_given_again_brings_everything_back(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    await home.allows(person, FEED)
    await home.withdrawals.follow(person)
    await home.paid()
    assert {"w1", "w2"} == {own for _, own in home.held_by(US)}


async def test_a_field_that_is_taken_back_goes_everywhere_and_the_rest_comes_back(home, person):
    await home.allows(person, *WITHOUT_TITLES)
    await home.withdrawals.follow(person)
    assert {} == home.held_by(US)
    await home.paid()
    held = home.held_by(US)
    assert {"w1", "w2"} == {own for _, own in held}
    assert not any("title" in data for data in held.values())


@pytest.mark.parametrize("changes", [{"restricted": True}, {"objections": (Purpose.SOCIAL_FEED,)}])
async def test_restriction_and_objection_count_as_a_withdrawal(home, person, changes):
    await home.allows(person, FEED, **changes)
    await home.withdrawals.follow(person)
    assert {} == home.held_by(US)


async def test_a_region_that_never_had_anything_is_not_told_who_withdrew(home):
    home.followers = frozenset({"us"})
    other = await home.person(FEED)
    await home.runs_now(other, "w9")
    home.followers = frozenset({"us", "br"})
    await home.allows(other)
    await home.withdrawals.follow(other)
    assert {other.person_id} == {one.subject for one in home.waiting(US, Lane.RETRACTION)}
    assert [] == home.waiting(BR, Lane.RETRACTION)


async def test_an_erasure_reaches_every_region_and_is_known_until_all_have_answered(home, person):
    await home.stores.keys.destroy(person.tenant, person.person_id)
    await home.withdrawals.erase(person)
    asked = {region: home.waiting(region, Lane.RETRACTION) for region in (EU, BR, US)}
    assert {"person.erased"} == {one.type for found in asked.values() for one in found}
    assert {EU, BR, US} == {one.region for one in await home.book.missing(person)}
    for region in (EU, BR):
        await home.withdrawals.receipt_arrived(person, home.receipt_of(asked[region][0]))
    (late,) = await home.book.missing(person)
    assert (US, Scope.PERSON, NOON + timedelta(days=30)) == (late.region, late.scope, late.due_at)
    await home.withdrawals.receipt_arrived(person, home.receipt_of(asked[US][0]))
    assert [] == await home.book.missing(person)


async def test_after_the_last_receipt_of_an_erasure_receipts_are_all_that_is_kept(home, person):
    await home.withdrawals.erase(person)
    for region in (EU, BR, US):
        (asked,) = home.waiting(region, Lane.RETRACTION)
        await home.withdrawals.receipt_arrived(person, home.receipt_of(asked))
    assert ([], 0) == (await home.book.reaches(person), await home.book.last_number(person))
    assert ([], None) == await home.book.sent(person, "workout")
    assert 3 == len([one async for one in home.book.take_backs(person) if one.receipt])


async def test_whoever_went_nowhere_leaves_nothing_when_erased(home):
    somebody = await home.person()
    await home.runs_now(somebody)
    await home.withdrawals.erase(somebody)
    assert 0 == await home.book.last_number(somebody)
    assert [[], [], []] == [home.waiting(region) for region in (EU, BR, US)]


async def test_what_was_not_answered_is_asked_again_under_the_same_id(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    first = home.waiting(US, Lane.RETRACTION)
    home.now += timedelta(seconds=11)
    await home.debts.round()
    assert [first[0].id] * 2 == [one.id for one in home.waiting(US, Lane.RETRACTION)]
    (missing,) = [one for one in await home.book.missing(person) if one.region == US]
    assert (1, NOON + timedelta(seconds=31)) == (missing.asked, missing.next_at)
    await home.debts.round()
    assert 2 == len(home.waiting(US, Lane.RETRACTION))


async def test_what_was_answered_is_not_asked_again(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    (asked,) = home.waiting(US, Lane.RETRACTION)
    await home.withdrawals.receipt_arrived(person, home.receipt_of(asked))
    await home.withdrawals.receipt_arrived(person, home.receipt_of(asked))
    home.now += timedelta(days=1)
    await home.paid()
    assert 1 == len(home.waiting(US, Lane.RETRACTION))


async def test_a_broker_that_was_away_is_asked_when_it_is_back(home, person):
    await home.allows(person)
    home.network.brokers[EU].away = True
    await home.withdrawals.follow(person)
    home.network.brokers[EU].away = False
    assert {} != home.held_by(US)
    home.now += timedelta(seconds=11)
    await home.paid()
    assert {} == home.held_by(US)
    assert [] == home.waiting(US, Lane.BULK)


@pytest.mark.parametrize("wrong", ["another", "person", "unsigned"])
async def test_a_receipt_about_something_else_counts_for_nothing(home, person, wrong):
    await home.allows(person)
    await home.withdrawals.follow(person)
    (asked,) = home.waiting(US, Lane.RETRACTION)
    (brazil,) = home.waiting(BR, Lane.RETRACTION)
    other = await home.person()
    said, about = {
        "another": (home.receipt_of(brazil).replace(b"sa-east", b"us-west"), person),
        "person": (home.receipt_of(asked), other),
        "unsigned": (home.receipt_of(asked)[:-20] + b'0000000000000000000"', person),
    }[wrong]
    with pytest.raises(ReceiptRefused):
        await home.withdrawals.receipt_arrived(about, said)
    assert 3 == len(await home.book.missing(person))


async def test_a_person_sees_what_left_and_what_was_taken_back(home, person):
    shown = Disclosures(home.book)
    del home.runs.at[person, "w2"]
    await home.update(person, "w2")
    (asked,) = home.waiting(US, Lane.RETRACTION)
    await home.withdrawals.receipt_arrived(person, home.receipt_of(asked))
    assert ["workout"] == await shown.kinds(person)
    page, further = await shown.page(person, "workout")
    assert further is None
    there, gone = [one for one in page if one.region == US]
    assert ("w1", "consent", NOON, None) == (
        there.aggregate_id,
        there.basis,
        there.since,
        there.taken_back_at,
    )
    assert {"title", "distance_m"} <= set(there.fields)
    assert ("w2", NOON, NOON) == (gone.aggregate_id, gone.taken_back_at, gone.confirmed_at)
    assert home.receipt_of(asked) == gone.receipt


async def test_a_person_sees_since_when_an_answer_is_missing(home, person):
    await home.allows(person)
    await home.withdrawals.follow(person)
    page, _ = await Disclosures(home.book).page(person, "workout")
    assert {(NOON, None)} == {(one.taken_back_at, one.confirmed_at) for one in page}
    missing = await home.book.missing(person)
    assert [] == overdue(missing, NOON + timedelta(days=29))
    assert missing == overdue(missing, NOON + timedelta(days=30))


async def test_nothing_is_left_of_somebody_erased_when_a_late_event_comes(home):
    somebody = await home.person(FEED)
    await home.stores.keys.destroy(somebody.tenant, somebody.person_id)
    await home.update(somebody)
    assert 0 == await home.book.last_number(somebody)


async def test_a_consent_that_ended_by_itself_is_found_without_an_event(home, person):
    ends = datetime(2026, 1, 1, tzinfo=UTC)
    await home.allows(person, given(Purpose.SOCIAL_FEED, None, seq=2, expires_at=ends))
    assert 1 == await Recheck(withdrawals=home.withdrawals, on_fault=home.faults.append).all()
    assert {} == home.held_by(US)
    assert [] == home.faults


async def test_looking_again_changes_nothing_where_nothing_has_changed(home, person):
    await home.withdrawals.follow(person)
    await home.paid()
    before = await home.book.last_number(person)
    await Recheck(withdrawals=home.withdrawals, on_fault=home.faults.append).all()
    assert before == await home.book.last_number(person)
