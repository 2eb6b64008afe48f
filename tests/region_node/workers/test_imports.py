"""The import worker on a whole node: which tries count against a file, and what becomes of stray pointers."""

import asyncio

import pytest

from policies.vocabulary import Purpose
from region_node.features.workouts.uploads.store import UploadStore
from region_node.ids import jurisdiction_of
from region_node.objects.errors import ObjectsUnavailable
from region_node.storage.errors import StorageUnavailable
from region_node.storage.outbox import Outbox
from tests.support.node import running_node, signed_in
from tests.support.workout_files import run_fit

MOST_LOOKS = 400


@pytest.fixture
async def node(tmp_path):
    async with running_node(tmp_path, imports={"max_attempts": 1}) as running:
        yield running


def failing(times, fault, work):
    """*work*, after it failed *times* times with *fault*."""
    left = [fault] * times

    async def call(*arguments):
        if left:
            raise left.pop()
        return await work(*arguments)

    return call


@pytest.mark.parametrize("fault", [ObjectsUnavailable("away"), StorageUnavailable("away")], ids=repr)
async def test_an_outage_is_no_attempt(node, monkeypatch, fault):
    objects = node.container.parts.objects
    monkeypatch.setattr(objects, "read", failing(2, fault, objects.read))
    async with signed_in(node) as athlete:
        assert "done" == (await athlete.upload(run_fit()))["state"]


async def test_a_file_that_fails_by_itself_ends_after_its_attempts(node, monkeypatch):
    objects = node.container.parts.objects
    monkeypatch.setattr(objects, "read", failing(2, ValueError("cannot be read"), objects.read))
    async with signed_in(node) as athlete:
        ended = await athlete.upload(run_fit())
        assert ("failed", "failed") == (ended["state"], ended["code"])
        again = await athlete.http.post(f"/v1/uploads/{ended['upload_id']}/retry")
        assert 202 == again.status_code


async def test_a_second_pointer_to_work_that_is_done_is_closed(node):
    container = node.container
    async with signed_in(node) as athlete:
        ended = await athlete.upload(run_fit())
        store = container.stores.of("default", jurisdiction_of(athlete.person_id), Purpose.ANALYSIS)
        upload = await UploadStore(store).get(athlete.person_id, ended["upload_id"])
        pointer = await UploadStore(store).point_again(upload)
        await container.workouts.hurry(pointer)
        outbox = Outbox(store)
        for _ in range(MOST_LOOKS):
            still_open = [found async for found in outbox.open_pointers([pointer.bucket])]
            if not still_open:
                break
            await asyncio.sleep(0.05)
        assert [] == still_open
