"""Nobody joins whose pseudonym and score one participating region may not see."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.ruling import Effect, Ruling
from policies.vocabulary import Certainty, DataCategory
from region_node.features.challenges.joining import SHARED, Obstacle, obstacles

REGIONS = ("eu-central", "sa-east", "us-west")
ALLOWED = Ruling(
    effect=Effect.ALLOW,
    jurisdiction="de",
    overlay="",
    reasons=(),
    rules=(),
    articles=(),
    obligations=(),
    fields=(),
    certainty=Certainty.HIGH,
    recalled=False,
    pack_version="1",
)
EVERYWHERE = {(region, category): ALLOWED for region in REGIONS for category in SHARED}


def test_somebody_whom_every_region_may_see_joins():
    assert [] == obstacles(REGIONS, EVERYWHERE)


@pytest.mark.parametrize("effect", [effect for effect in Effect if effect is not Effect.ALLOW])
@pytest.mark.parametrize("category", SHARED)
def test_one_region_that_may_not_see_one_of_both_is_enough_to_refuse(effect, category):
    refused = replace(ALLOWED, effect=effect)
    rulings = {**EVERYWHERE, ("sa-east", category): refused}
    assert [Obstacle("sa-east", category, refused)] == obstacles(REGIONS, rulings)


def test_what_nobody_ruled_on_is_refused():
    rulings = {key: ruling for key, ruling in EVERYWHERE.items() if key[0] != "us-west"}
    expected = [Obstacle("us-west", category, None) for category in SHARED]
    assert expected == obstacles(REGIONS, rulings)


def test_regions_that_do_not_take_part_do_not_matter():
    refused = {("ru-west", DataCategory.SCORE): replace(ALLOWED, effect=Effect.DENY)}
    assert [] == obstacles(REGIONS, EVERYWHERE | refused)


def test_a_challenge_without_regions_is_none():
    with pytest.raises(ValueError, match="at least one"):
        obstacles((), EVERYWHERE)


@settings(derandomize=True, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(REGIONS), st.sampled_from(DataCategory)), st.sampled_from(Effect)
    )
)
def test_joining_is_allowed_only_with_an_allow_for_each_pair(effects):
    rulings = {key: replace(ALLOWED, effect=effect) for key, effect in effects.items()}
    every = all(effects.get((region, category)) is Effect.ALLOW for region in REGIONS for category in SHARED)
    assert every is (obstacles(REGIONS, rulings) == [])
