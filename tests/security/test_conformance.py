"""The whole API answers as its description says, whatever it is sent (schemathesis, fixed seed).

Left out are streams that go on for as long as their client likes.
"""

from contextlib import asynccontextmanager

import pytest

from region_node.http.docs import DOCUMENT_PATH
from tests.support.conformance import ALL, QUICK, conformance_report
from tests.support.node import PASSWORD, person, signed_in
from tests.support.workout_files import run_fit, run_gpx

STREAMS = ("/v1/uploads/{upload_id}/events", "/v1/uploads/{upload_id}/live")
LEFT_OUT = (*STREAMS, "/v1/docs/viewer.js")
"""The viewer of the description is a fixed file of a megabyte."""

SIGNS_IN = {"email": person()["email"], "country": person()["country"], "password": PASSWORD}


@asynccontextmanager
async def somebody_with_workouts(node):
    async with signed_in(node) as ana:
        await ana.upload(run_fit(), "run.fit")
        await ana.upload(run_gpx(), "run.gpx")
        await ana.upload(b"no workout", "refused.bin")
        yield ana


async def report(node, examples, phases):
    async with somebody_with_workouts(node):
        return await conformance_report(
            f"{node.url}{DOCUMENT_PATH}",
            headers={"host": "localhost"},
            signs_in=SIGNS_IN,
            examples=examples,
            phases=phases,
            leave_out=LEFT_OUT,
        )


async def test_a_few_requests_to_each_operation_are_answered_as_described(node):
    status, text = await report(node, 3, QUICK)
    assert 0 == status, text


@pytest.mark.long
@pytest.mark.timeout(1200)
async def test_fifty_requests_to_each_operation_are_answered_as_described(node):
    status, text = await report(node, 50, ALL)
    assert 0 == status, text
