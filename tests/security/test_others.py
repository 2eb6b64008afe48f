"""What is another person's, or another tenant's, does not exist: 404 like what was never there."""

import asyncio

import httpx

from tests.support.node import OTHER_HOST, signed_in
from tests.support.route_walk import operations, status_of
from tests.support.workout_files import START_S, run_fit

NOT_THERE = (404, "not_found")
NEVER_MADE = {"upload_id": "01m7yz1dwnqpx5fxmfegyp3d0k", "workout_id": "7pblht77gqxijza5jjfid2mnri"}
PEOPLE = ("social.",)
"""Their paths say whom the caller means: they answer alike for everybody and change own rows only."""
LISTS = ("/v1/workouts", "/v1/uploads")


async def with_workouts(athlete, count=2):
    """Upload some, and a file that is refused, which may be tried again; ids for the paths of routes."""
    uploads = [await athlete.upload(run_fit(60, START_S + n * 7200), f"{n}.fit") for n in range(count)]
    refused = await athlete.upload(b"no workout at all", "refused.bin")
    workouts = await athlete.all("/v1/workouts")
    done = {"upload_id": uploads[0]["upload_id"], "workout_id": workouts[0]["workout_id"]}
    return [done, {**done, "upload_id": refused["upload_id"]}]


async def state_of(athlete):
    lists = {path: await athlete.all(path) for path in LISTS}
    return lists, (await athlete.http.get("/v1/me")).json()


async def walked(client, ids):
    """What every route answers: by operation, status and code."""
    return {
        one.operation_id: await status_of(client, one.request(client, ids))
        for one in await operations(client)
        if "person" in one.security
    }


async def naming(client):
    """Operations that name something that is somebody's."""
    return [one for one in await operations(client) if one.has_id and not one.operation_id.startswith(PEOPLE)]


async def test_ids_of_another_person_are_not_there(node):
    async with signed_in(node) as ana, signed_in(node, email="bo@example.org", display_name="Bo") as bo:
        hers = await with_workouts(ana)
        before = await state_of(ana)
        with_id = await naming(bo.http)
        assert len(with_id) > 10
        for ids in (*hers, NEVER_MADE):
            found = {one.operation_id: await status_of(bo.http, one.request(bo.http, ids)) for one in with_id}
            assert {NOT_THERE} == set(found.values()), found
        assert before == await state_of(ana)


async def test_what_is_not_there_is_answered_alike_whether_it_is_somebodys_or_nobodys(node):
    async with signed_in(node) as ana, signed_in(node, email="bo@example.org") as bo:
        (hers, _) = await with_workouts(ana, 1)
        theirs = await bo.http.get(f"/v1/workouts/{hers['workout_id']}")
        nobodys = await bo.http.get(f"/v1/workouts/{NEVER_MADE['workout_id']}")
    assert without_id(theirs) == without_id(nobodys)
    assert theirs.headers.keys() == nobodys.headers.keys()


def without_id(answer):
    return {name: value for name, value in answer.json().items() if name not in {"instance", "request_id"}}


async def test_tokens_of_a_tenant_open_nothing_at_another_ones_host(node):
    async with signed_in(node) as ana, node.client(OTHER_HOST, ana.session["access_token"]) as elsewhere:
        for ids in await with_workouts(ana):
            assert {NOT_THERE} == set((await walked(elsewhere, ids)).values())
        for answer in [await elsewhere.post("/v1/session/refresh", json=refresh_of(ana)) for _ in range(2)]:
            assert (401, "session_ended") == (answer.status_code, answer.json()["code"])
        assert (await ana.http.post("/v1/session/refresh", json=refresh_of(ana))).is_success


def refresh_of(athlete):
    return {"refresh_token": athlete.session["refresh_token"]}


async def test_ids_and_cursors_of_a_tenant_are_not_there_for_a_person_of_another(node):
    async with signed_in(node) as ana, signed_in(node, host=OTHER_HOST) as rider:
        hers = await with_workouts(ana)
        await with_workouts(rider)
        before = await state_of(ana)
        for ids in hers:
            for one in await naming(rider.http):
                assert NOT_THERE == await status_of(rider.http, one.request(rider.http, ids)), one
        for path in LISTS:
            cursor = (await ana.http.get(path, params={"limit": 1})).json()["next_cursor"]
            answer = await rider.http.get(path, params={"limit": 1, "cursor": cursor})
            assert (404, "unknown_cursor") == (answer.status_code, answer.json()["code"])
            assert (await ana.http.get(path, params={"limit": 1, "cursor": cursor})).is_success
        assert before == await state_of(ana)


async def test_one_address_in_two_tenants_is_two_people(node):
    other = "another long passphrase"
    async with signed_in(node) as ana, signed_in(node, host=OTHER_HOST, password=other) as rider:
        assert ana.person_id != rider.person_id
        await ana.upload(run_fit(), "run.fit")
        await settled(ana)
        assert [] == await rider.all("/v1/workouts")
        assert [] == await rider.all("/v1/uploads")
        assert {} == await rider.totals()
        same = await rider.upload(run_fit(), "run.fit")
        assert [False] == [item["known"] for item in same["items"]]
        said = {"email": "ana@example.org", "password": other, "country": "DE"}
        assert 401 == (await ana.http.post("/v1/sign-in", json=said)).status_code
        assert 200 == (await rider.http.post("/v1/sign-in", json=said)).status_code


async def settled(athlete):
    """Statistics follow a moment later."""
    for _ in range(400):
        if await athlete.totals(first="2026-01-01", last="2026-12-31"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was counted")


async def test_a_host_that_is_no_tenants_shows_nothing(node):
    async with signed_in(node) as ana:
        for host in ("unknown.example", "localhost.evil.example", "ride.example.evil.example"):
            async with node.client(host, ana.session["access_token"]) as nowhere:
                for path in ("/", "/v1/me", "/v1/workouts"):
                    assert httpx.codes.NOT_FOUND == (await nowhere.get(path)).status_code
