from dataclasses import replace
from datetime import date, timedelta

import pytest

from policies.consent import NO_ASKING_AFTER_REFUSAL
from policies.facts import Signal
from policies.ruling import Effect, Reason
from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.law import Ground
from region_node.features.consent.model import EntryState, Method, Resident
from region_node.features.consent.notices import Catalogue
from region_node.features.consent.problems import (
    ConsentNotNeeded,
    NotAsked,
    ObjectionNotPossible,
    ObjectionStands,
    StaleNotice,
)
from region_node.storage.ruled import RefusedByPolicy
from tests.region_node.features.consent.conftest import ANA, TENANT

BOARD = About(purpose=Purpose.LEADERBOARD)
HEALTH = About(purpose=Purpose.ANALYSIS, category=DataCategory.HEALTH)
MAIL = About(purpose=Purpose.MARKETING_EMAIL)
CALIFORNIAN = Resident(birth_date=date(1990, 4, 3), country="US", subdivision="US-CA")
BRAZILIAN_CHILD = Resident(birth_date=date(2013, 1, 1), country="BR")
FRENCH_CHILD = Resident(birth_date=date(2014, 1, 1), country="FR")
GERMAN_CHILD = Resident(birth_date=date(2014, 1, 1), country="DE")
KOREAN = Resident(birth_date=date(1990, 4, 3), country="KR")


def myself(person):
    return Actor(id=person, method=Method.API)


def guardian(method=Method.GUARDIAN):
    return Actor(id="eu_mother", method=method)


def asked(view, about):
    return next(
        one for one in view if (one.topic.purpose, one.topic.category) == (about.purpose, about.category)
    )


async def give(world, person, about=BOARD, notice=None, actor=None):
    topic = world.law.notices.topic(about.purpose, about.category)
    return await world.service.give(
        TENANT, person, about, notice or f"{topic.id}/1/de", actor or myself(person)
    )


async def withdraw(world, person, about=BOARD, actor=None):
    return await world.service.withdraw(TENANT, person, about, actor or myself(person))


async def overview(world, person, language="en"):
    return (await world.service.overview(TENANT, person, language))[1]


def states(recorded):
    return [entry.draft.state for entry in recorded.entries if entry.draft.state is not EntryState.BEGUN]


async def test_a_consent_is_proved_by_the_digest_of_the_text_that_was_shown(world):
    person = await world.person()
    (entry,) = (await give(world, person)).entries[-1:]
    shown = world.law.notices.notice(entry.draft.notice)
    assert ("leaderboard/1/de", shown.sha256) == (entry.draft.notice, entry.draft.notice_sha256)
    assert "Bestenlisten" in shown.text
    assert (person, Method.API, "18-plus") == (entry.draft.actor, entry.draft.method, entry.age_band)


async def test_giving_what_is_given_and_withdrawing_what_is_withdrawn_adds_nothing(world):
    person = await world.person()
    assert [EntryState.GIVEN] == states(await give(world, person))
    assert [] == states(await give(world, person, notice="leaderboard/1/ru"))
    assert [EntryState.WITHDRAWN] == states(await withdraw(world, person))
    assert [] == states(await withdraw(world, person))


async def test_saying_no_to_what_was_never_given_is_remembered_as_a_refusal(world):
    person = await world.person()
    assert [EntryState.REFUSED] == states(await withdraw(world, person))
    assert [] == states(await withdraw(world, person))


async def test_a_notice_that_is_not_todays_is_refused_with_todays(world):
    person = await world.person()
    with pytest.raises(StaleNotice) as refused:
        await give(world, person, notice="leaderboard/0/pt-BR")
    assert refused.value.extra["notice"]["ref"] == "leaderboard/1/pt-BR"


async def test_what_has_no_notice_cannot_be_given(world):
    person = await world.person()
    with pytest.raises(NotAsked):
        await world.service.give(
            TENANT,
            person,
            About(purpose=Purpose.RESEARCH, category=DataCategory.HEALTH),
            "research/1/de",
            myself(person),
        )


async def test_health_is_asked_in_a_step_of_its_own(world):
    person = await world.person()
    view = await overview(world, person)
    assert Ground.CONSENT is asked(view, HEALTH).footing.ground
    assert Ground.NO_CONSENT_NEEDED is asked(view, About(purpose=Purpose.ANALYSIS)).footing.ground
    assert not asked(view, HEALTH).footing.present.allowed
    await give(world, person, HEALTH)
    assert asked(await overview(world, person), HEALTH).footing.present.allowed


