"""A child, and the adult who answers for them, over HTTP on a whole node."""

from contextlib import asynccontextmanager
from datetime import date

import httpx
import pytest

from tests.support.node import person, signed_in

BOARD = {"notice": "leaderboard/1/de"}
TEN_YEARS_OLD = f"{date.today().year - 10}-01-01"  # noqa: DTZ011 - a year to either side changes nothing


@asynccontextmanager
async def child_in(node, **changes):
    said = {"email": "kid@example.org", "birth_date": TEN_YEARS_OLD, "guardian": True, "display_name": "Kim"}
    async with signed_in(node, consents=(), **(said | changes)) as child:
        yield child


async def code_of(child):
    answer = await child.http.post("/v1/guardianships/codes")
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return answer.json()["code"]


async def board_of(athlete, path="/v1/consents"):
    items = (await athlete.http.get(path)).json()["items"]
    return next(item for item in items if item["purpose"] == "leaderboard")


@pytest.fixture
async def child(node):
    async with child_in(node) as made:
        yield made


@pytest.fixture
async def mother(node):
    async with signed_in(node, consents=()) as made:
        yield made


@pytest.fixture
async def family(child, mother):
    answer = await mother.http.post("/v1/guardianships", json={"code": await code_of(child)})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return child, mother, f"/v1/guardianships/{child.person_id}"


async def test_who_is_too_young_is_told_that_a_guardian_can_answer_for_them(node):
    async with node.client() as http:
        answer = await http.post("/v1/sign-up", json=person(birth_date=TEN_YEARS_OLD))
    assert (403, "sign_up_refused") == (answer.status_code, answer.json()["code"])
    assert "guardian" in answer.json()["detail"]


async def test_until_somebody_answers_for_a_child_what_needs_a_guardian_is_refused(child):
    board = await board_of(child)
    assert (False, "guardian") == (board["allowed"], board["law"]["ground"])
    answer = await child.http.put("/v1/consents/leaderboard", json=BOARD)
    assert (403, "guardian_needed") == (answer.status_code, answer.json()["code"])
    assert answer.json()["articles"]


async def test_a_guardian_sees_and_agrees_in_the_childs_name(family):
    child, mother, path = family
    children = (await mother.http.get("/v1/guardianships")).json()["items"]
    assert [{"person_id": child.person_id, "display_name": "Kim"}] == children
    assert (await board_of(mother, f"{path}/consents"))["ask"]
    given = await mother.http.put(f"{path}/consents/leaderboard", json=BOARD)
    assert given.status_code == httpx.codes.OK, given.text
    board = await board_of(child)
    assert (True, True) == (board["allowed"], board["answer"]["by_guardian"])
    history = await child.all("/v1/consents/history")
    assert ["guardian", "guardian", "you"] == [item["by"] for item in history]


async def test_a_child_takes_back_what_the_guardian_gave(family):
    child, mother, path = family
    await mother.http.put(f"{path}/consents/leaderboard", json=BOARD)
    assert (await child.http.delete("/v1/consents/leaderboard")).status_code == httpx.codes.OK
    assert not (await board_of(child))["allowed"]


async def test_a_code_counts_once_and_as_people_type_it(child, mother, node):
    code = await code_of(child)
    async with signed_in(node, consents=(), email="late@example.org") as late:
        first = await mother.http.post("/v1/guardianships", json={"code": f" {code.lower()}"})
        second = await late.http.post("/v1/guardianships", json={"code": code})
    assert [201, 403] == [first.status_code, second.status_code]


async def test_nobody_answers_for_themselves_nor_a_child_for_a_child(child, node):
    code = await code_of(child)
    assert 403 == (await child.http.post("/v1/guardianships", json={"code": code})).status_code
    async with child_in(node, email="friend@example.org") as friend:
        assert 403 == (await friend.http.post("/v1/guardianships", json={"code": code})).status_code


async def test_a_grown_up_needs_no_guardian(mother):
    answer = await mother.http.post("/v1/guardianships/codes")
    assert (409, "no_guardian_needed") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(("years", "status"), [(14, 201), (17, 409)])
async def test_in_brazil_a_guardian_can_be_had_below_sixteen(node, years, status):
    born = f"{date.today().year - years}-01-01"  # noqa: DTZ011 - as above
    async with child_in(node, birth_date=born, country="BR") as child:
        assert status == (await child.http.post("/v1/guardianships/codes")).status_code


async def test_a_stranger_finds_no_child(family, node):
    _, _, path = family
    async with signed_in(node, consents=(), email="stranger@example.org") as stranger:
        answers = [
            await stranger.http.get(f"{path}/consents"),
            await stranger.http.put(f"{path}/consents/leaderboard", json=BOARD),
            await stranger.http.delete(f"{path}/consents/leaderboard"),
            await stranger.http.put(f"{path}/objections/leaderboard"),
            await stranger.http.delete(path),
            await stranger.http.get("/v1/guardianships/eu_nobody/consents"),
            await stranger.http.get("/v1/guardianships/nobody/consents"),
            await stranger.http.get("/v1/guardianships/br_nobody/consents"),
        ]
    assert {404} == {answer.status_code for answer in answers}


async def test_when_a_guardian_steps_back_what_they_agreed_to_ends(family):
    child, mother, path = family
    await mother.http.put(f"{path}/consents/leaderboard", json=BOARD)
    assert (await mother.http.delete(path)).status_code == httpx.codes.NO_CONTENT
    assert not (await board_of(child))["allowed"]
    assert [] == (await mother.http.get("/v1/guardianships")).json()["items"]
    assert await code_of(child)
