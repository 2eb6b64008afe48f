"""Who has to be told of a breach and by when, with a clock that stands still."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from policies.authorities import load_authorities
from policies.breaches import Affected, BreachLaw, Recipient, State, schedule
from policies.deadlines import deadlines_of
from policies.documents import FaultyDocuments
from policies.vocabulary import DataCategory
from region_node.packs import shipped_packs

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
TEXT = (resources.files("policies") / "authorities.toml").read_text("utf-8")
LAW = BreachLaw(packs=shipped_packs(), authorities=load_authorities(TEXT))
FIVE = Affected(
    people={"eu": 1200, "br": 300, "us-ca": 501, "ru": 20, "jp": 40},
    categories=frozenset({DataCategory.EMAIL, DataCategory.HEART_RATE}),
    known_at=NOON,
    establishment="IE",
)


def listed(affected=FIVE, told=None, now=NOON):
    return schedule(affected, LAW, told or {}, now=now)


def of(jurisdiction, recipient, **more):
    return next(
        one for one in listed(**more) if (one.jurisdiction, one.recipient) == (jurisdiction, recipient)
    )


def hours(deadline):
    return deadline.due_at and (deadline.due_at - NOON) / timedelta(hours=1)


def test_one_incident_over_five_jurisdictions_lists_all_deadlines_sorted():
    said = [(one.jurisdiction, one.recipient.value, hours(one)) for one in listed()]
    assert [
        ("eu", "subjects", None),
        ("jp", "subjects", None),
        ("ru", "subjects", None),
        ("ru", "authority", 24),
        ("br", "authority", 72),
        ("br", "subjects", 72),
        ("eu", "authority", 72),
        ("jp", "authority", 72),
        ("ru", "authority-followup", 72),
        ("br", "authority-followup", 480),
        ("jp", "authority-followup", 720),
        ("us-ca", "subjects", 720),
        ("us-ca", "authority", 1080),
    ] == said


def test_every_jurisdiction_with_a_pack_has_an_authority_and_times():
    everybody = replace(FIVE, people=dict.fromkeys(LAW.packs.by_jurisdiction, 1_000_000))
    told = {(one.jurisdiction, one.recipient) for one in listed(everybody)}
    for recipient in (Recipient.AUTHORITY, Recipient.SUBJECTS):
        assert set(LAW.packs.by_jurisdiction) == {code for code, whom in told if whom is recipient}
    assert LAW.authorities.keys() == LAW.packs.by_jurisdiction.keys()


def test_the_authority_of_the_main_establishment_is_named():
    assert "Data Protection Commission" == of("eu", Recipient.AUTHORITY).name
    elsewhere = replace(FIVE, establishment="FR")
    assert "CNIL" in of("eu", Recipient.AUTHORITY, affected=elsewhere).name
    nowhere = replace(FIVE, establishment="")
    assert "supervisory authority of the member state" == of("eu", Recipient.AUTHORITY, affected=nowhere).name


def test_an_authority_has_the_name_that_the_pack_gives_it():
    assert deadlines_of(LAW.packs.by_jurisdiction["br"]).authority == of("br", Recipient.AUTHORITY).name


@pytest.mark.parametrize(
    ("jurisdiction", "people", "category", "expected"),
    [
        pytest.param("us-ca", 500, DataCategory.HEART_RATE, State.NOT_REQUIRED, id="california-500"),
        pytest.param("us-ca", 501, DataCategory.EMAIL, State.OPEN, id="california-501"),
        pytest.param("sg", 499, DataCategory.EMAIL, State.NOT_REQUIRED, id="singapore-499"),
        pytest.param("sg", 500, DataCategory.EMAIL, State.OPEN, id="singapore-500"),
        pytest.param("sg", 1, DataCategory.HEALTH, State.OPEN, id="singapore-health"),
        pytest.param("jp", 1000, DataCategory.EMAIL, State.NOT_REQUIRED, id="japan-1000"),
        pytest.param("jp", 1001, DataCategory.EMAIL, State.OPEN, id="japan-1001"),
        pytest.param("kr", 999, DataCategory.EMAIL, State.NOT_REQUIRED, id="korea-999"),
        pytest.param("kr", 1000, DataCategory.EMAIL, State.OPEN, id="korea-1000"),
        pytest.param("eu", 1, DataCategory.EMAIL, State.OPEN, id="union-one"),
    ],
)
def test_numbers_of_people_decide_where_the_law_says_so(jurisdiction, people, category, expected):
    affected = replace(FIVE, people={jurisdiction: people}, categories=frozenset({category}))
    assert expected is of(jurisdiction, Recipient.AUTHORITY, affected=affected).state


def test_people_are_told_where_the_authority_need_not_be():
    affected = replace(FIVE, people={"us-ca": 1})
    told = [of("us-ca", whom, affected=affected).state for whom in (Recipient.AUTHORITY, Recipient.SUBJECTS)]
    assert [State.NOT_REQUIRED, State.OPEN] == told


def test_in_california_the_attorney_generals_time_runs_from_the_notice_to_people():
    told = {("us-ca", Recipient.SUBJECTS): NOON + timedelta(hours=48)}
    now = NOON + timedelta(hours=50)
    assert 48 + 360 == hours(of("us-ca", Recipient.AUTHORITY, told=told, now=now))


def test_what_is_told_in_time_told_late_and_not_told_differ():
    told = {
        ("eu", Recipient.AUTHORITY): NOON + timedelta(hours=72),
        ("br", Recipient.AUTHORITY): NOON + timedelta(hours=72, seconds=1),
    }
    now = NOON + timedelta(hours=73)
    assert State.OPEN is of("eu", Recipient.AUTHORITY, told=told, now=NOON).state
    assert [State.TOLD, State.TOLD_LATE, State.LATE, State.OPEN] == [
        of(*whom, told=told, now=now).state
        for whom in (
            ("eu", Recipient.AUTHORITY),
            ("br", Recipient.AUTHORITY),
            ("ru", Recipient.AUTHORITY),
            ("us-ca", Recipient.SUBJECTS),
        )
    ]
    done = [one.state in {State.TOLD, State.TOLD_LATE} for one in listed(told=told, now=now)]
    assert sorted(done) == done


def test_places_without_people_have_no_deadlines():
    assert () == listed(replace(FIVE, people={"eu": 0}))


def test_people_of_an_unknown_place_are_an_error_and_not_left_out():
    with pytest.raises(LookupError):
        listed(replace(FIVE, people={"xx": 1}))


def test_every_mistake_of_the_file_is_named():
    broken = '[authorities.eu]\nref = "y"\ncertainty = "sure"\nbasis = "recall"\nphone = "1"\n'
    with pytest.raises(FaultyDocuments) as raised:
        load_authorities(broken)
    assert {"authorities.eu.certainty", "authorities.eu.phone"} == {
        fault.path for fault in raised.value.faults
    }
