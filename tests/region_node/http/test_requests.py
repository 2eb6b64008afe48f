"""What a client sees of the way through a route: who may, which tenant, which language, which version."""

import asyncio
import gzip
import json
from contextlib import suppress
from io import BytesIO

import httpx
import pytest
import zstandard

from region_node.http.declare import collect
from region_node.http.limits import HttpLimits
from tests.support.http import OTHER_HOST, deps, limiter, running
from tests.support.http_routes import Things

ORIGIN = "https://app.example"
GIVEN_ID = "6f1c2d9e-4b70-4d15-9a3e-8e2f5d1c7b90"


@pytest.fixture
def log():
    return BytesIO()


@pytest.fixture
async def client(log):
    async with running(collect(Things()), deps(log, cors_origins=frozenset({ORIGIN}))) as client:
        yield client


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


def code(response):
    assert "application/problem+json" == response.headers["content-type"]
    document = response.json()
    assert response.status_code == document["status"]
    assert f"urn:meridian:request:{response.headers['x-request-id']}" == document["instance"]
    return document["code"]


async def test_a_struct_is_answered_as_json(client):
    response = await client.get("/v1/things/7")
    assert (200, {"id": "7", "title": "Run", "notes": ""}) == (response.status_code, response.json())
    assert "private, no-store" == response.headers["cache-control"]


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({"authorization": ""}, 401, "not_authenticated"),
        ({"authorization": "Bearer forged"}, 401, "not_authenticated"),
        ({"authorization": "Basic Z29vZA=="}, 401, "not_authenticated"),
        ({"authorization": "Bearer poor"}, 403, "forbidden"),
        ({"authorization": "Bearer foreign"}, 404, "not_found"),
        ({"host": OTHER_HOST}, 404, "not_found"),
        ({"host": "nobody.example"}, 404, "not_found"),
        ({"accept": "text/html"}, 406, "not_acceptable"),
    ],
    ids=["none", "forged", "scheme", "scope", "foreign", "other-host", "unknown-host", "accept"],
)
async def test_who_may_not_is_told_why(client, headers, status, expected):
    response = await client.get("/v1/things/7", headers=headers)
    assert (status, expected) == (response.status_code, code(response))


async def test_the_challenge_says_what_the_token_lacks(client):
    forged = await client.get("/v1/things/7", headers={"authorization": "Bearer forged"})
    poor = await client.get("/v1/things/7", headers={"authorization": "Bearer poor"})
    assert 'error="invalid_token"' in forged.headers["www-authenticate"]
    assert 'scope="workouts:read"' in poor.headers["www-authenticate"]
    assert "workouts:read" == poor.json()["scope"]


async def test_a_problem_is_in_the_language_of_the_reader(client):
    titles = {}
    for language in ("en", "de-AT", "ru", "pt", "xx"):
        response = await client.get("/nowhere", headers={"accept-language": language})
        titles[response.headers["content-language"]] = response.json()["title"]
        assert "not_found" == code(response)
    assert {"en", "de", "ru", "pt-BR"} == titles.keys()


async def test_a_fault_tells_nothing_of_itself(client, log):
    response = await client.get("/v1/things/broken")
    assert (500, "internal_fault") == (response.status_code, code(response))
    assert b"4711" not in response.content + log.getvalue()
    assert "error" == lines(log)[-1]["level"]


async def test_the_log_has_the_template_and_no_person(client, log):
    await client.get("/v1/things/my-secret-thing?token=abc", headers={"x-request-id": GIVEN_ID})
    (line,) = lines(log)
    assert "/v1/things/{thing_id}" == line["route"]
    assert GIVEN_ID == line["request_id"]
    assert all(secret not in log.getvalue() for secret in (b"my-secret", b"eu_01abc", b"abc", b"127.0.0.1"))
    await client.get("/v1/things/8")
    assert line["person"] == lines(log)[-1]["person"]


@pytest.mark.parametrize(
    "given", ["short", "x" * 65, "with space", "näme1234", "ana-maria-gomez", "4915112345678901", "f" * 31]
)
async def test_a_request_id_that_may_be_something_else_is_replaced(client, given):
    response = await client.get("/v1/things/7", headers={"x-request-id": given.encode()})
    assert 26 == len(response.headers["x-request-id"])


