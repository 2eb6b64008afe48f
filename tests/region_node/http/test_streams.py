"""Answers that are sent in pieces, and WebSockets."""

import asyncio
import json
from io import BytesIO

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from region_node.http.declare import collect
from tests.support.http import HOST, deps, running
from tests.support.http_routes import Things


@pytest.fixture
def log():
    return BytesIO()


@pytest.fixture
async def client(log):
    async with running(collect(Things()), deps(log)) as client:
        yield client


def address(client):
    return f"ws://{HOST}/v1/live", {"host": client.base_url.host, "port": client.base_url.port}


async def test_events_arrive_one_by_one_and_are_never_compressed(client):
    headers = {"accept": "text/event-stream", "accept-encoding": "gzip"}
    async with client.stream("GET", "/v1/events", headers=headers) as response:
        text = "".join([chunk async for chunk in response.aiter_text()])
    assert "text/event-stream" == response.headers["content-type"]
    assert "content-encoding" not in response.headers
    assert "nosniff" == response.headers["x-content-type-options"]
    assert 'id: 2\nevent: tick\ndata: {"n":2}\n\n' == text[text.index("id: 2") :]


async def test_a_stream_that_breaks_does_not_seem_whole(client, log):
    with pytest.raises(httpx.TransportError):
        await client.get("/v1/events?fail=midway")
    assert 200 == (await client.get("/v1/things/7")).status_code
    assert [500, 200] == [json.loads(line)["status"] for line in log.getvalue().splitlines()]


async def test_a_stream_that_breaks_before_it_began_is_a_problem(client):
    response = await client.get("/v1/events?fail=before")
    assert (500, "internal_fault") == (response.status_code, response.json()["code"])
    assert "application/problem+json" == response.headers["content-type"]


async def test_a_stream_without_anything_in_it_has_its_type_all_the_same(client):
    response = await client.get("/v1/events?fail=nothing")
    assert (200, b"", "text/event-stream") == (
        response.status_code,
        response.content,
        response.headers["content-type"],
    )


async def test_an_endless_stream_does_not_hold_up_the_end(log):
    started = asyncio.Event()

    async def follow(client):
        async with client.stream("GET", "/v1/events?fail=never") as response:
            async for _ in response.aiter_text():
                started.set()

    async with running(collect(Things()), deps(log), drain_timeout_s=30) as client:
        following = asyncio.create_task(follow(client))
        await started.wait()
    with pytest.raises(httpx.TransportError):
        await following


async def test_a_stream_needs_a_token_as_any_route(client):
    response = await client.get("/v1/events", headers={"authorization": ""})
    assert (401, "not_authenticated") == (response.status_code, response.json()["code"])


@pytest.mark.parametrize("way", ["header", "subprotocol"])
async def test_a_socket_knows_its_caller_either_way(client, way, log):
    url, where = address(client)
    if way == "header":
        options = {"additional_headers": {"authorization": "Bearer good"}}
    else:
        options = {"subprotocols": ["meridian.v1", "bearer.good"]}
    async with connect(url, **where, **options) as socket:
        assert "eu_01abc" == await socket.recv()
        await socket.send("hello")
        assert "echo hello" == await socket.recv()
        assert socket.subprotocol == ("meridian.v1" if way == "subprotocol" else None)
    await client.get("/v1/things/7")
    statuses = [json.loads(line)["status"] for line in log.getvalue().splitlines()]
    assert 101 in statuses
    assert b"bearer.good" not in log.getvalue()


@pytest.mark.parametrize(("token", "status"), [("forged", 401), ("poor", 403), ("foreign", 404)])
async def test_a_socket_is_refused_before_its_handshake(client, token, status):
    url, where = address(client)
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, **where, subprotocols=["meridian.v1", f"bearer.{token}"])
    assert status == refused.value.response.status_code


async def test_a_handshake_that_is_none_is_refused(client):
    headers = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "7"}
    response = await client.get("/v1/live", headers=headers)
    assert (400, "malformed_request") == (response.status_code, response.json()["code"])


async def test_a_socket_route_takes_no_plain_request(client):
    response = await client.get("/v1/live")
    assert (400, "malformed_request") == (response.status_code, response.json()["code"])


async def test_a_message_has_a_largest_size(client):
    url, where = address(client)
    async with connect(url, **where, additional_headers={"authorization": "Bearer good"}) as socket:
        await socket.recv()
        await socket.send("x" * 100_000)
        await socket.wait_closed()
    assert 1009 == socket.close_code
