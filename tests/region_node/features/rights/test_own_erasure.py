"""A person erases themselves over HTTP, and gets a receipt that outlives the account."""

import asyncio

import httpx
import pytest

from region_node.features.rights.receipts import person_hash, read_receipt
from region_node.security.signed_documents import SignatureBroken
from tests.support.node import PASSWORD, person, running_node, signed_in
from tests.support.workout_files import run_gpx


@pytest.fixture
async def node(tmp_path):
    async with running_node(tmp_path, rights={"late_after_s": 0.0}) as running:
        yield running


async def erased(node, athlete, http, timeout_s=30):
    """Ask for the erasure, wait for its end, return what the link shows then."""
    begun = await athlete.http.post("/v1/rights/erasure", json={"password": PASSWORD})
    assert begun.status_code == httpx.codes.ACCEPTED, begun.text
    async with asyncio.timeout(timeout_s):
        while True:
            shown = (await http.get(begun.json()["receipt_url"])).json()
            if shown["state"] == "complete":
                return shown
            node.container.rights.worker.wake.set()
            await asyncio.sleep(0.05)


async def test_an_erased_person_has_a_receipt_and_no_account(node):
    async with node.client() as http, signed_in(node) as athlete:
        await athlete.upload(run_gpx(), "ride.gpx")
        shown = await erased(node, athlete, http)
        jwks = (await http.get("/v1/jwks.json")).json()
        receipt = read_receipt(shown["receipt"], jwks)
        assert "erasure" == receipt.kind
        assert person_hash(receipt.person_salt, athlete.person_id) == receipt.person_hash
        assert athlete.person_id not in str(receipt)
        with pytest.raises(SignatureBroken):
            read_receipt(shown["receipt"][:-8] + "AAAAAAAA", jwks)
        said = person()
        session = {name: said[name] for name in ("email", "password", "country")}
        assert httpx.codes.UNAUTHORIZED == (await http.post("/v1/sign-in", json=session)).status_code
        assert (await athlete.http.get("/v1/me")).status_code in {401, 404}
        assert httpx.codes.CREATED == (await http.post("/v1/sign-up", json=said)).status_code


async def test_a_wrong_password_erases_nothing(node):
    async with signed_in(node) as athlete:
        refused = await athlete.http.post("/v1/rights/erasure", json={"password": "not the right passphrase"})
        assert (403, "fresh_sign_in_needed") == (refused.status_code, refused.json()["code"])
        assert httpx.codes.OK == (await athlete.http.get("/v1/me")).status_code