async def test_head_is_get_without_a_body(client):
    head, get = await client.head("/v1/things/7"), await client.get("/v1/things/7")
    assert b"" == head.content
    assert [get.headers[name] for name in ("content-length", "etag")] == [
        head.headers[name] for name in ("content-length", "etag")
    ]


async def test_a_wrong_method_is_told_the_right_ones(client):
    response = await client.put("/v1/things/7")
    assert (405, "method_not_allowed") == (response.status_code, code(response))
    assert "OPTIONS, GET, HEAD, PATCH, DELETE" == response.headers["allow"]
    assert 405 == (await client.request("TRACE", "/v1/things")).status_code
    assert 404 == (await client.get("/v1/things/7/")).status_code


async def test_a_version_the_client_has_is_not_sent_again(client):
    first = await client.get("/v1/things/7")
    again = await client.get("/v1/things/7", headers={"if-none-match": first.headers["etag"]})
    assert (304, b"", first.headers["etag"]) == (again.status_code, again.content, again.headers["etag"])
    other = await client.get("/v1/things/7", headers={"if-none-match": '"v0"'})
    assert 200 == other.status_code


async def test_a_change_names_the_version_it_changes(client):
    change = {"title": "New"}
    without = await client.patch("/v1/things/7", json=change)
    wrong = await client.patch("/v1/things/7", json=change, headers={"if-match": '"v0"'})
    right = await client.patch("/v1/things/7", json=change, headers={"if-match": '"v1"'})
    assert [428, 412, 200] == [one.status_code for one in (without, wrong, right)]
    assert '"v2"' == right.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("zstd, gzip", "zstd"),
        ("gzip", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("identity", ""),
        ("br", ""),
    ],
)
async def test_a_long_answer_is_compressed_as_the_client_can(client, accepted, coding):
    plain = await client.get("/v1/things/long", headers={"accept-encoding": "identity"})
    async with client.stream("GET", "/v1/things/long", headers={"accept-encoding": accepted}) as response:
        raw = b"".join([chunk async for chunk in response.aiter_raw()])
    unpack = {"zstd": zstandard.decompress, "gzip": gzip.decompress, "": bytes}[coding]
    assert (coding, plain.content) == (response.headers.get("content-encoding", ""), unpack(raw))
    assert f'"v1{coding and "+" + coding}"' == response.headers["etag"]
    change = await client.patch(
        "/v1/things/7", json={"title": "a"}, headers={"if-match": response.headers["etag"]}
    )
    assert 200 == change.status_code


