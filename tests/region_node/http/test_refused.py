"""What a refusal tells its reader: all of it to the owner of the data, nothing about the owner to others."""

from dataclasses import replace

import pytest

from policies.ruling import Effect, Reason
from policies.vocabulary import DataCategory, Purpose
from region_node.http.refused import NotVisible, problem_of_refusal
from region_node.packs import shipped_engine
from region_node.storage.ruled import Refusal
from tests.policies.test_deciding_rules import CLUB

FRENCH = replace(CLUB, jurisdiction="eu", overlay="FR", consents=frozenset())
ABROAD = replace(CLUB, jurisdiction="eu", overlay="FR", destination_country="IN")
TELLING = [
    pytest.param(FRENCH, id="no-consent"),
    pytest.param(replace(FRENCH, age_years=12), id="a-child"),
    pytest.param(
        replace(FRENCH, jurisdiction="au", overlay="", age_years=15, guardian_consent=True), id="young"
    ),
    pytest.param(replace(FRENCH, category=DataCategory.HEALTH), id="health"),
    pytest.param(replace(CLUB, objections=frozenset({Purpose.CLUB})), id="objected"),
    pytest.param(replace(CLUB, restricted=True), id="restricted"),
    pytest.param(replace(ABROAD, restricted=True), id="restricted-and-abroad"),
]


def told(facts, *, to_owner):
    ruling = shipped_engine().decide(facts)
    refusal = Refusal(purpose=facts.purpose, category=facts.category, ruling=ruling, to_owner=to_owner)
    problem = problem_of_refusal(refusal)
    return problem, problem.members(str)


@pytest.mark.parametrize("facts", TELLING)
def test_nobody_else_learns_what_a_refusal_has_to_do_with_the_person(facts):
    problem, members = told(facts, to_owner=False)
    assert isinstance(problem, NotVisible)
    assert ["not-visible"] == [one["reason"] for one in members["reasons"]]
    assert (Effect.DENY, "", (), ()) == tuple(
        members[name] for name in ("effect", "overlay", "rules", "articles")
    )
    others = [told(one.values[0], to_owner=False)[1] for one in TELLING]
    same = ("effect", "overlay", "reasons", "rules", "articles", "certainty", "recalled")
    assert all(members[name] == other[name] for other in others for name in same)


@pytest.mark.parametrize("facts", TELLING)
def test_the_owner_learns_all_of_it(facts):
    _, members = told(facts, to_owner=True)
    ruling = shipped_engine().decide(facts)
    assert list(ruling.reasons) == [one["reason"] for one in members["reasons"]]
    assert (ruling.articles, ruling.rules, ruling.effect) == tuple(
        members[name] for name in ("articles", "rules", "effect")
    )


def test_a_refusal_tells_its_owner_how_certain_it_is():
    swiss = replace(FRENCH, jurisdiction="ch", overlay="", age_years=15)
    _, members = told(swiss, to_owner=True)
    assert ("medium", True) == (members["certainty"], members["recalled"])


def test_what_says_nothing_of_the_person_is_told_to_everybody():
    _, members = told(ABROAD, to_owner=False)
    assert [Reason.NO_TRANSFER_GROUND] == [one["reason"] for one in members["reasons"]]
    assert ("GDPR Arts. 44-46", "GDPR Arts. 44-49") == members["articles"]
    assert not members["overlay"]
