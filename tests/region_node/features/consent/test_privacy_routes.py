"""What people are told of what happened with their data, and what their browser says for them."""

from policies.vocabulary import Purpose
from region_node.rulings.access import Reader, StaffAccess
from region_node.rulings.uses import Use
from tests.support.node import signed_in

GPC = {"sec-gpc": "1"}
CALIFORNIAN = {"email": "cal@example.org", "country": "US", "subdivision": "US-CA"}


async def test_a_person_is_told_where_their_data_lies_and_what_law_says_of_it(node):
    async with signed_in(node, consents=()) as ana:
        told = (await ana.http.get("/v1/privacy/location")).json()
    assert ("eu", "demo-local", "none") == (told["jurisdiction"], told["active_region"], told["residency"])
    assert "demo-local" in {region["name"] for region in told["regions"]}
    assert told["article"]


async def test_uses_come_with_the_rules_that_allowed_them_and_their_articles(node):
    async with signed_in(node, consents=()) as ana:
        use = Use(
            purpose=Purpose.SUPPORT,
            categories=(),
            reader=Reader.OTHER,
            rights=False,
            rules=("gone", "platform.support"),
        )
        for _ in range(3):
            node.container.stores.uses.count("default", ana.person_id, use)
        items = (await ana.http.get("/v1/privacy/uses")).json()["items"]
    (found,) = (item for item in items if item["purpose"] == "support")
    assert (3, "other") == (found["count"], found["reader"])
    assert ["gone", "platform.support"] == sorted(ground["rule"] for ground in found["grounds"])
    assert {"", "Meridian, own rule: help that was asked for"} == {one["article"] for one in found["grounds"]}


async def test_each_look_of_staff_is_told_with_its_reason_newest_first(node):
    async with signed_in(node, consents=()) as ana:
        use = Use(purpose=Purpose.SUPPORT, categories=(), reader=Reader.STAFF, rights=False, rules=())
        for why in ("case-1", "case-2", "case-3"):
            staff = StaffAccess(operator_id="op1", why=why)
            await node.container.stores.uses.record_staff("default", ana.person_id, staff, use)
        items = await ana.all("/v1/privacy/staff-access", limit=2)
    assert ["case-3", "case-2", "case-1"] == [item["why"] for item in items]
    assert {"op1"} == {item["operator"] for item in items}


async def test_a_browsers_signal_is_heeded_by_the_request_that_brings_it_and_recorded_once(node):
    async with signed_in(node, consents=(), **CALIFORNIAN) as cal:
        for _ in range(3):
            told = (await cal.http.get("/v1/consents", headers=GPC)).json()
            assert ["gpc"] == told["signals"]
        history = await cal.all("/v1/consents/history")
        assert ["signal", "begun"] == [entry["state"] for entry in history]
        assert "gpc" == history[0]["method"]


async def test_a_signal_that_the_person_took_back_stays_so_whatever_the_browser_says(node):
    async with signed_in(node, consents=(), **CALIFORNIAN) as cal:
        await cal.http.get("/v1/consents", headers=GPC)
        assert 1 == (await cal.http.delete("/v1/privacy/signals/gpc")).json()["recorded"]
        await node.restart()
        async with node.client(token=cal.session["access_token"]) as http:
            assert [] == (await http.get("/v1/consents", headers=GPC)).json()["signals"]


async def test_where_no_law_heeds_the_signal_nothing_is_recorded(node):
    async with signed_in(node, consents=()) as ana:
        assert [] == (await ana.http.get("/v1/consents", headers=GPC)).json()["signals"]
        assert 1 == len(await ana.all("/v1/consents/history"))
