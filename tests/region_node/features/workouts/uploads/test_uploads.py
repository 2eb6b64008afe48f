"""Files on their way in, over HTTP, on a whole node: once is once, whatever happens on the way."""

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
import websockets

from federation.errors import BusUnavailable
from federation.ports import Backlog
from federation.topology import CONSUMERS
from region_node.features.workouts.uploads.model import UploadState, short_name
from region_node.ids import jurisdiction_of, name_of
from region_node.storage.engine import KEYS, Slice
from region_node.storage.person_keys import DATA_KEYS
from region_node.storage.schema import JURISDICTION
from tests.support.dying import die
from tests.support.node import running_node, signed_in
from tests.support.workout_files import run_fit, run_gpx, tcx, tcx_activity, zipped

BAD = b"no workout at all"
TWO = tcx(tcx_activity() + tcx_activity(90, "Biking"))


@pytest.fixture
async def ana(node):
    async with signed_in(node) as athlete:
        yield athlete


def store_of(node, athlete):
    return node.container.workouts.uploads("default", athlete.person_id.partition("_")[0])


async def job_again(node, athlete, upload_id, attempt):
    """Put the work of an upload into the queue once more, as a sweep or a broker would."""
    uploads = store_of(node, athlete)
    upload = await uploads.get(athlete.person_id, upload_id)
    await node.container.workouts.hurry(await uploads.point_again(upload), attempt)


async def quiet(node):
    """Wait until no work is waiting or in hand."""
    async with asyncio.timeout(30):
        for consumer in CONSUMERS:
            backlog = None
            while backlog != Backlog(waiting=0, in_hand=0):
                backlog = await node.container.parts.bus.backlog(consumer)


async def test_work_that_is_delivered_several_times_has_effect_once(node, ana):
    upload = await ana.upload(run_fit(), "run.fit")
    for attempt in "abc":
        await job_again(node, ana, upload["upload_id"], attempt)
    await quiet(node)
    assert 1 == len(await ana.all("/v1/workouts"))
    assert upload["version"] == (await ana.ended(upload["upload_id"]))["version"]
    assert [] == [p async for p in node.container.outboxes.open_work()]


async def test_the_same_file_at_once_is_one_workout(ana):
    uploads = await asyncio.gather(*(ana.upload(run_fit(), f"{n}.fit") for n in range(6)))
    items = [item for upload in uploads for item in upload["items"]]
    assert {"done"} == {upload["state"] for upload in uploads}
    assert [False] + [True] * 5 == sorted(item["known"] for item in items)
    assert 1 == len({item["workout_id"] for item in items}) == len(await ana.all("/v1/workouts"))


async def test_the_same_file_later_in_a_zip_is_known(ana):
    first = await ana.upload(run_fit(), "run.fit")
    again = await ana.upload(zipped({"other name.fit": run_fit()}), "all.zip")
    assert [True] == [item["known"] for item in again["items"]]
    assert first["items"][0]["workout_id"] == again["items"][0]["workout_id"]


async def test_the_same_file_of_another_person_is_their_own_workout(node, ana):
    await ana.upload(run_fit())
    async with signed_in(node, email="bo@example.org") as bo:
        assert [False] == [item["known"] for item in (await bo.upload(run_fit()))["items"]]


async def test_a_key_stands_for_one_upload_however_often_it_is_sent(ana):
    answers = await asyncio.gather(*(ana.send(run_fit(), key="k1") for _ in range(4)))
    assert [202] * 4 == [answer.status_code for answer in answers]
    (upload_id,) = {answer.json()["upload_id"] for answer in answers}
    await ana.ended(upload_id)
    assert upload_id == (await ana.send(run_fit(), key="k1")).json()["upload_id"]
    assert [upload_id] == [upload["upload_id"] for upload in await ana.all("/v1/uploads")]


