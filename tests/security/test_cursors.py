"""A cursor opens the list, filter, person and tenant that it was made for; any other use is told nothing."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import OTHER_HOST, signed_in
from tests.support.workout_files import START_S, run_fit

WORKOUTS, UPLOADS = "/v1/workouts", "/v1/uploads"
FROM = {"from": "2020-01-01T00:00:00Z"}


async def cursor_of(athlete, path, **query):
    page = await athlete.http.get(path, params={"limit": 1, **query})
    return page.json()["next_cursor"]


async def test_a_cursor_is_of_no_use_in_any_other_list_or_hand(node):
    async with (
        signed_in(node) as ana,
        signed_in(node, email="bo@example.org") as bo,
        signed_in(node, host=OTHER_HOST) as rider,
    ):
        for athlete in (ana, bo, rider):
            for hour in range(2):
                await athlete.upload(run_fit(60, START_S + hour * 3600), "run.fit")
        uploads = await ana.all(UPLOADS)
        results = f"{UPLOADS}/{uploads[0]['upload_id']}/results"
        lists = [(WORKOUTS, {}), (WORKOUTS, FROM), (UPLOADS, {}), (results, {})]
        made = {(path, *query): await cursor_of(ana, path, **query) for path, query in lists[:3]}
        for place, cursor in made.items():
            for path, query in lists:
                answer = await ana.http.get(path, params={"limit": 1, "cursor": cursor, **query})
                is_its_own = place == (path, *query)
                assert is_its_own is answer.is_success, (place, path)
                assert is_its_own or (404, "unknown_cursor") == (answer.status_code, answer.json()["code"])
            for other in (bo, rider):
                answer = await other.http.get(place[0], params={"limit": 1, "cursor": cursor})
                assert (404, "unknown_cursor") == (answer.status_code, answer.json()["code"])


ALPHABET = string.ascii_letters + string.digits + "-_"


async def test_no_altered_or_made_up_cursor_opens_anything(node):
    async with signed_in(node) as ana:
        for hour in range(2):
            await ana.upload(run_fit(60, START_S + hour * 3600), "run.fit")
        good = await cursor_of(ana, WORKOUTS)
        tried = []

        # Examples are drawn first and asked for afterwards: hypothesis knows no running event loop.
        @settings(max_examples=60, deadline=None, derandomize=True)
        @given(
            st.one_of(
                st.text(ALPHABET, min_size=1, max_size=120),
                st.text(max_size=40),
                st.tuples(st.integers(0, len(good) - 2), st.sampled_from(ALPHABET)).map(
                    lambda change: good[: change[0]] + change[1] + good[change[0] + 1 :]
                ),
                st.integers(1, len(good) - 1).map(lambda length: good[:length]),
            )
        )
        def draw(cursor):
            tried.append(cursor)

        draw()
        for cursor in set(tried) - {good}:
            answer = await ana.http.get(WORKOUTS, params={"cursor": cursor})
            # An empty one asks for the first page.
            allowed = {(400, "invalid_cursor"), (404, "unknown_cursor"), (400, "invalid_request")}
            told = (answer.status_code, answer.json().get("code"))
            assert told in allowed or (cursor == "" and answer.is_success), cursor
        assert (await ana.http.get(WORKOUTS, params={"cursor": good})).is_success
