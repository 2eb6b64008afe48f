"""Incidents keep what was said of them, on each engine; nothing of it can be rewritten."""

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from policies.breaches import Recipient
from policies.vocabulary import DataCategory
from region_node.control.audit import AuditLog
from region_node.control.database import ControlUnavailable
from region_node.control.incidents import (
    Incident,
    IncidentNotFound,
    IncidentStore,
    NotAssessed,
    Notice,
    Opened,
    act,
)
from region_node.control.models import IncidentRow, IncidentStepRow

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
STOLEN = Opened(
    id="01inc",
    what="a disk with backups was stolen",
    drill=True,
    discovered_at=NOON - timedelta(hours=5),
    opened_at=NOON,
    opened_by="op",
    stores=("snapshots",),
    tenants=("default",),
    categories=frozenset({DataCategory.EMAIL, DataCategory.HEART_RATE}),
)
ANPD = Notice(jurisdiction="br", recipient=Recipient.AUTHORITY, sent_at=NOON, reference="SEI-7")


@pytest.fixture
async def store(database):
    opened = IncidentStore(database)
    await opened.open(STOLEN)
    return opened


async def test_an_incident_comes_back_as_it_was_opened(store):
    assert Incident(opened=STOLEN) == await store.get("01inc")
    assert (STOLEN,) == await store.all()


async def test_the_last_assessment_and_the_first_notice_count(store):
    await store.assess("01inc", {"br": 3}, "", act("op", "incident.assess", "01inc", NOON))
    await store.assess("01inc", {"br": 5, "eu": 1}, "IE", act("op", "incident.assess", "01inc", NOON))
    for sent_at in (NOON, NOON + timedelta(hours=1)):
        notice = Notice(jurisdiction="br", recipient=Recipient.AUTHORITY, sent_at=sent_at, reference="")
        await store.notified("01inc", notice, act("op", "incident.notify", "01inc", sent_at))
    found = await store.get("01inc")
    assert ({"br": 5, "eu": 1}, "IE") == (found.people, found.establishment)
    assert {("br", Recipient.AUTHORITY): NOON} == found.told
    assert STOLEN.discovered_at == found.affected().known_at


async def test_before_an_assessment_nobody_is_affected_yet(store):
    with pytest.raises(NotAssessed):
        (await store.get("01inc")).affected()


async def test_steps_of_an_unknown_incident_leave_nothing(store, database):
    before = await AuditLog(database).entries()
    with pytest.raises(IncidentNotFound):
        await store.notified("other", ANPD, act("op", "incident.notify", "other", NOON))
    assert before == await AuditLog(database).entries()
    with pytest.raises(IncidentNotFound):
        await store.get("other")


async def test_every_step_is_in_the_operators_audit(store, database):
    await store.notified("01inc", ANPD, act("op", "incident.notify", "01inc", NOON))
    entries = await AuditLog(database).entries()
    assert {("incident.open", "01inc"), ("incident.notify", "01inc")} == {
        (entry.action, entry.target) for entry in entries
    }


async def test_nothing_can_be_rewritten(store, database):
    await store.notified("01inc", ANPD, act("op", "incident.notify", "01inc", NOON))
    for change in (renamed, emptied):
        with pytest.raises((ControlUnavailable, IntegrityError)):
            await database.run(change())


async def renamed():
    await IncidentRow.all().update(what="nothing")


async def emptied():
    await IncidentStepRow.all().delete()
