import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.catalogue import CATALOGUE, WORKOUT_UPDATED
from federation.peers import (
    Level,
    MilderLevel,
    PeerRules,
    PeerSettings,
    UnknownType,
    require_not_milder,
    require_types,
    stricter,
)
from policies.vocabulary import Region
from tests.support.federation import BR, EU, US

RETRACTIONS = [event for event in CATALOGUE.values() if event.retracts is not None]


def rules(level=Level.OPEN, **changes):
    return PeerRules(
        here=EU, regions=frozenset({EU, US}), settings={US: PeerSettings(level=level)}, **changes
    )


@pytest.mark.parametrize(
    ("level", "sent", "heard"),
    [
        (Level.OPEN, True, True),
        (Level.LIMITED, False, True),
        (Level.RECEIVE_ONLY, False, True),
        (Level.BLOCKED, False, False),
    ],
)
def test_a_level_says_what_is_sent_and_what_is_heard(level, sent, heard):
    assert (sent, heard) == (
        rules(level).takes(US, WORKOUT_UPDATED),
        rules(level).hears(US, WORKOUT_UPDATED),
    )


@pytest.mark.parametrize("event", RETRACTIONS, ids=lambda event: event.name)
@pytest.mark.parametrize("level", Level)
def test_what_takes_back_passes_at_every_level_and_through_every_pause(level, event):
    paused = rules(level, all_paused=True, paused_types=frozenset({event.name}))
    assert paused.takes(US, event)
    assert paused.hears(US, event)
    assert not paused.held(US, event)


def test_a_region_that_nobody_named_is_blocked():
    assert not rules().takes(BR, WORKOUT_UPDATED)
    assert not rules().hears(BR, WORKOUT_UPDATED)


@pytest.mark.parametrize(
    "paused",
    [
        {"settings": {US: PeerSettings(paused=True)}},
        {"paused_types": frozenset({WORKOUT_UPDATED.name})},
        {"all_paused": True},
    ],
)
def test_a_peer_a_type_or_all_can_be_paused(paused):
    assert PeerRules(here=EU, regions=frozenset({US}), **paused).held(US, WORKOUT_UPDATED)


@given(level=st.sampled_from(Level), present=st.sampled_from(Level), named=st.sampled_from([None, *Level]))
def test_a_milder_level_takes_the_word_of_whoever_means_it(level, present, named):
    if level.is_milder_than(present) and named is not present:
        with pytest.raises(MilderLevel):
            require_not_milder(US, level, present, named)
    else:
        require_not_milder(US, level, present, named)


@given(st.dictionaries(st.sampled_from([EU, US, BR]), st.sampled_from(Level)), st.sampled_from(Level))
def test_a_list_that_is_imported_trusts_nobody_more(wanted, level):
    present = rules(level)
    changes, kept = stricter(present, wanted)
    assert all(present.of(region).level.is_milder_than(new) for region, new in changes.items())
    assert all(wanted[region].is_milder_than(present.of(region).level) for region in kept)
    same = {region for region in wanted if wanted[region] is present.of(region).level}
    assert wanted.keys() == changes.keys() | set(kept) | same


def test_a_type_that_is_none_cannot_be_paused():
    require_types(["workout.updated"])
    with pytest.raises(UnknownType, match="planted"):
        require_types(["planted", "workout.updated"])


def test_a_refusal_says_which_level_it_would_take_the_place_of():
    with pytest.raises(MilderLevel, match=r"blocked.*us-west"):
        require_not_milder(Region("us-west"), Level.OPEN, Level.BLOCKED, None)