async def test_a_short_answer_is_not_compressed(client):
    response = await client.get("/v1/things/7", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers


async def test_only_our_web_apps_may_read_answers(client):
    preflight = {"access-control-request-method": "GET", "origin": ORIGIN}
    ours = await client.options("/v1/things/7", headers=preflight)
    assert (204, ORIGIN) == (ours.status_code, ours.headers["access-control-allow-origin"])
    assert "PATCH" in ours.headers["access-control-allow-methods"]
    assert "if-match" in ours.headers["access-control-allow-headers"]
    theirs = await client.options("/v1/things/7", headers=preflight | {"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers
    for origin, allowed in ((ORIGIN, True), ("https://evil.example", False), ("null", False)):
        answer = await client.get("/v1/things/7", headers={"origin": origin})
        assert allowed is ("access-control-allow-origin" in answer.headers)
    refused = await client.get("/v1/things/7", headers={"origin": ORIGIN, "authorization": ""})
    assert ORIGIN == refused.headers["access-control-allow-origin"]


async def test_answers_carry_the_security_headers(client):
    for path in ("/v1/things/7", "/v1/things/broken", "/nowhere"):
        headers = (await client.get(path)).headers
        assert "nosniff" == headers["x-content-type-options"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert {"x-frame-options", "referrer-policy", "vary"} <= headers.keys()


async def test_a_value_cannot_break_out_of_its_header(client):
    response = await client.get("/v1/things/7", headers={"x-request-id": "abcdefgh\tset-cookie"})
    assert "set-cookie" not in response.headers


async def test_who_asks_too_often_waits():
    parts = deps(rates=limiter(limit=3))
    async with running(collect(Things()), parts) as client:
        answers = [await client.get("/v1/things/7") for _ in range(4)]
        assert [200, 200, 200, 429] == [one.status_code for one in answers]
        assert ['"default";r=2;t=20', '"default";q=3;w=60'] == [
            answers[0].headers[name] for name in ("ratelimit", "ratelimit-policy")
        ]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 20
        assert "too_many_requests" == code(answers[3])
        other = await client.get("/v1/things/7", headers={"authorization": "Bearer second"})
        assert 200 == other.status_code
    counted = b'meridian_http_rate_limited_total{route="/v1/things/{thing_id}"} 1.0'
    assert counted in parts.metrics.exposition()


async def test_guessing_tokens_uses_up_the_address():
    async with running(collect(Things()), deps(rates=limiter(limit=1))) as client:
        guesses = [
            await client.get("/v1/things/7", headers={"authorization": f"Bearer {guess}"})
            for guess in range(12)
        ]
        assert [401] * 10 + [429] * 2 == [one.status_code for one in guesses]


async def test_a_proxy_is_believed_only_where_the_settings_say_so():
    async def statuses(parts):
        async with running(collect(Things()), parts) as client:
            return [
                (
                    await client.post(
                        "/v1/sessions", json={"name": "a"}, headers={"x-forwarded-for": f"192.0.2.{hop}"}
                    )
                ).status_code
                for hop in range(3)
            ]

    assert [201, 429, 429] == await statuses(deps(rates=limiter(limit=1)))
    assert [201, 201, 201] == await statuses(deps(rates=limiter(limit=1), trusted_proxies=1))


async def test_pages_follow_each_other_and_belong_to_their_reader(client):
    first = (await client.get("/v1/things?limit=2")).json()
    second = await client.get("/v1/things", params={"limit": 3, "cursor": first["next"]})
    assert ["2", "3", "4"] == [item["id"] for item in second.json()["items"]]
    others = [
        await client.get(f"/v1/things?cursor={first['next']}", headers={"authorization": "Bearer second"}),
        await client.get(f"/v1/things?sport=run&cursor={first['next']}"),
        await client.get("/v1/things?cursor=AAAA"),
    ]
    assert ["unknown_cursor", "unknown_cursor", "invalid_cursor"] == [code(one) for one in others]
    elsewhere = await client.get(f"/v1/things?cursor={first['next']}", headers={"host": OTHER_HOST})
    assert 404 == elsewhere.status_code


async def test_a_broken_request_is_answered_as_a_problem(client):
    response = await raw(client, b"GET / HTTP/1.1\r\nhost run.example\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 400")
    assert b"malformed_request" in response


async def test_headers_have_a_largest_size(client):
    try:
        response = await client.get("/v1/things/7", headers={"x-filler": "a" * 40_000})
    except httpx.RemoteProtocolError:
        pytest.fail("the connection was closed without an answer")
    assert (431, "headers_too_large") == (response.status_code, code(response))


async def test_an_answer_that_takes_too_long_is_given_up(log):
    class Stuck:
        async def by_host(self, _host):
            await asyncio.sleep(60)

    parts = deps(log, tenants=Stuck(), limits=HttpLimits(request_timeout_s=0.2))
    async with running(collect(Things()), parts) as client:
        response = await client.get("/v1/things/7", headers={"x-request-id": GIVEN_ID})
    assert (503, "unavailable") == (response.status_code, code(response))
    assert (GIVEN_ID, "5") == tuple(response.headers[name] for name in ("x-request-id", "retry-after"))
    assert [503] == [line["status"] for line in lines(log)]


async def test_a_client_that_leaves_is_recorded_as_gone(log):
    entered = asyncio.Event()

    class Slow:
        async def by_host(self, _host):
            entered.set()
            await asyncio.sleep(60)

    async with running(collect(Things()), deps(log, tenants=Slow())) as client:
        leaving = asyncio.create_task(client.get("/v1/things/7"))
        await entered.wait()
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
    assert [499] == [line["status"] for line in lines(log)]


async def raw(client, request):
    reader, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
    writer.write(request)
    response = await reader.read(4096)
    writer.close()
    return response
