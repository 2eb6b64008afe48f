"""What goes to which region, field by field, and that it is recorded before it goes."""

from dataclasses import replace

import pytest

from federation.codec import decode_data
from federation.peers import Level, PeerSettings
from federation.topology import Lane
from policies.ruling import Effect
from policies.vocabulary import DataCategory, LegalBasis, Purpose
from region_node.federated.rulings import LedgerGround
from region_node.federated.sends import Fenced
from tests.support.departures import FEED, open_home
from tests.support.envelopes import NOON
from tests.support.federation import BR, EU, US


@pytest.fixture
async def home(tmp_path):
    opened = await open_home(tmp_path)
    yield opened
    await opened.stores.engine.close()


async def test_a_workout_goes_where_a_follower_lives_and_home_by_loopback(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    for region in (EU, BR, US):
        (envelope,) = home.waiting(region)
        assert (region, person.person_id, "w1") == (
            envelope.destination,
            envelope.subject,
            envelope.aggregateid,
        )
        assert (Purpose.SOCIAL_FEED, LegalBasis.CONSENT, 2) == (
            envelope.purpose,
            envelope.basis,
            envelope.consentversion,
        )
        assert envelope.packversion
        assert "Am See" == decode_data(envelope, Lane.BULK).title


async def test_nothing_goes_without_consent(home):
    person = await home.person()
    await home.runs_now(person)
    assert [[], [], []] == [home.waiting(region) for region in (EU, BR, US)]
    assert [] == await home.book.reaches(person)


async def test_it_is_recorded_what_went_where_and_on_what_ground(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    sends, _ = await home.book.sent(person, "workout")
    assert [EU, BR, US] == [send.region for send in sends]
    (envelope,) = home.waiting(US)
    sent = sends[-1]
    assert set(envelope.data) == set(sent.fields)
    assert (envelope.number, envelope.packversion, "consent", 2) == (
        sent.number,
        sent.pack_version,
        sent.basis,
        sent.consent_version,
    )


async def test_fields_that_law_keeps_at_home_stay_there(home, monkeypatch):
    """Without an instrument in force nothing of the European Union may go to the United States."""
    monkeypatch.setattr(type(home.egress.outside.grounds.regions), "kinds_between", lambda *_: frozenset())
    person = await home.person(FEED)
    await home.runs_now(person)
    assert [1, 1, 0] == [len(home.waiting(region)) for region in (EU, BR, US)]


async def test_where_nobody_follows_nothing_goes_and_what_went_is_taken_back(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    home.followers = frozenset({"us"})
    await home.runs_now(person)
    assert {} == home.held_by(BR)
    assert {"projection.retracted"} == {one.type for one in home.waiting(BR, Lane.RETRACTION)}
    assert 2 == home.held_by(US)[person.person_id, "w1"]["version"]


async def test_what_is_gone_is_taken_back_where_it_went_once(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    del home.runs.at[person, "w1"]
    await home.update(person)
    await home.update(person)
    for region in (EU, BR, US):
        assert {} == home.held_by(region)
        assert 1 == len(home.waiting(region, Lane.RETRACTION))


async def test_numbers_grow_with_every_pass_and_with_the_epoch(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    home.epoch = 2
    await home.runs_now(person)
    before, after = [one.number for one in home.waiting(US)]
    assert before < after
    assert 2 == after >> 43


async def test_an_older_epoch_sends_nothing_any_more(home):
    person = await home.person(FEED)
    home.epoch = 2
    await home.runs_now(person)
    home.epoch = 1
    with pytest.raises(Fenced):
        await home.runs_now(person)
    assert 1 == len(home.waiting(US))


async def test_a_full_lane_holds_back_nobody_else_and_is_made_up_for(home):
    person = await home.person(FEED)
    lane = home.network.brokers[EU].streams[f"FED_{EU}_{US}_{Lane.BULK}"]
    lane.stream = replace(lane.stream, max_bytes=10)
    assert {US} == await home.runs_now(person)
    assert [1, 1, 0] == [len(home.waiting(region)) for region in (EU, BR, US)]
    lane.stream = replace(lane.stream, max_bytes=100_000)
    await home.paid()
    assert [1, 1, 1] == [len(home.waiting(region)) for region in (EU, BR, US)]
    assert [] == [debt for part in home.book.owed(US, NOON) async for debt in part.debts()]


async def test_what_a_full_lane_cannot_correct_is_taken_back(home, monkeypatch):
    """The old projection has a field that may be there no more."""
    person = await home.person(FEED)
    await home.runs_now(person)
    lane = home.network.brokers[EU].streams[f"FED_{EU}_{US}_{Lane.BULK}"]
    lane.stream = replace(lane.stream, max_bytes=10)
    without_titles(monkeypatch)
    await home.runs_now(person)
    assert {} == home.held_by(US)
    assert "title" not in home.held_by(BR)[person.person_id, "w1"]


async def test_a_paused_peer_is_made_up_for_and_still_told_what_to_take_back(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    await home.runs_now(person, "w2")
    home.peers = replace(home.peers, settings={US: PeerSettings(paused=True)})
    await home.runs_now(person, "w2", title="Anders")
    del home.runs.at[person, "w1"]
    await home.update(person, "w1")
    assert {"w2": "Am See"} == titles(home.held_by(US))
    home.peers = replace(home.peers, settings={})
    await home.paid()
    assert {"w2": "Anders"} == titles(home.held_by(US))


async def test_a_peer_that_is_blocked_loses_what_it_had(home):
    person = await home.person(FEED)
    await home.runs_now(person)
    home.peers = replace(home.peers, settings={US: PeerSettings(level=Level.BLOCKED)})
    await home.debts.republish(person, US)
    await home.paid()
    assert {} == home.held_by(US)
    assert {"w1": "Am See"} == titles(home.held_by(BR))


async def test_republishing_sends_what_there_is_and_takes_back_what_is_gone(home):
    person = await home.person(FEED)
    home.followers = frozenset()
    for number in range(7):
        await home.runs_now(person, f"w{number}")
    home.followers = frozenset({"us"})
    await home.debts.republish(person, US)
    await home.paid()
    assert {f"w{number}" for number in range(7)} == set(titles(home.held_by(US)))
    del home.runs.at[person, "w3"]
    await home.debts.republish(person, US)
    await home.paid()
    assert "w3" not in titles(home.held_by(US))


async def test_figures_of_too_few_people_do_not_leave(home):
    person = await home.person(FEED)
    home.runs.people = 9
    await home.runs_now(person)
    assert [] == home.waiting(US)
    home.runs.people = 10
    await home.runs_now(person)
    assert 1 == len(home.waiting(US))


def titles(held):
    return {own: data.get("title") for (_, own), data in held.items()}


def without_titles(monkeypatch):
    """The law lets no free text out any more."""
    answered = LedgerGround._rulings

    def rulings(ground, event, category, destination):
        home_ruling, there = answered(ground, event, category, destination)
        if category is DataCategory.FREE_TEXT:
            return home_ruling, replace(there, effect=Effect.DENY)
        return home_ruling, there

    monkeypatch.setattr(LedgerGround, "_rulings", rulings)


async def test_who_is_owed_much_keeps_nobody_waiting(home):
    home.peers = replace(home.peers, settings={US: PeerSettings(paused=True)})
    people = sorted([await home.person(FEED) for _ in range(2)], key=lambda one: one.person_id)
    for own in range(60):
        await home.runs_now(people[0], f"w{own}")
    await home.runs_now(people[1])
    home.peers = replace(home.peers, settings={})
    await home.debts.round()
    sent = [one.subject for one in home.waiting(US)]
    assert (25, 1) == (sent.count(people[0].person_id), sent.count(people[1].person_id))