async def test_a_key_with_other_content_is_refused_and_leaves_nothing(node, ana):
    await ana.upload(run_fit(), key="k1")
    refused = await ana.send(run_gpx(), key="k1")
    assert (409, "idempotency_key_reused") == (refused.status_code, refused.json()["code"])
    assert 1 == len(await ana.all("/v1/uploads")) == len(objects(node))
    async with signed_in(node, email="bo@example.org") as bo:
        assert 202 == (await bo.send(run_gpx(), key="k1")).status_code


def objects(node):
    folder = node.settings.node.data_directory / "objects"
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_request_that_died_before_the_queue_had_it_is_finished_by_its_repetition(
    node, ana, monkeypatch
):
    async def away(*_):
        raise BusUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(node.container.parts.bus, "publish", away)
        failed = await ana.send(run_fit(), key="k1")
    assert (503, True) == (failed.status_code, "retry-after" in failed.headers)
    upload = await ana.upload(run_fit(), key="k1")
    assert "done" == upload["state"]
    assert [upload["upload_id"]] == [one["upload_id"] for one in await ana.all("/v1/uploads")]


async def test_a_key_whose_upload_is_no_more_passes_on(node, ana):
    first = await ana.upload(run_fit(), key="k1")
    uploads = store_of(node, ana)
    gone = await uploads.get(ana.person_id, first["upload_id"])
    await uploads.withdraw(gone, await uploads.point_again(gone))
    again = await ana.upload(run_fit(), key="k1")
    assert first["upload_id"] != again["upload_id"]


async def test_content_that_a_dead_upload_claimed_is_imported_by_the_next(node, ana):
    """The first upload claimed the content, died before its workout was written, and ended as failed."""
    first = await ana.upload(run_fit())
    workouts = node.container.workouts.workouts("default", "eu")
    stored = await workouts.get(ana.person_id, first["items"][0]["workout_id"])
    await workouts.delete(stored)
    again = await ana.upload(run_fit())
    assert [False] == [item["known"] for item in again["items"]]
    assert 1 == len(await ana.all("/v1/workouts"))


async def test_a_refused_file_says_why_is_kept_and_can_be_tried_again(ana):
    refused = await ana.upload(BAD, "notes.txt")
    assert ("refused", "unknown_format") == (refused["state"], refused["code"])
    assert refused["items"][0]["title"]
    path = f"/v1/uploads/{refused['upload_id']}"
    assert BAD == (await ana.http.get(f"{path}/original")).content
    assert 202 == (await ana.http.post(f"{path}/retry")).status_code
    again = await ana.ended(refused["upload_id"])
    assert "refused" == again["state"]
    assert again["version"] > refused["version"]


async def test_what_is_done_cannot_be_tried_again(ana):
    upload = await ana.upload(run_fit())
    answer = await ana.http.post(f"/v1/uploads/{upload['upload_id']}/retry")
    assert (409, "nothing_to_retry") == (answer.status_code, answer.json()["code"])


async def test_a_zip_gives_the_workouts_of_its_members_in_their_order(ana):
    members = {"a/run.fit": run_fit(), "two.tcx": TWO, "readme.txt": BAD, "run.gpx": run_gpx(70)}
    upload = await ana.upload(zipped(members), "all.zip")
    assert "done" == upload["state"]
    found = [(item["file"], item["part"], item["code"]) for item in upload["items"]]
    assert [
        ("all.zip!a/run.fit", 1, None),
        ("all.zip!two.tcx", 1, None),
        ("all.zip!two.tcx", 2, None),
        ("all.zip!readme.txt", 1, "unknown_format"),
        ("all.zip!run.gpx", 1, None),
    ] == found
    assert 4 == len(await ana.all("/v1/workouts", limit=3))


