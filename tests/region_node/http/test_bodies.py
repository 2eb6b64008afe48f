"""Bodies and queries: every mistake at once, and limits on size, depth, time and number."""

import asyncio
import json
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from region_node.errors import MalformedRequest
from region_node.http.body_types import MAX_MISTAKES, mistakes_of
from region_node.http.declare import collect
from region_node.http.limits import HttpLimits, require_depth
from tests.support.http import HOST, deps, running
from tests.support.http_routes import ThingChange, Things

WRITE = {"if-match": '"v1"'}
OCTETS = {"content-type": "application/octet-stream"}


@pytest.fixture
async def client():
    limits = HttpLimits(body_timeout_s=0.3, stream_timeout_s=0.5)
    async with running(collect(Things()), deps(limits=limits)) as client:
        yield client


async def test_every_mistake_of_a_body_is_named_where_it_is(client):
    body = {"title": "", "nmae": 1, "laps": [{"distance_m": 5}, {"distance_m": -1}, {"distance_m": "x"}, {}]}
    response = await client.patch("/v1/things/7", json=body, headers=WRITE)
    assert (400, "invalid_request") == (response.status_code, response.json()["code"])
    assert {
        "#/nmae": "There is no field of this name.",
        "#/title": "The text is too short; its least length is 1.",
        "#/laps/1/distance_m": "The value has to be 0.0 or more.",
        "#/laps/2/distance_m": "A value of the type float is expected.",
        "#/laps/3/distance_m": "This field is missing.",
    } == {error["pointer"]: error["detail"] for error in response.json()["errors"]}


