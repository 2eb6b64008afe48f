"""After an erasure no disk holds anything of the person; the same search finds what stood there before."""

import asyncio
import shutil

import httpx
import pytest

from region_node import backends, lifecycle
from region_node.features.rights.receipts import read_receipt
from region_node.rotation import rotate
from region_node.security.signing_keys import jwks_document
from tests.support.byte_search import search_tree, text_needle
from tests.support.node import running_node, signed_in
from tests.support.opened import found_when_opened
from tests.support.planted import (
    BORN,
    EMAIL,
    FILE_NAME,
    NAME,
    NEW_TITLE,
    PASSWORD,
    personal_needles,
    planted_fit,
    planted_gpx,
)

OPENED_BEFORE = {"name", "e-mail", "birth date", "file name", "new title", "notes", "latitude"}


async def lived(node):
    """Somebody signs up, uploads, edits, and asks for an archive; the needles of their ids."""
    async with signed_in(node, email=EMAIL, password=PASSWORD, display_name=NAME, birth_date=BORN) as athlete:
        uploads = [
            await athlete.upload(planted_gpx(), FILE_NAME, key="key"),
            await athlete.upload(planted_fit(), "quillfeather.fit"),
        ]
        workout = uploads[0]["items"][0]["workout_id"]
        shown = await athlete.http.get(f"/v1/workouts/{workout}")
        match = {"if-match": shown.headers["etag"]}
        edited = await athlete.http.patch(f"/v1/workouts/{workout}", json={"title": NEW_TITLE}, headers=match)
        assert edited.is_success
        await athlete.http.post("/v1/rights/requests", json={"kind": "access"})
        await node.container.rights.worker.look()
        ids = {"person": athlete.person_id, "upload": uploads[0]["upload_id"], "workout": workout}
        return athlete, [text_needle(f"id of {name}", value) for name, value in ids.items()]


async def erased(node, athlete):
    async with node.client(token=athlete.session["access_token"]) as http:
        begun = await http.post("/v1/rights/erasure", json={"password": PASSWORD})
        assert httpx.codes.ACCEPTED == begun.status_code, begun.text
        async with asyncio.timeout(60):
            while True:
                shown = (await http.get(begun.json()["receipt_url"])).json()
                if shown["state"] == "complete":
                    return shown["receipt"]
                node.container.rights.worker.wake.set()
                await asyncio.sleep(0.05)


async def epochs_ended(settings):
    """What an operator does once no backup of the key space may open anything of before."""
    ring = backends.open_ring(settings)
    for number in (await rotate(settings, "eu")).ended:
        await ring.destroy("eu", number)


@pytest.mark.timeout(180)
async def test_nothing_of_an_erased_person_is_left_on_any_disk_or_in_a_backup(tmp_path, capfd):
    directory, backup = tmp_path / "world", tmp_path / "backup"
    async with running_node(directory, rights={"late_after_s": 0.0}) as node:
        settings, data = node.settings, node.settings.node.data_directory
        athlete, ids = await lived(node)
        await node.node.stop()
        shutil.copytree(data, backup)
        ring = backends.open_ring(settings)
        needles = (*personal_needles(), *ids)
        before = await found_when_opened(backup, ring, needles, tmp_path / "opened")
        assert before >= OPENED_BEFORE
        raw = {find.needle for find in search_tree(data, ids, tmp_path / "copy")}
        assert {needle.name for needle in ids} == raw

        node.node = await lifecycle.start(settings)
        signed = await erased(node, athlete)
        cleared = await node.container.rights.retention.clear()
        assert {"eu": False, "keys": False} == {one.space: one.by_hand for one in cleared}
        await node.node.stop()
        await epochs_ended(settings)

        assert set() == await found_when_opened(data, ring, needles, tmp_path / "opened")
        assert set() == await found_when_opened(backup, ring, needles, tmp_path / "opened")
        assert set() == search_tree(directory, needles, tmp_path / "copy")
        receipt = read_receipt(signed, jwks_document(ring.signing_keys()))
        assert receipt.key_epoch == 1
        assert receipt.objects >= len(("gpx", "fit", "archive"))
        node.node = await lifecycle.start(settings)
    said = capfd.readouterr()
    log = tmp_path / "log"
    log.mkdir()
    (log / "log").write_text(said.out + said.err)
    assert set() == search_tree(log, needles, tmp_path / "copy")