async def test_names_however_long_or_strange_are_no_obstacle(ana):
    name = "\u00e4\u0001" * 95 + ".zip"
    upload = await ana.upload(zipped({f"{'x' * 60_000}{n}.fit": run_fit(60 + n) for n in range(30)}), name)
    assert ("done", 30) == (upload["state"], len(upload["items"]))
    assert all(len(item["file"].encode()) <= 511 for item in upload["items"])
    assert short_name(name, 255) == upload["file_name"]


async def test_the_original_comes_back_byte_for_byte(ana):
    data = os.urandom(700_001)
    refused = await ana.upload(data, "noise.bin")
    assert data == (await ana.http.get(f"/v1/uploads/{refused['upload_id']}/original")).content


async def delete(athlete, workout_id):
    etag = (await athlete.http.get(f"/v1/workouts/{workout_id}")).headers["etag"]
    answer = await athlete.http.delete(f"/v1/workouts/{workout_id}", headers={"if-match": etag})
    assert 204 == answer.status_code


async def test_the_original_goes_with_its_last_workout_and_can_come_anew(node, ana):
    upload = await ana.upload(TWO, "two.tcx")
    original = f"/v1/uploads/{upload['upload_id']}/original"
    first, second = (item["workout_id"] for item in upload["items"])
    await delete(ana, first)
    assert TWO == (await ana.http.get(original)).content
    await delete(ana, second)
    assert (404, []) == ((await ana.http.get(original)).status_code, objects(node))
    again = await ana.upload(TWO, "two.tcx")
    assert [False, False] == [item["known"] for item in again["items"]]
    assert {first, second}.isdisjoint(item["workout_id"] for item in again["items"])


async def test_the_original_stays_while_its_import_is_under_way(node, ana):
    upload = await ana.upload(run_fit(), "run.fit")
    (item,) = upload["items"]
    uploads = store_of(node, ana)
    stored = await uploads.get(ana.person_id, upload["upload_id"])
    await uploads.put(msgspec.structs.replace(stored, state=UploadState.READING))
    await delete(ana, item["workout_id"])
    assert run_fit() == (await ana.http.get(f"/v1/uploads/{upload['upload_id']}/original")).content


async def test_a_sport_is_one_of_a_closed_list_because_it_lies_in_the_clear(ana):
    upload = await ana.upload(run_fit(), "run.fit")
    workout = f"/v1/workouts/{upload['items'][0]['workout_id']}"
    etag = (await ana.http.get(workout)).headers["etag"]
    wrong = await ana.http.patch(workout, json={"sport": "therapy_with_dr_meyer"}, headers={"if-match": etag})
    right = await ana.http.patch(workout, json={"sport": "rowing"}, headers={"if-match": etag})
    assert (400, "#/sport", 200) == (
        wrong.status_code,
        wrong.json()["errors"][0]["pointer"],
        right.status_code,
    )


async def test_a_process_that_is_killed_in_the_middle_is_replaced_and_the_file_imported(node, ana):
    await ana.upload(run_fit(30))  # starts the process
    (pid,) = node.container.workouts.processes.pids()
    os.kill(pid, signal.SIGSTOP)
    answer = await ana.send(run_gpx(), "run.gpx")
    await reading(node, ana, answer.json()["upload_id"])
    os.kill(pid, signal.SIGKILL)
    upload = await ana.ended(answer.json()["upload_id"])
    assert ("done", 2) == (upload["state"], len(await ana.all("/v1/workouts")))
    assert [pid] != node.container.workouts.processes.pids()


async def reading(node, athlete, upload_id):
    async with asyncio.timeout(20):
        async for upload in node.container.workouts.progress.follow(
            store_of(node, athlete), athlete.person_id, upload_id
        ):
            if upload.state is UploadState.READING:
                return


