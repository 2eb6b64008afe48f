"""What must hold once all is quiet, read through the API, and behind it where the API shows nothing."""

import asyncio
from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from federation.ports import Backlog, Bus
from federation.topology import CONSUMERS
from policies.vocabulary import Purpose
from region_node import backends, brokers
from region_node.control.tenants import DEFAULT_TENANT
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.tables import CONTENT_CLAIMS, WORKOUT_PARTS, WORKOUTS, WORKOUTS_BY_START
from region_node.ids import jurisdiction_of
from region_node.settings import Settings
from region_node.storage.outbox import OUTBOX
from region_node.stores import Stores
from tests.chaos.athletes import Athlete

QUIET_S = 240.0
LOOK_EVERY_S = 1.0
NOTHING = Backlog(waiting=0, in_hand=0)
SUMS = ("distance_m", "elapsed_s", "moving_s", "ascent_m")


async def ended(athletes: list[Athlete]) -> None:
    """Wait until every upload has ended, acknowledged or not."""
    async with asyncio.timeout(QUIET_S):
        for athlete in athletes:
            for upload in await athlete.items("/v1/uploads"):
                await athlete.ended(upload["upload_id"])


async def quiet(settings: Settings) -> None:
    """Wait until nothing is left to be announced or done, in the outboxes or on the way from the broker."""
    stores, bus = await open_stores(settings), await brokers.open_bus(settings)
    try:
        async with asyncio.timeout(QUIET_S):
            while await _unsettled(stores, bus):  # noqa: ASYNC110 - marked in another process
                await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await bus.close()
        await stores.engine.close()


async def _unsettled(stores: Stores, bus: Bus) -> bool:
    if any([await _open_pointers(stores, space) for space in stores.held]):
        return True
    return any([await bus.backlog(consumer) != NOTHING for consumer in CONSUMERS])


async def audit(settings: Settings, athletes: list[Athlete]) -> None:
    for athlete in athletes:
        listed = await _uploads_and_workouts(athlete)
        await _readable(athlete, listed)
        await _sums(settings, athlete, listed)
    stores = await open_stores(settings)
    try:
        for space in {jurisdiction_of(athlete.person_id) for athlete in athletes}:
            await _nothing_dangles(stores, space)
    finally:
        await stores.engine.close()


async def _uploads_and_workouts(athlete: Athlete) -> list[dict]:
    """Each acknowledged upload is there and ended; each content is one workout, each effort counts once.

    An upload that was cut between its row and its answer may be there as well, but adds no workout.
    """
    uploads = {upload["upload_id"]: upload for upload in await athlete.items("/v1/uploads")}
    assert set() == {upload_id for _, upload_id in athlete.acknowledged} - uploads.keys()
    by_key, by_content = defaultdict(set), defaultdict(set)
    for planned, upload_id in athlete.acknowledged:
        by_key[planned.key].add(upload_id)
        outcomes = await athlete.items(f"/v1/uploads/{upload_id}/results")
        assert uploads[upload_id]["state"] == ("refused" if planned.effort is None else "done")
        assert len(outcomes) == 1
        if planned.effort is not None:
            by_content[planned.content].add(outcomes[0]["workout_id"])
        original = await athlete.get(f"/v1/uploads/{upload_id}/original")
        assert planned.content == original.content
    assert [] == [key for key, found in by_key.items() if len(found) != 1]
    assert [] == [found for found in by_content.values() if len(found) != 1]
    assert {"done", "refused"} >= {upload["state"] for upload in uploads.values()}
    listed = await athlete.items("/v1/workouts")
    ids = [workout["workout_id"] for workout in listed]
    assert sorted(workout_id for found in by_content.values() for workout_id in found) == sorted(ids)
    efforts = {planned.effort for planned in athlete.planned if planned.effort is not None}
    assert len(efforts) == len([workout for workout in listed if workout["duplicate_of"] is None])
    assert {w["duplicate_of"] for w in listed if w["duplicate_of"]} <= set(ids)
    return listed


async def _readable(athlete: Athlete, listed: list[dict]) -> None:
    for workout in listed:
        path = f"/v1/workouts/{workout['workout_id']}"
        shown = (await athlete.get(path)).json()
        assert workout["version"] == shown["version"]
        assert workout["duplicate_of"] == shown["duplicate_of"]
        chart = (await athlete.get(f"{path}/chart")).json()["channels"]
        samples = (await athlete.get(f"{path}/samples", block=0)).json()["channels"]
        assert len(chart) > 1
        assert len(samples) > 1


async def _sums(settings: Settings, athlete: Athlete, listed: list[dict]) -> None:
    """Sums by day, as kept, and of the whole year, as shown, equal those of the listed workouts."""
    zone = ZoneInfo(athlete.person.time_zone)
    expected: dict[tuple[date, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for workout in listed:
        if workout["duplicate_of"] is None:
            day = datetime.fromisoformat(workout["started_at"]).astimezone(zone).date()
            of_day = expected[day, workout["sport"]]
            of_day["workouts"] += 1
            for name in SUMS:
                of_day[name] += workout[name] or 0.0
    stores = await open_stores(settings)
    try:
        store = stores.of(DEFAULT_TENANT, jurisdiction_of(athlete.person_id), Purpose.ANALYSIS)
        kept = await HistoryStore(store).days(athlete.person_id, date(2020, 1, 1), date(2030, 12, 31))
    finally:
        await stores.engine.close()
    assert expected.keys() == {(place.day, place.sport) for place, _ in kept}
    for place, figures in kept:
        found = {name: getattr(figures, name) for name in ("workouts", *SUMS)}
        _equal(expected[place.day, place.sport], found)
    shown = (await athlete.get("/v1/statistics", first="2024-01-01", last="2028-12-31", period="year")).json()
    for name in ("workouts", *SUMS):
        of_days = sum(of_day[name] for of_day in expected.values())
        _equal({name: of_days}, {name: sum(item["figures"][name] for item in shown["items"])})


def _equal(expected: dict[str, float], found: dict[str, float]) -> None:
    """Apart from rounding of each kept sum to the hundredth."""
    wrong = {name: (value, found[name]) for name, value in expected.items() if abs(value - found[name]) > 1.0}
    assert {} == wrong
    assert round(expected.get("workouts", 0)) == round(found.get("workouts", 0))


async def _nothing_dangles(stores: Stores, space: str) -> None:
    """List rows, parts and claims each belong to a workout that is there; every workout is listed."""
    workouts = {(row["person_id"], row["workout_id"]) for row in await _rows(stores, space, WORKOUTS)}
    listed = [(row["person_id"], row["workout_id"]) for row in await _rows(stores, space, WORKOUTS_BY_START)]
    assert sorted(workouts) == sorted(listed)
    for table in (WORKOUT_PARTS, CONTENT_CLAIMS):
        found = {(row["person_id"], row["workout_id"]) for row in await _rows(stores, space, table)}
        assert workouts == found, table.name


async def _open_pointers(stores: Stores, space: str) -> int:
    return sum(1 for row in await _rows(stores, space, OUTBOX) if not row["done"])


async def _rows(stores: Stores, space: str, table) -> list[dict]:
    found, after = [], None
    while True:
        rows, after = await stores.engine.scan(space, table, after, 500)
        found += rows
        if after is None:
            return found


async def open_stores(settings: Settings) -> Stores:
    """The node's stores, seen by another process; close `engine` in the end."""
    place = backends.geography(settings)
    return Stores(await backends.open_engine(settings, place), backends.open_ring(settings), place.held)
