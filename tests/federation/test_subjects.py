"""A subject can be written only of good parts, and is read as it was written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.catalogue import CATALOGUE
from federation.subjects import FederatedSubject, SubjectBroken, of_person, parse_subject
from federation.topology import Lane
from tests.support.federation import EU, US

WHOLE = FederatedSubject(
    origin=EU, destination=US, lane=Lane.BULK, tenant="default", type="workout.created", person="eu_1"
)
TOKEN = st.from_regex(r"[A-Za-z0-9_-]{1,80}", fullmatch=True)


def test_dots_of_a_type_become_dashes():
    assert "fed.eu-central.us-west.bulk.default.workout-created.eu_1" == str(WHOLE)


@given(tenant=TOKEN, person=TOKEN, lane=st.sampled_from(Lane), type_=st.sampled_from(sorted(CATALOGUE)))
def test_what_is_written_is_read(tenant, person, lane, type_):
    subject = replace(WHOLE, tenant=tenant, person=person, lane=lane, type=type_)
    assert subject == parse_subject(str(subject))


@pytest.mark.parametrize(
    "changes",
    [
        {"person": "eu_1.more"},
        {"person": "*"},
        {"person": ">"},
        {"person": ""},
        {"tenant": "two words"},
        {"tenant": "line\nbreak"},
        {"type": "workout-created"},
        {"type": "workout..created"},
        {"origin": "EU"},
        {"destination": "*"},
    ],
    ids=str,
)
def test_parts_that_would_mean_something_else_are_refused(changes):
    with pytest.raises(SubjectBroken) as caught:
        replace(WHOLE, **changes)
    assert str(next(iter(changes.values()))) not in str(caught.value) or "" in changes.values()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "work.import.eu",
        "fed.eu-central.us-west.bulk.default.workout-created",
        "fed.eu-central.us-west.bulk.default.workout-created.eu_1.more",
        "fed.eu-central.us-west.slow.default.workout-created.eu_1",
        "fed.eu-central.us-west.bulk.default.workout--created.eu_1",
        "fed.eu-central.*.bulk.default.workout-created.eu_1",
    ],
)
def test_anything_else_is_no_subject(text):
    with pytest.raises(SubjectBroken):
        parse_subject(text)


def test_a_person_is_found_in_whatever_type():
    expected = "fed.eu-central.us-west.bulk.default.*.eu_1"
    assert expected == of_person(EU, US, Lane.BULK, "default", "eu_1")