async def test_a_file_that_kills_every_process_ends_as_failed_and_can_be_tried_again(node, ana, monkeypatch):
    uploads = store_of(node, ana)

    monkeypatch.setattr("region_node.workers.imports.MAX_DELAY_S", 0.05)
    with monkeypatch.context() as patched:
        patched.setattr("region_node.workers.originals.read_upload", die)
        failed = await ana.upload(run_fit())
    assert ("failed", "failed") == (failed["state"], failed["items"][0]["code"])
    attempts = (await uploads.get(ana.person_id, failed["upload_id"])).attempts
    assert node.settings.imports.max_attempts == attempts
    assert 202 == (await ana.http.post(f"/v1/uploads/{failed['upload_id']}/retry")).status_code
    again = await ana.ended(failed["upload_id"])
    assert ("done", None) == (again["state"], again["items"][0]["code"])


async def test_progress_comes_by_server_sent_events_until_the_end(ana):
    upload_id = (await ana.send(run_fit())).json()["upload_id"]
    states, versions = [], []
    async with ana.http.stream("GET", f"/v1/uploads/{upload_id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                states.append(json.loads(line[5:])["state"])
            if line.startswith("id:"):
                versions.append(int(line[3:]))
    assert "done" == states[-1]
    assert versions == sorted(set(versions))


@asynccontextmanager
async def socket_of(node, athlete, upload_id):
    headers = {"authorization": athlete.http.headers["authorization"], "host": "localhost"}
    url = f"{node.url.replace('http', 'ws')}/v1/uploads/{upload_id}/live"
    async with websockets.connect(url, additional_headers=headers) as socket:
        yield socket


async def test_progress_comes_by_websocket_until_the_end(node, ana):
    upload_id = (await ana.send(run_fit())).json()["upload_id"]
    async with socket_of(node, ana, upload_id) as socket:
        states = [msgspec.json.decode(message)["state"] async for message in socket]
    assert "done" == states[-1]


async def test_uploads_of_others_are_not_found(node, ana):
    upload = await ana.upload(run_fit())
    paths = [f"/v1/uploads/{upload['upload_id']}{rest}" for rest in ("", "/results", "/original", "/events")]
    async with signed_in(node, email="bo@example.org") as bo:
        assert [404] * 4 == [(await bo.http.get(path)).status_code for path in paths]
        assert 404 == (await bo.http.post(f"{paths[0]}/retry")).status_code
        assert [] == await bo.all("/v1/uploads")


async def test_a_message_that_nobody_here_wrote_stops_no_worker(node, ana):
    await node.container.parts.bus.publish("work.import.eu", b"\x00 no work item", "strange")
    await node.container.parts.bus.publish("event.eu.strange", b"\x00 no event", "strange-event")
    assert "done" == (await ana.upload(run_fit()))["state"]
    await quiet(node)
    page = await node.container.workouts.workouts("default", "eu").page(
        Slice(partition=(ana.person_id,), limit=9)
    )
    assert 1 == len(page[0])


async def test_work_that_the_queue_lost_is_queued_again_after_a_restart(tmp_path, monkeypatch):
    async def lost(*_):
        return None

    monkeypatch.setattr("region_node.workers.outboxes.SETTLED_AFTER", timedelta(0))
    async with running_node(tmp_path, imports={"requeue_after_s": 0.01}) as node, signed_in(node) as ana:
        with monkeypatch.context() as patched:
            patched.setattr(node.container.parts.bus, "publish", lost)
            upload_id = (await ana.send(run_fit())).json()["upload_id"]
        await node.restart()
        ana.http.base_url = node.url
        assert "done" == (await ana.ended(upload_id))["state"]


async def test_a_file_of_somebody_erased_in_another_process_leaves_no_object(node, ana):
    """This process still remembers the key that the other one destroyed."""
    await ana.upload(run_gpx(), "before.gpx")
    stores, key = node.container.stores, ("default", name_of(ana.person_id))
    await stores.engine.release(KEYS, DATA_KEYS, key, {JURISDICTION: jurisdiction_of(ana.person_id)})
    before = objects(node)
    assert 401 == (await ana.send(run_fit(), "after.fit")).status_code
    assert before == objects(node)
