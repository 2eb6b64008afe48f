"""The layer answers as its description says, whatever it is sent."""

import json
from io import BytesIO

from region_node.http.app import assemble
from region_node.http.call import Call
from region_node.http.declare import RouteSpec, route
from region_node.http.docs import DOCUMENT_PATH
from region_node.http.health import Readiness
from tests.support.conformance import conformance_report
from tests.support.http import HOST, deps, limiter, running
from tests.support.http_routes import COMMON, READ, Thing, Things

LEFT_OUT = ("/v1/events", "/v1/live", "/v1/docs/viewer.js")


class Liar:
    """Its answers are not what it declares: the control that faults are found."""

    @route(
        RouteSpec(
            method="GET",
            path="/v1/lies",
            operation_id="test.lies",
            summary="Says one thing, does another",
            access=READ,
            responses={200: Thing},
            problems=(),
            **COMMON,
        )
    )
    async def lie(self, _call: Call) -> dict:
        return {"truth": False}


async def report(controller, token, limit=1_000_000):
    log = BytesIO()
    parts = deps(log, rates=limiter(limit))
    async with running(assemble([controller], parts, Readiness(())), parts) as client:
        status, text = await conformance_report(
            f"{client.base_url}{DOCUMENT_PATH}",
            headers={"authorization": f"Bearer {token}", "host": HOST},
            examples=10,
            leave_out=LEFT_OUT,
        )
    return status, text, {json.loads(line)["status"] for line in log.getvalue().splitlines()}


async def test_no_answer_is_undocumented():
    status, text, seen = await report(Things(), "good")
    assert 0 == status, text
    assert {200, 202, 204, 400, 405, 412, 415} <= seen


async def test_refusals_are_documented_too():
    status, text, seen = await report(Things(), "poor", limit=3)
    assert 0 == status, text
    assert {403, 429} <= seen


async def test_an_answer_that_is_not_as_described_is_found():
    status, text, _ = await report(Liar(), "good")
    assert 0 != status
    assert "/v1/lies" in text
