"""Everything that is kept about a person, as a zip that they can open anywhere."""

import asyncio
import hashlib
import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.node import running_node, signed_in
from tests.support.workout_files import run_fit, run_gpx

SAMPLES = Path(__file__).parents[5] / "shared" / "samples"
MOST_FILES = 75


def real_files():
    found = sorted(path for path in SAMPLES.rglob("*") if path.suffix.lower() in {".fit", ".gpx", ".tcx"})
    return [(path.name, path.read_bytes()) for path in found[:MOST_FILES]]


def made_files():
    return [("made.gpx", run_gpx()), ("made.fit", run_fit())]


async def asked(athlete, kind="access"):
    answer = await athlete.http.post("/v1/rights/requests", json={"kind": kind})
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    async with asyncio.timeout(60):
        while True:
            found = (await athlete.http.get(answer.headers["location"])).json()
            if found["state"] == "complete":
                return found
            await asyncio.sleep(0.05)


async def archive_of(athlete, request):
    answer = await athlete.http.get(request["archive_url"])
    assert httpx.codes.OK == answer.status_code
    assert len(answer.content) == request["archive_bytes"]
    return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.fixture
async def node(tmp_path):
    async with running_node(tmp_path) as running:
        yield running


@pytest.mark.timeout(180)  # real files take most of a minute to import
async def test_the_archive_holds_all_workouts_tracks_and_originals(node):
    files = real_files() or made_files()
    async with signed_in(node, language="de") as athlete:
        sent = [await athlete.send(data, name) for name, data in files]
        uploads = [await athlete.ended(answer.json()["upload_id"], 120) for answer in sent]
        archive = await archive_of(athlete, await asked(athlete))
        assert archive.testzip() is None
        names = archive.namelist()
        workouts = {item["workout_id"] for one in uploads for item in one["items"] if item["workout_id"]}
        rows = json.loads(archive.read("data/workouts.json"))
        assert workouts == {row["workout_id"] for row in rows}
        originals = {hashlib.sha256(archive.read(name)).digest() for name in names if "originals/" in name}
        assert {hashlib.sha256(data).digest() for _, data in files} == originals
        tracks = [name for name in names if name.startswith("tracks/")]
        assert tracks
        assert all(archive.read(name).rstrip().endswith(b"</gpx>") for name in tracks)
        profile = json.loads(archive.read("data/people.json"))
        assert ["ana@example.org"] == [row["email"] for row in profile]
        page = archive.read("index.html").decode()
        assert '<html lang="de">' in page
        assert "<script" not in page


async def test_the_manifest_names_every_file_with_its_checksum_and_no_secret_is_in_it(node):
    async with signed_in(node) as athlete:
        await athlete.upload(run_gpx(), "../../etc/ride.gpx")
        archive = await archive_of(athlete, await asked(athlete, "portability"))
        listed = {one["path"]: one["sha256"] for one in json.loads(archive.read("manifest.json"))["files"]}
        assert set(archive.namelist()) - {"manifest.json"} == listed.keys()
        assert listed == {name: hashlib.sha256(archive.read(name)).hexdigest() for name in listed}
        assert not [name for name in listed if ".." in name or name.startswith("/")]
        assert b"argon2" not in b"".join(archive.read(name) for name in listed)


async def test_a_track_has_every_point_that_was_sent(node):
    async with signed_in(node) as athlete:
        await athlete.upload(run_gpx(), "ride.gpx")
        archive = await archive_of(athlete, await asked(athlete))
        (track,) = [name for name in archive.namelist() if name.startswith("tracks/")]
        assert archive.read(track).count(b"<trkpt") == run_gpx().count(b"<trkpt")


async def test_nobody_else_gets_at_an_archive(node):
    async with signed_in(node) as ana, signed_in(node, email="bo@example.org") as bo:
        request = await asked(ana)
        assert httpx.codes.NOT_FOUND == (await bo.http.get(request["archive_url"])).status_code


async def test_a_second_request_of_the_same_kind_waits_for_the_first(node):
    async with signed_in(node) as athlete:
        said = {"kind": "rectification", "details": "my name is spelt otherwise"}
        assert httpx.codes.ACCEPTED == (await athlete.http.post("/v1/rights/requests", json=said)).status_code
        again = await athlete.http.post("/v1/rights/requests", json=said)
        assert (409, "request_under_way") == (again.status_code, again.json()["code"])
        listed = await athlete.all("/v1/rights/requests")
        assert ["identity-verified"] == [one["state"] for one in listed]