async def test_what_rests_on_the_contract_is_neither_given_nor_withdrawn(world):
    person = await world.person()
    for act in (give, withdraw):
        with pytest.raises(ConsentNotNeeded):
            await act(world, person, About(purpose=Purpose.ACCOUNT))


async def test_withdrawing_a_purpose_takes_its_categories_and_recipients_with_it(world):
    person = await world.person()
    await give(world, person)
    await give(world, person, About(purpose=Purpose.LEADERBOARD, recipient="acme.example"))
    recorded = await withdraw(world, person)
    assert [EntryState.WITHDRAWN] * 2 == states(recorded)
    assert () == recorded.standing.consents


async def test_giving_takes_an_earlier_objection_back(world):
    person = await world.person()
    await world.service.object(TENANT, person, Purpose.LEADERBOARD, myself(person))
    assert [EntryState.OBJECTION_WITHDRAWN, EntryState.GIVEN] == states(await give(world, person))
    assert asked(await overview(world, person), BOARD).footing.present.allowed


async def test_staff_take_an_objection_back_only_where_they_say_so(world):
    person = await world.person()
    await world.service.object(TENANT, person, Purpose.LEADERBOARD, myself(person))
    officer = Actor(id="anna", method=Method.CLI, ends_objection=False)
    with pytest.raises(ObjectionStands):
        await give(world, person, actor=officer)
    assert (Purpose.LEADERBOARD,) == (await world.ledger.standing(TENANT, person)).objections
    recorded = await give(world, person, actor=replace(officer, ends_objection=True))
    assert [EntryState.OBJECTION_WITHDRAWN, EntryState.GIVEN] == states(recorded)


async def test_what_nobody_is_asked_for_any_more_can_still_be_taken_back(world):
    person = await world.person()
    await give(world, person)
    kept = [topic for topic in world.law.notices.topics if topic.purpose is not Purpose.LEADERBOARD]
    world.law = replace(world.law, notices=Catalogue(tuple(kept)))
    recorded = await withdraw(world, person)
    assert ([EntryState.WITHDRAWN], ()) == (states(recorded), recorded.standing.consents)
    assert [] == states(await withdraw(world, person))
    with pytest.raises(NotAsked):
        await withdraw(world, await world.person())


async def test_account_and_safety_cannot_be_objected_to(world):
    person = await world.person()
    with pytest.raises(ObjectionNotPossible):
        await world.service.object(TENANT, person, Purpose.SECURITY, myself(person))


async def test_saying_no_where_the_law_is_opt_out_stops_it(world):
    person = await world.person(CALIFORNIAN, "us-ca")
    assert Ground.OPT_OUT is asked(await overview(world, person), MAIL).footing.ground
    assert [EntryState.REFUSED, EntryState.OBJECTED] == states(await withdraw(world, person, MAIL))
    assert not asked(await overview(world, person), MAIL).footing.present.allowed


async def test_nobody_is_asked_again_soon_after_saying_no(world):
    person = await world.person()
    assert asked(await overview(world, person), BOARD).ask
    await withdraw(world, person)
    world.pass_time(seconds=NO_ASKING_AFTER_REFUSAL.total_seconds() - 1)
    assert not asked(await overview(world, person), BOARD).ask
    world.pass_time(seconds=1)
    assert asked(await overview(world, person), BOARD).ask


async def ask(world, person):
    return await world.service.ask(TENANT, person, BOARD, "leaderboard/1/de", myself(person))


async def test_being_asked_is_recorded_apart_from_the_answer_and_once(world):
    person = await world.person()
    assert [EntryState.ASKED] == states(await ask(world, person))
    assert [] == states(await ask(world, person))
    assert asked(await overview(world, person), BOARD).ask
    await give(world, person)
    assert [] == states(await ask(world, person))


async def test_being_asked_does_not_wipe_out_a_refusal(world):
    person = await world.person()
    await withdraw(world, person)
    assert [] == states(await ask(world, person))
    world.pass_time(seconds=NO_ASKING_AFTER_REFUSAL.total_seconds())
    assert [EntryState.ASKED] == states(await ask(world, person))


async def test_where_no_pack_knows_the_place_nothing_is_allowed_and_saying_no_still_counts(world):
    person = await world.person(Resident(birth_date=date(1990, 4, 3), country="XX"))
    with pytest.raises(RefusedByPolicy):
        await give(world, person)
    assert [EntryState.REFUSED] == states(await withdraw(world, person))


