"""Ids of requests say which law they go by, and have not the shape of a person's id."""

import pytest

from cli.auditing.patterns import Patterns
from region_node.features.rights.links import new_link, parse_link
from region_node.features.rights.request_ids import is_request_id, jurisdiction_of_request, new_request_id
from region_node.ids import new_person_id
from region_node.packs import shipped_packs

ULID = "01m7zm9v6mvnkn4v06bj1kesdd"
JURISDICTIONS = sorted(shipped_packs().by_jurisdiction)


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_the_auditor_takes_no_request_for_a_person(jurisdiction):
    request, person = new_request_id(jurisdiction), new_person_id(jurisdiction)
    raw = f"{person} {new_link(request).token} {request}{person}".encode()
    assert [person.encode()] * 2 == [seen.text for seen in Patterns(JURISDICTIONS).ids(raw)]


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_a_request_and_its_link_lead_to_the_store_they_lie_in(jurisdiction):
    request = new_request_id(jurisdiction)
    assert jurisdiction == jurisdiction_of_request(request)
    assert jurisdiction == parse_link(new_link(request).token).jurisdiction


@pytest.mark.parametrize("text", ["", "rq-eu-", f"eu_{ULID}", f"rq-eu-{ULID}0", f"RQ-EU-{ULID}"])
def test_what_is_no_request_is_not_taken_for_one(text):
    assert not is_request_id(text)
    assert parse_link(f"{text}.secret") is None
    with pytest.raises(ValueError, match="not a request"):
        jurisdiction_of_request(text)
