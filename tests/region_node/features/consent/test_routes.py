"""What an athlete does with consents, over HTTP on a whole node."""

import hashlib

import httpx
import pytest

from region_node.features.consent.model import Entry
from region_node.features.consent.receipts import read_receipt
from tests.support.node import signed_in

LEADERBOARD = "/v1/consents/leaderboard"


@pytest.fixture
async def ana(node):
    async with signed_in(node, consents=()) as athlete:
        yield athlete


async def listed(athlete, language="en", **wanted):
    answer = await athlete.http.get("/v1/consents", headers={"accept-language": language})
    assert answer.status_code == httpx.codes.OK, answer.text
    items = answer.json()["items"]
    return next(one for one in items if wanted.items() <= one.items())


async def give(athlete, purpose="leaderboard", **changes):
    body = {"notice": f"{purpose}/1/de"} | changes
    return await athlete.http.put(f"/v1/consents/{purpose}", json=body)


async def test_every_purpose_comes_with_its_text_in_the_readers_language_and_what_law_says(ana):
    answer = await ana.http.get("/v1/consents", headers={"accept-language": "ru"})
    items = answer.json()["items"]
    assert ("eu", "DE") == (answer.json()["jurisdiction"], answer.json()["country"])
    assert 15 == len(items)
    assert {"ru"} == {item["notice"]["language"] for item in items}
    assert all(item["law"]["reasons"][0]["text"] and item["law"]["articles"] for item in items)
    text = items[0]["notice"]["text"]
    assert hashlib.sha256(text.encode()).hexdigest() == items[0]["notice"]["sha256"]


async def test_giving_and_withdrawing_are_one_call_each_and_take_effect(ana):
    before = await listed(ana, purpose="leaderboard")
    assert (False, True) == (before["allowed"], before["ask"])
    given = (await give(ana)).json()
    assert (1, 2, True) == (given["recorded"], given["seq"], given["replicated"])
    after = await listed(ana, purpose="leaderboard")
    assert (True, False, "given", 2) == (
        after["allowed"],
        after["ask"],
        after["answer"]["state"],
        after["answer"]["seq"],
    )
    withdrawn = (await ana.http.delete(LEADERBOARD)).json()
    assert (1, 3) == (withdrawn["recorded"], withdrawn["seq"])
    assert not (await listed(ana, purpose="leaderboard"))["allowed"]


async def test_a_repeated_answer_adds_nothing_and_comes_with_the_receipt_of_the_first(ana):
    first = (await give(ana)).json()
    await give(ana, "research")
    again = (await give(ana)).json()
    assert (0, first["seq"], first["hash"]) == (again["recorded"], again["seq"], again["hash"])


async def test_a_receipt_is_signed_and_says_what_was_agreed_to(ana):
    given = (await give(ana)).json()
    jwks = (await ana.http.get("/v1/jwks.json")).json()
    receipt = read_receipt(given["receipt"], jwks)
    assert ("leaderboard", "given", "leaderboard/1/de", "Bestenlisten") == (
        receipt.purpose,
        receipt.state,
        receipt.notice,
        receipt.notice_title,
    )
    assert (given["seq"], given["hash"]) == (receipt.seq, receipt.hash)
    again = (await ana.http.get(f"/v1/consents/receipts/{given['seq']}")).json()
    assert receipt == read_receipt(again["receipt"], jwks)


async def test_the_text_behind_an_entry_can_be_read_again(ana):
    await give(ana)
    entry = (await ana.http.get("/v1/consents/history")).json()["items"][0]
    notice = (await ana.http.get(f"/v1/notices/{entry['notice']}")).json()
    assert entry["notice_sha256"] == notice["sha256"] == hashlib.sha256(notice["text"].encode()).hexdigest()


async def test_history_is_the_callers_own_chain_newest_first_over_pages(ana):
    for purpose in ("leaderboard", "club", "chat"):
        await give(ana, purpose)
    items = await ana.all("/v1/consents/history", limit=2)
    assert [4, 3, 2, 1] == [item["seq"] for item in items]
    assert [one["hash"] for one in items[1:]] == [one["previous"] for one in items[:-1]]
    assert {"you"} == {item["by"] for item in items}


async def test_health_is_agreed_to_apart_from_the_purpose(ana):
    health = {"purpose": "analysis", "category": "health"}
    assert "consent" == (await listed(ana, **health))["law"]["ground"]
    answer = await ana.http.put(
        "/v1/consents/analysis", json={"notice": "analysis-health/1/en", "category": "health"}
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert (await listed(ana, **health))["allowed"]
    await ana.http.delete("/v1/consents/analysis", params={"category": "health"})
    assert not (await listed(ana, **health))["allowed"]


async def test_an_old_notice_is_answered_with_todays(ana):
    answer = await ana.http.put(LEADERBOARD, json={"notice": "leaderboard/9999/ru"})
    assert (409, "stale_notice", "leaderboard/1/ru") == (
        answer.status_code,
        answer.json()["code"],
        answer.json()["notice"]["ref"],
    )


async def test_what_is_no_matter_of_consent_says_what_can_be_done_instead(ana):
    answer = await ana.http.delete("/v1/consents/account", headers={"accept-language": "de"})
    assert (409, "consent_not_needed") == (answer.status_code, answer.json()["code"])
    assert "Konto" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/consents/nonsense", "/v1/objections/nonsense"])
async def test_an_unknown_purpose_is_not_asked_for(ana, path):
    assert "not_asked" == (await ana.http.delete(path)).json()["code"]


async def test_an_objection_stops_the_purpose_and_can_be_taken_back(ana):
    await give(ana)
    assert 1 == (await ana.http.put("/v1/objections/leaderboard")).json()["recorded"]
    stopped = await listed(ana, purpose="leaderboard")
    assert (False, True) == (stopped["allowed"], stopped["objected"])
    assert 1 == (await ana.http.delete("/v1/objections/leaderboard")).json()["recorded"]
    assert (await listed(ana, purpose="leaderboard"))["allowed"]


async def test_another_persons_ledger_is_nowhere_to_be_seen(node, ana):
    await give(ana)
    async with signed_in(node, consents=(), email="bea@example.org") as bea:
        assert 1 == len(await bea.all("/v1/consents/history"))
        assert 404 == (await bea.http.get("/v1/consents/receipts/2")).status_code


def test_entries_have_no_field_that_the_history_would_hide():
    hidden = {"tenant", "jurisdiction", "person_id", "draft", "salt"}
    shown = {"seq", "received_at", "stored_at", "age_band", "pack_version", "previous", "hash"}
    assert hidden | shown == set(Entry.__struct_fields__)