async def test_marketing_in_korea_ends_after_two_years_and_is_asked_again(world):
    person = await world.person(KOREAN, "kr")
    await give(world, person, MAIL)
    world.pass_time(days=729)
    assert not asked(await overview(world, person), MAIL).ask
    world.pass_time(days=1)
    view = asked(await overview(world, person), MAIL)
    assert (True, False) == (view.ask, view.footing.present.allowed)
    assert [EntryState.EXPIRED, EntryState.GIVEN] == states(await give(world, person, MAIL))


async def test_a_child_may_not_consent_alone_but_may_say_no(world):
    person = await world.person(GERMAN_CHILD)
    with pytest.raises(RefusedByPolicy) as refused:
        await give(world, person)
    assert refused.value.refusal.ruling.effect is Effect.NEEDS_GUARDIAN
    assert [EntryState.REFUSED] == states(await withdraw(world, person))


async def test_a_guardians_consent_counts_until_the_child_comes_of_age(world):
    person = await world.person(GERMAN_CHILD)
    await give(world, person, actor=guardian())
    assert asked(await overview(world, person), BOARD).footing.present.allowed
    world.now = world.now.replace(year=2030)
    view = asked(await overview(world, person), BOARD)
    assert (True, False) == (view.ask, view.footing.present.allowed)
    assert [EntryState.CAME_OF_AGE, EntryState.GIVEN] == states(await give(world, person))


async def test_in_brazil_a_guardians_consent_counts_until_sixteen_though_own_consent_does_from_twelve(world):
    person = await world.person(BRAZILIAN_CHILD, "br")
    mother = Actor(id="br_mother", method=Method.GUARDIAN)
    await give(world, person, actor=mother)
    assert asked(await overview(world, person), BOARD).footing.present.allowed
    await give(world, person, HEALTH, actor=mother)
    assert asked(await overview(world, person), HEALTH).footing.present.allowed
    assert not world.law.circumstances(await world.ledger.standing(TENANT, person), world.now).of_age
    world.now = world.now.replace(year=2029)
    assert world.law.circumstances(await world.ledger.standing(TENANT, person), world.now).of_age
    assert EntryState.CAME_OF_AGE in states(await give(world, person))


async def test_in_brazil_own_consent_counts_from_twelve_while_the_account_needs_a_guardian(world):
    person = await world.person(BRAZILIAN_CHILD, "br")
    assert [EntryState.GIVEN] == states(await give(world, person))
    assert asked(await overview(world, person), BOARD).footing.present.allowed
    account = asked(await overview(world, person), About(purpose=Purpose.ACCOUNT))
    assert Ground.GUARDIAN is account.footing.ground


async def test_in_france_child_and_guardian_have_to_agree_both(world):
    person = await world.person(FRENCH_CHILD)
    await give(world, person)
    assert not asked(await overview(world, person), BOARD).footing.present.allowed
    await give(world, person, actor=guardian())
    assert asked(await overview(world, person), BOARD).footing.present.allowed
    await withdraw(world, person, actor=guardian())
    assert not asked(await overview(world, person), BOARD).footing.present.allowed


async def test_a_browsers_signal_is_recorded_once_and_only_where_law_heeds_it(world):
    ana, cal = await world.person(), await world.person(CALIFORNIAN, "us-ca")
    expected = {ana: [], cal: [EntryState.SIGNAL]}
    for person, wanted in expected.items():
        gpc = Actor(id=person, method=Method.GPC)
        assert wanted == states(
            await world.service.signal(TENANT, person, Signal.GLOBAL_PRIVACY_CONTROL, gpc)
        )
        assert [] == states(await world.service.signal(TENANT, person, Signal.GLOBAL_PRIVACY_CONTROL, gpc))


async def test_nobody_can_be_made_to_agree_while_processing_is_restricted(world):
    person = await world.person()
    await world.ledger.begin(TENANT, person, ANA)
    await world.restrict(person)
    with pytest.raises(RefusedByPolicy) as refused:
        await give(world, person)
    assert (Reason.RESTRICTED,) == refused.value.refusal.ruling.reasons


async def test_every_purpose_is_shown_in_the_language_asked_for(world):
    person = await world.person()
    view = await overview(world, person, "ru")
    assert set(Purpose) == {one.topic.purpose for one in view}
    assert {"ru"} == {one.notice.language for one in view}


def test_half_a_year_is_meant():
    assert timedelta(days=180) < NO_ASKING_AFTER_REFUSAL < timedelta(days=185)
