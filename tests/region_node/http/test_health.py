"""Whether a node says what it is, and ends when it should."""

import asyncio
import gc
import signal
import ssl
import sys
import textwrap
import time
import weakref
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from region_node.http.app import assemble, build_app
from region_node.http.declare import collect
from region_node.http.health import Readiness
from region_node.http.ports import Probe
from region_node.http.server import HttpServer
from region_node.security.certificates import ensure_authority, ensure_server_certificate
from tests.support.http import HOST, deps, running
from tests.support.http_routes import Things

ANY_HOST = {"host": "10.0.0.7", "authorization": ""}


async def fine():
    return None


async def broken():
    raise ConnectionError("password=4711")


async def slow():
    await asyncio.sleep(60)


def routes(parts, *controllers):
    return assemble(controllers, parts, Readiness(parts.probes))


async def test_a_node_lives_whatever_its_parts_do():
    parts = deps(probes=(Probe(name="storage", check=broken),))
    async with running(routes(parts), parts) as client:
        response = await client.get("/health/live", headers=ANY_HOST)
    assert (200, {"status": "live"}) == (response.status_code, response.json())


async def test_a_node_that_serves_on_says_what_an_operator_has_to_look_at():
    parts = deps()
    readiness = Readiness((), lambda: ("pack eu 2030-01-01 is refused: its text is not on record",))
    async with running(assemble((), parts, readiness), parts) as client:
        response = await client.get("/health/ready", headers=ANY_HOST)
    note = "pack eu 2030-01-01 is refused: its text is not on record"
    assert (200, {"status": "ready", "notes": [note]}) == (response.status_code, response.json())


async def test_a_node_that_is_not_ready_names_what_is_missing():
    parts = deps(
        probes=(
            Probe(name="storage", check=fine),
            Probe(name="bus", check=broken),
            Probe(name="keys", check=slow, timeout_s=0.05),
        )
    )
    async with running(routes(parts), parts) as client:
        response = await client.get("/health/ready", headers=ANY_HOST)
    assert (503, ["bus", "keys"]) == (response.status_code, response.json()["not_ready"])
    assert "not_ready" == response.json()["code"]
    assert "5" == response.headers["retry-after"]
    assert "4711" not in response.text


async def test_a_node_whose_parts_answer_is_ready():
    parts = deps(probes=(Probe(name="storage", check=fine),))
    async with running(routes(parts), parts) as client:
        assert 200 == (await client.get("/health/ready", headers=ANY_HOST)).status_code


@pytest.mark.parametrize(("token", "status"), [("", 401), ("Bearer good", 401), ("Bearer marketer", 403)])
async def test_metrics_are_for_operators(token, status):
    parts = deps()
    async with running(routes(parts), parts) as client:
        assert status == (await client.get("/metrics", headers={"authorization": token})).status_code


async def test_metrics_count_by_template():
    parts = deps()
    async with running(routes(parts, Things()), parts) as client:
        await client.get("/v1/things/secret-id")
        await client.get("/v1/things/other-id")
        response = await client.get("/metrics", headers={"authorization": "Bearer operator"})
    expected = 'meridian_http_requests_total{method="GET",route="/v1/things/{thing_id}",status="200"} 2.0'
    assert expected in response.text.splitlines()
    assert "meridian_http_requests_in_flight 1.0" in response.text.splitlines()
    assert "secret-id" not in response.text


async def test_the_end_waits_for_what_is_under_way():
    entered, release = asyncio.Event(), asyncio.Event()

    async def by_host(_host):
        entered.set()
        await release.wait()
        return type("Tenant", (), {"id": "run"})()

    parts = deps()
    object.__setattr__(parts, "tenants", type("Slow", (), {"by_host": staticmethod(by_host)})())
    readiness = Readiness(())
    server = HttpServer(build_app(collect(Things()), parts), readiness)
    port = await server.start("127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        headers = {"host": HOST, "authorization": "Bearer good"}
        under_way = asyncio.create_task(client.get("/v1/things/7", headers=headers))
        await entered.wait()
        stopping = asyncio.create_task(server.stop(5))
        await asyncio.sleep(0.1)
        assert ["draining"] == await readiness.missing()
        assert not stopping.done()
        with pytest.raises(httpx.ConnectError):
            await httpx.AsyncClient().get(f"http://127.0.0.1:{port}/health/live")
        release.set()
        assert 200 == (await under_way).status_code
        await stopping


async def test_an_app_that_has_ended_is_kept_by_nobody():
    things = Things()
    async with running(collect(things)) as client:
        assert 200 == (await client.get("/v1/things/7")).status_code
    kept = weakref.ref(things)
    del things
    gc.collect()
    assert kept() is None


async def test_the_end_does_not_wait_for_ever():
    async def by_host(_host):
        await asyncio.sleep(60)

    parts = deps(tenants=type("Stuck", (), {"by_host": staticmethod(by_host)})())
    server = HttpServer(build_app(collect(Things()), parts), Readiness(()))
    port = await server.start("127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        under_way = asyncio.create_task(client.get("/v1/things/7"))
        await asyncio.sleep(0.1)
        started_s = time.monotonic()
        await server.stop(0.2)
        assert time.monotonic() - started_s < 5
        with pytest.raises(httpx.TransportError):
            await under_way


NODE = """
    import asyncio
    from tests.support.http import deps
    from region_node.http.app import assemble, build_app
    from region_node.http.health import Readiness
    from region_node.http.server import HttpServer

    async def main():
        parts = deps()
        readiness = Readiness(())
        server = HttpServer(build_app(assemble((), parts, readiness), parts), readiness)
        print(await server.start("127.0.0.1", 0), flush=True)
        await server.run_until_signal(1.0)

    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process(number):
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(NODE), cwd=root, stdout=asyncio.subprocess.PIPE
    )
    port = int(await process.stdout.readline())
    async with httpx.AsyncClient() as client:
        assert 200 == (await client.get(f"http://127.0.0.1:{port}/health/ready")).status_code
        process.send_signal(number)
        assert 0 == await asyncio.wait_for(process.wait(), 30)


async def test_a_node_speaks_tls(tmp_path):
    authority = ensure_authority(tmp_path, now=datetime.now(UTC))
    certificate = ensure_server_certificate(tmp_path, "node", ["127.0.0.1"], now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    parts = deps(https=True)
    server = HttpServer(build_app(routes(parts), parts), Readiness(()))
    port = await server.start("127.0.0.1", 0, tls=context)
    trust = ssl.create_default_context(cafile=authority.certificate)
    async with httpx.AsyncClient(verify=trust) as client:
        response = await client.get(f"https://127.0.0.1:{port}/health/live")
    await server.stop(1)
    assert (200, True) == (response.status_code, "strict-transport-security" in response.headers)
