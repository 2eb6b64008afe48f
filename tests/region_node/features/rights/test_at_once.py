"""Two of the staff, two requests, two workers at once: one wins, and what was done is not undone."""

import asyncio
from datetime import timedelta

import pytest

from policies.vocabulary import Purpose
from region_node.features.rights.erasure.model import Step
from region_node.features.rights.export.archive import Made
from region_node.features.rights.export.making import Archives
from region_node.features.rights.model import OWN, Extension, Kind, State
from region_node.features.rights.officers import Officer
from region_node.features.rights.problems import RequestUnderWay
from region_node.features.rights.service import Asked
from region_node.features.rights.store import Overtaken, RightsStore
from region_node.schema import MIGRATIONS
from region_node.workers.rights import RightsWorker
from tests.support.erasure import NOW, begun, eraser_on, to_the_end
from tests.support.rights_world import service_of
from tests.support.storage import known_person, open_stores

MANY = 25
"""More than fit a page of what officers see first."""


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield opened
    await opened.engine.close()


@pytest.fixture
def rights(stores):
    return RightsStore(stores.of("t1", "eu", Purpose.ACCOUNT, rights=True))


@pytest.fixture
async def officer(stores):
    return Officer(service=service_of(stores), tenant="t1", operator_id="anna", clock=lambda: NOW)


def asked(person, kind):
    return Asked(person_id=person, kind=kind, asked_by=person, channel=OWN)


async def test_of_many_requests_of_a_kind_at_once_one_is_opened(stores, rights, officer):
    person = await known_person(stores)
    wanted = [officer.open(asked(person, Kind.RECTIFICATION)) for _ in range(6)]
    answers = await asyncio.gather(*wanted, return_exceptions=True)
    (opened,) = [one for one in answers if not isinstance(one, RequestUnderWay)]
    assert [opened] == (await rights.of_person(person, (), 100))[0]


async def test_a_request_under_way_is_found_behind_any_number_of_others(stores, officer):
    person = await known_person(stores)
    await officer.open(asked(person, Kind.RECTIFICATION))
    for _ in range(MANY):
        other = await officer.open(asked(person, Kind.OBJECTION))
        await officer.refuse(other.request_id, "not here")
    with pytest.raises(RequestUnderWay):
        await officer.open(asked(person, Kind.RECTIFICATION))


async def test_an_ended_request_is_in_nobodys_way(stores, officer):
    person = await known_person(stores)
    first = await officer.open(asked(person, Kind.RECTIFICATION))
    await officer.refuse(first.request_id, "not here")
    assert State.OPEN is (await officer.open(asked(person, Kind.RECTIFICATION))).state


async def test_a_step_that_was_done_is_not_taken_back_by_a_worker_that_was_slower(stores, rights, tmp_path):
    eraser, erasure = eraser_on(stores, tmp_path), await begun(rights, await known_person(stores))
    closed = await eraser.carry_on(rights, erasure)
    further = await eraser.carry_on(rights, closed)
    with pytest.raises(Overtaken):
        await eraser.carry_on(rights, closed)
    with pytest.raises(Overtaken):
        await eraser.carry_on(rights, erasure)
    assert further == await rights.erasure(erasure.request_id)


async def test_an_erasure_that_has_ended_does_not_come_back(stores, rights, tmp_path):
    eraser, erasure = eraser_on(stores, tmp_path), await begun(rights, await known_person(stores))
    await to_the_end(stores, eraser, rights, erasure)
    with pytest.raises(Overtaken):
        await rights.advance(Step.APPROVED, erasure.done(Step.ACCOUNT_CLOSED, NOW))
    assert await rights.erasure(erasure.request_id) is None


class Counting:
    """An eraser that notes who is inside it, and waits there for the others."""

    def __init__(self, eraser):
        self.eraser, self.inside, self.most = eraser, 0, 0

    async def carry_on(self, rights, erasure):
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(0)
            return await self.eraser.carry_on(rights, erasure)
        finally:
            self.inside -= 1


async def test_of_two_workers_one_carries_an_erasure_through(stores, rights, tmp_path):
    erasure = await begun(rights, await known_person(stores))
    eraser, faults = Counting(eraser_on(stores, tmp_path)), []
    workers = [
        RightsWorker(
            stores=lambda: [rights], eraser=eraser, archives=None, log=lambda *said: faults.append(said)
        )
        for _ in range(2)
    ]
    await asyncio.gather(*(worker.look() for worker in workers))
    assert ([], 1) == (faults, eraser.most)
    assert Step.ROWS_DELETED is (await rights.erasure(erasure.request_id)).step


async def test_an_extension_while_an_archive_is_made_stands_when_it_is_there(stores, rights, officer):
    person = await known_person(stores)
    request = await officer.service.ask_own("t1", asked(person, Kind.ACCESS))
    extension = Extension(due_before=request.due_at, reason="many records", by="anna", at=NOW)
    later = request.due_at + timedelta(days=60)

    class Slow:
        async def make(self, *_):
            async with rights.changing(request.request_id) as present:
                await rights.put(present.changed(extension=extension, due_at=later), before=present)
            return Made(object_name="eu/aa/name", size_bytes=1, manifest_sha256="f" * 64)

    class Making(Archives):
        async def _archivist(self, *_):
            return Slow()

    class Named:
        def new_name(self, _):
            return "eu/aa/name"

    archives = Making(
        places=None, keys=None, objects=Named(), gpx=None, kept=timedelta(days=7), clock=lambda: NOW
    )
    await archives.make(rights, request.request_id)
    made = await rights.get(request.request_id)
    assert (State.COMPLETE, extension, later) == (made.state, made.extension, made.due_at)
    assert [] == await rights.archives_to_make()
