"""What athletes of two jurisdictions do, from sign-up to statistics, over HTTP on a whole node."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from cli.demo_files import DemoFormat, demo_activity, demo_file
from cli.demo_model import DemoSport
from tests.support.node import OTHER_HOST, signed_in
from tests.support.workout_files import zipped

MUNICH, RECIFE = (48.137, 11.575), (-8.054, -34.871)
MONDAY = datetime(2026, 3, 30, 6, tzinfo=UTC)


def activity(sport, day, place, minutes=20):
    return demo_activity(sport, seed=day, start=MONDAY + timedelta(days=day), minutes=minutes, origin=place)


RUN = activity(DemoSport.RUN, 0, MUNICH)
RIDE = activity(DemoSport.RIDE, 1, MUNICH, 30)
SWIM = activity(DemoSport.SWIM, 2, MUNICH)
BRAZILIAN_RUN = activity(DemoSport.RUN, 0, RECIFE)


@pytest.fixture
async def people(node):
    async with AsyncExitStack() as stack:
        ana = await stack.enter_async_context(signed_in(node))
        rui = await stack.enter_async_context(
            signed_in(
                node,
                email="rui@example.org",
                display_name="Rui",
                country="BR",
                language="pt-BR",
                time_zone="America/Recife",
            )
        )
        yield ana, rui


async def settled(athlete, expected, **query):
    """Statistics follow a moment later: wait for as many workouts as *expected*, by period and sport."""
    query = {"first": "2026-01-01", "last": "2026-12-31"} | query
    async with asyncio.timeout(20):
        while True:
            totals = await athlete.totals(**query)
            if expected == {place: figures["workouts"] for place, figures in totals.items()}:
                return totals
            await asyncio.sleep(0.05)


async def test_two_people_import_edit_delete_and_count_their_workouts(people):
    ana, rui = people
    assert ("eu", "br") == (ana.person_id.partition("_")[0], rui.person_id.partition("_")[0])
    fit = await ana.upload(demo_file(RUN, DemoFormat.FIT), "run.fit")
    members = {"ride.tcx": demo_file(RIDE, DemoFormat.TCX), "swim.fit": demo_file(SWIM, DemoFormat.FIT)}
    packed = await ana.upload(zipped(members), "week.zip")
    again = await ana.upload(demo_file(RUN, DemoFormat.GPX), "run.gpx")
    await rui.upload(demo_file(BRAZILIAN_RUN, DemoFormat.FIT), "run.fit")
    assert [1, 2, 1] == [len(upload["items"]) for upload in (fit, packed, again)]

    totals = await settled(
        ana,
        {("2026-03-01", "running"): 1, ("2026-03-01", "cycling"): 1, ("2026-04-01", "swimming"): 1},
    )
    assert RUN.distance_m == pytest.approx(totals["2026-03-01", "running"]["distance_m"], rel=0.02)
    assert RIDE.elapsed_s == pytest.approx(totals["2026-03-01", "cycling"]["elapsed_s"], abs=2)
    await settled(rui, {("2026-03-01", "running"): 1})

    listed = await ana.all("/v1/workouts", limit=2)
    starts = [item["started_at"] for item in listed]
    assert 4 == len(listed)
    assert starts == sorted(starts, reverse=True)
    marked = [item for item in listed if item["duplicate_of"]]
    runs = {fit["items"][0]["workout_id"], again["items"][0]["workout_id"]}
    assert runs == {marked[0]["workout_id"], marked[0]["duplicate_of"]}

    await edited(ana, next(item for item in listed if item["sport"] == "cycling"))
    await settled(
        ana,
        {("2026-03-30", "running"): 1, ("2026-03-30", "mountaineering"): 1},
        period="week",
        last="2026-03-31",
    )
    await delete(ana, marked[0]["duplicate_of"])
    async with asyncio.timeout(20):
        while any(item["duplicate_of"] for item in listed):
            listed = await ana.all("/v1/workouts")
    sports = ("running", "mountaineering", "swimming")
    await settled(ana, {("2026-01-01", sport): 1 for sport in sports}, period="year")


async def edited(ana, ride):
    path = f"/v1/workouts/{ride['workout_id']}"
    shown = await ana.http.get(path)
    tag = shown.headers["etag"]
    assert 304 == (await ana.http.get(path, headers={"if-none-match": tag})).status_code
    change = {"sport": "mountaineering", "title": "over the pass", "visibility": "followers"}
    assert 428 == (await ana.http.patch(path, json=change)).status_code
    changed = await ana.http.patch(path, json=change, headers={"if-match": tag})
    assert (200, "over the pass") == (changed.status_code, changed.json()["title"])
    assert "cycling" == changed.json()["analysis"]["sport"]
    for answer in (
        await ana.http.patch(path, json=change, headers={"if-match": tag}),
        await ana.http.delete(path, headers={"if-match": tag}),
    ):
        assert 412 == answer.status_code


async def delete(athlete, workout_id):
    path = f"/v1/workouts/{workout_id}"
    tag = (await athlete.http.get(path)).headers["etag"]
    assert 204 == (await athlete.http.delete(path, headers={"if-match": tag})).status_code
    assert 404 == (await athlete.http.get(path)).status_code


async def test_what_is_kept_of_a_workout_can_be_read(people):
    ana, _ = people
    (item,) = (await ana.upload(demo_file(RUN, DemoFormat.FIT), "run.fit"))["items"]
    path = f"/v1/workouts/{item['workout_id']}"
    laps, chart, track, samples = [
        (await ana.http.get(f"{path}/{part}")).json() for part in ("laps", "chart", "track", "samples")
    ]
    assert len(RUN.laps) == len(laps["items"])
    assert len(RUN.points) == len(samples["channels"]["time_s"])
    assert {"heart_rate_bpm", "altitude_m"} <= chart["channels"].keys()
    assert "LineString" in track["geometry"]["type"]
    analysis = (await ana.http.get(path)).json()["analysis"]
    assert max(point.heart_rate_bpm for point in RUN.points) == analysis["heart_rate"]["max"]


async def test_nothing_of_one_person_opens_for_another_or_at_another_tenants_host(people):
    ana, rui = people
    for start in range(3):
        file = demo_file(activity(DemoSport.RUN, start, MUNICH, 5), DemoFormat.GPX)
        (item,) = (await ana.upload(file))["items"]
    page = (await ana.http.get("/v1/workouts", params={"limit": 1})).json()
    cursor = {"limit": 1, "cursor": page["next_cursor"]}
    assert 200 == (await ana.http.get("/v1/workouts", params=cursor)).status_code
    refused = await rui.http.get("/v1/workouts", params=cursor)
    assert 404 == refused.status_code
    own = f"/v1/workouts/{item['workout_id']}"
    paths = [own, f"{own}/laps", f"{own}/chart", f"{own}/track", f"{own}/samples"]
    assert [404] * 5 == [(await rui.http.get(path)).status_code for path in paths]
    elsewhere = {"host": OTHER_HOST}
    answers = [await ana.http.get(path, headers=elsewhere) for path in ("/v1/me", "/v1/workouts", *paths)]
    assert [404] * 7 == [answer.status_code for answer in answers]
    assert item["workout_id"] not in {one["workout_id"] for one in await rui.all("/v1/workouts")}


async def test_a_profile_is_changed_by_its_tag_and_a_new_time_zone_moves_days(people):
    ana, _ = people
    late = demo_activity(DemoSport.RUN, seed=9, start=MONDAY + timedelta(hours=15), minutes=5, origin=MUNICH)
    await ana.upload(demo_file(late, DemoFormat.GPX))
    await settled(ana, {("2026-03-30", "running"): 1}, period="week", first="2026-03-30", last="2026-03-30")
    tag = (await ana.http.get("/v1/me")).headers["etag"]
    moved = {"time_zone": "Asia/Tokyo"}
    assert 428 == (await ana.http.patch("/v1/me", json=moved)).status_code
    changed = await ana.http.patch("/v1/me", json=moved, headers={"if-match": tag})
    assert (200, "Asia/Tokyo") == (changed.status_code, changed.json()["time_zone"])
    assert 412 == (await ana.http.patch("/v1/me", json=moved, headers={"if-match": tag})).status_code
    await settled(ana, {("2026-03-30", "running"): 1}, period="week", first="2026-03-31", last="2026-03-31")


async def test_an_absurd_clock_or_calendar_stops_no_count(people):
    ana, _ = people
    points = "".join(
        f'<trkpt lat="48.1{n:03}" lon="11.5"><time>9999-12-31T23:5{n // 6}:{n % 6}0Z</time></trkpt>'
        for n in range(30)
    )
    absurd = f'<gpx version="1.1"><trk><type>running</type><trkseg>{points}</trkseg></trk></gpx>'.encode()
    assert "done" == (await ana.upload(absurd))["state"]
    today = datetime.now(UTC)
    await settled(ana, {(f"{today.year}-01-01", "running"): 1}, period="year", last=f"{today.year}-12-31")
    first_days = {"last": "0001-01-03"}
    assert 200 == (await ana.http.get("/v1/statistics", params=first_days)).status_code