async def test_every_mistake_of_a_query_is_named(client):
    response = await client.get("/v1/things?limit=0&cursor=" + "a" * 2000 + "&page=2")
    assert {"limit", "cursor", "page"} == {error["pointer"] for error in response.json()["errors"]}
    twice = await client.get("/v1/things?limit=1&limit=2")
    assert ["limit"] == [error["pointer"] for error in twice.json()["errors"]]
    assert 200 == (await client.get("/v1/things?sport=run&sport=ride&limit=1")).status_code
    assert 400 == (await client.get("/v1/things?sport=" + "&sport=".join("abcdefg"))).status_code
    assert 400 == (await client.get("/v1/things?" + "&".join(f"a{n}=1" for n in range(60)))).status_code
    assert 400 == (await client.get("/v1/things?cursor=%ff")).status_code


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_request"),
        (b"[", "application/json", 400, "malformed_request"),
        (b'{"title": 1, "laps": ', "application/json", 400, "malformed_request"),
        (b'{"title": 1e999}', "application/json", 400, "malformed_request"),
        (b"", "application/json", 400, "malformed_request"),
        (b"\xff\xfe", "application/json", 400, "malformed_request"),
        (b"[" * 100_000, "application/json", 413, "body_too_large"),
        (b"[" * 60_000, "application/json", 400, "malformed_request"),
        (b'{"title":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400, "malformed_request"),
        (b"[]", "application/json", 400, "invalid_request"),
        (b"null", "application/json; charset=utf-8", 400, "invalid_request"),
        (b"title=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
    ids=[
        "cut",
        "cut after a list began",
        "cut after a mistake",
        "no number",
        "empty",
        "no-text",
        "too-large",
        "deep",
        "deep-inside",
        "list",
        "null",
        "form",
    ],
)
async def test_what_is_no_such_body_is_refused(client, content, media_type, status, code):
    headers = WRITE | {"content-type": media_type}
    response = await client.patch("/v1/things/7", content=content, headers=headers)
    assert (status, code) == (response.status_code, response.json()["code"])


async def test_a_raw_body_is_counted_as_it_comes(client):
    async def chunks(total):
        for _ in range(total // 1000):
            yield b"x" * 1000

    taken = await client.post("/v1/files", content=chunks(100_000), headers=OCTETS)
    assert (202, "100000") == (taken.status_code, taken.json()["id"])
    assert "/v1/uploads/1" == taken.headers["location"]
    announced = await client.post("/v1/files", content=b"x" * 100_001, headers=OCTETS)
    streamed = await client.post("/v1/files", content=chunks(3_000_000), headers=OCTETS)
    assert [413, 413] == [one.status_code for one in (announced, streamed)]
    wrong = await client.post("/v1/files", content=b"x", headers={"content-type": "text/plain"})
    assert (415, "application/octet-stream") == (wrong.status_code, wrong.headers["accept"])


async def test_the_connection_lives_on_after_a_refused_body(client):
    refused = await client.post("/v1/files", content=b"x" * 200_000, headers=OCTETS)
    assert (413, "keep-alive") == (refused.status_code, refused.headers["connection"])
    assert 200 == (await client.get("/v1/things/7")).status_code


async def test_a_body_that_nobody_wants_does_no_harm(client):
    response = await client.request("DELETE", "/v1/things/7", content=b"x" * 5000)
    assert 204 == response.status_code
    assert 200 == (await client.get("/v1/things/7")).status_code


async def test_who_may_not_send_is_told_before_sending(client):
    head = (
        f"POST /v1/files HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 90000\r\n"
        "expect: 100-continue\r\ncontent-type: application/octet-stream\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(head.encode())
    answer = await reader.read()
    assert b"401 Unauthorized" in answer
    writer.close()


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/files"])
async def test_a_body_that_does_not_end_is_given_up(client, path):
    media_type = "application/json" if path == "/v1/sessions" else "application/octet-stream"
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(
        (
            f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer good\r\n"
            f"content-length: 50\r\ncontent-type: {media_type}\r\n\r\n{{"
        ).encode()
    )
    answer = await reader.readuntil(b"\r\n")
    assert b"HTTP/1.1 408" in answer
    writer.close()


NESTED = st.recursive(
    st.none() | st.text('[{"\\]}', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('[{"', max_size=3), inner, max_size=3)
    ),
    max_leaves=60,
)


def depth_of(document):
    if isinstance(document, dict):
        return 1 + max(map(depth_of, document.values()), default=0)
    if isinstance(document, list):
        return 1 + max(map(depth_of, document), default=0)
    return 0


@given(NESTED, st.integers(min_value=0, max_value=6))
def test_depth_is_counted_outside_of_texts(document, allowed):
    body = json.dumps(document).encode()
    if depth_of(document) <= allowed:
        require_depth(body, allowed)
    else:
        with pytest.raises(MalformedRequest):
            require_depth(body, allowed)


class Rules(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=3)] | None = None
    laps: Annotated[tuple[Annotated[int, Meta(lt=10)], ...], Meta(min_length=1, max_length=2)] = (1,)
    kind: int | str = 1
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] = "DE"
    step: Annotated[int, Meta(multiple_of=5)] = 5


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"name": None}, {}),
        ({"name": "long"}, {"#/name": "The text is too long; its greatest length is {limit}."}),
        ({"laps": []}, {"#/laps": "There are too few entries; the least number is {limit}."}),
        ({"laps": [1, 2, 3]}, {"#/laps": "There are too many entries; the greatest number is {limit}."}),
        ({"laps": [1, 10]}, {"#/laps/1": "The value has to be {limit} or less."}),
        ({"kind": []}, {"#/kind": "A value of the type {expected} is expected."}),
        ({"country": "de"}, {"#/country": "The text is not of the form that is needed."}),
        ({"step": 3}, {"#/step": "This value is not valid."}),
        ({"a/b~": 1}, {"#/a~1b~0": "There is no field of this name."}),
        (7, {"#": "A value of the type {expected} is expected."}),
    ],
    ids=str,
)
def test_mistakes_are_told_in_sentences_that_can_be_translated(document, expected):
    found = mistakes_of(Rules, document, strict=True)
    assert expected == {mistake.pointer: mistake.detail for mistake in found}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["title", "laps", "distance_m", "x"]), inner)
        ),
    )
)
def test_mistakes_are_found_exactly_where_the_decoder_refuses(document):
    try:
        msgspec.convert(document, ThingChange)
    except msgspec.ValidationError:
        assert mistakes_of(ThingChange, document, strict=True)
    else:
        assert [] == mistakes_of(ThingChange, document, strict=True)


def test_the_list_of_mistakes_ends():
    document = {f"field{number}": 1 for number in range(1000)} | {"title": "a"}
    assert MAX_MISTAKES == len(mistakes_of(ThingChange, document, strict=True))
