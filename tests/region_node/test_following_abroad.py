"""Whole nodes of two regions: who follows abroad sees what is shown, until it is withdrawn."""

from cli.demo_audit import audited
from federation.outgoing import Person
from tests.region_node.test_federation_wiring import (
    FEED,
    all_answered,
    shown_by,
    taken_back,
    until_is,
)
from tests.support.federation import BR, EU
from tests.support.network import network
from tests.support.node import HEALTH, signed_in, take_back

IN_BRAZIL = {
    "email": "bia@example.org",
    "display_name": "Bia",
    "country": "BR",
    "time_zone": "America/Sao_Paulo",
}
BOTH = (HEALTH, FEED)


async def items(athlete, path):
    answer = await athlete.http.get(path)
    assert answer.is_success, answer.text
    return answer.json()["items"]


async def said(athlete, method, path):
    answer = await athlete.http.request(method, path)
    assert answer.status_code == 204, answer.text


async def follows(ana, bia):
    """Ana asks, Bia accepts once she has heard of it."""
    await said(ana, "PUT", f"/v1/people/{bia.person_id}/follow")
    asking = {"person_id": ana.person_id, "state": "requested", "display_name": "Ana"}
    await until_is(lambda: items(bia, "/v1/followers?state=requested"), [asking].__eq__)
    await said(bia, "PUT", f"/v1/followers/{ana.person_id}")
    accepted = {"person_id": bia.person_id, "state": "accepted", "display_name": "Bia"}
    await until_is(lambda: items(ana, "/v1/following"), [accepted].__eq__)


async def test_a_feed_shows_workouts_from_another_region_until_their_owner_withdraws(tmp_path):
    async with network(tmp_path, EU, BR) as made:
        for region in (EU, BR):
            await made.start(region)
        async with (
            signed_in(made.nodes[EU], consents=BOTH) as ana,
            signed_in(made.nodes[BR], consents=BOTH, **IN_BRAZIL) as bia,
        ):
            before = await shown_by(bia)
            await follows(ana, bia)
            (item,) = await until_is(lambda: items(ana, "/v1/feed"), bool)
            assert (before.aggregate_id, "Bia", "running") == tuple(
                item[name] for name in ("workout_id", "display_name", "sport")
            )
            for region in (EU, BR):
                assert () == tuple((await audited(made.nodes[region].settings, ())).findings)
            await take_back(made.nodes[BR], bia.person_id, FEED)
            assert [] == await until_is(lambda: items(ana, "/v1/feed"), [].__eq__)
            person = Person(tenant="default", person_id=bia.person_id)
            brazil = made.nodes[BR].container.federation
            asked = await until_is(lambda: taken_back(brazil, person), all_answered)
            assert EU in {one.region for one in asked}


async def test_where_nobody_follows_any_more_nothing_stays(tmp_path):
    async with network(tmp_path, EU, BR) as made:
        for region in (EU, BR):
            await made.start(region)
        async with (
            signed_in(made.nodes[EU], consents=BOTH) as ana,
            signed_in(made.nodes[BR], consents=BOTH, **IN_BRAZIL) as bia,
        ):
            shown = await shown_by(bia)
            await follows(ana, bia)
            await until_is(lambda: items(ana, "/v1/feed"), bool)
            kept = made.nodes[EU].container.federation.projections
            await said(bia, "DELETE", f"/v1/followers/{ana.person_id}")
            assert [None] == await until_is(lambda: kept.get_many([shown]), [None].__eq__)
            assert [] == await items(ana, "/v1/feed")
            await said(ana, "DELETE", f"/v1/people/{bia.person_id}/follow")
            await follows(ana, bia)
            (item,) = await until_is(lambda: items(ana, "/v1/feed"), bool)
            assert shown.aggregate_id == item["workout_id"]


async def test_a_block_ends_the_edge_and_what_is_asked_after_it_is_dropped(tmp_path):
    async with network(tmp_path, EU, BR) as made:
        for region in (EU, BR):
            await made.start(region)
        async with (
            signed_in(made.nodes[EU], consents=BOTH) as ana,
            signed_in(made.nodes[BR], consents=BOTH, **IN_BRAZIL) as bia,
        ):
            await follows(ana, bia)
            await said(bia, "PUT", f"/v1/blocks/{ana.person_id}")
            await until_is(
                lambda: items(ana, "/v1/following"), lambda found: found[0]["state"] == "requested"
            )
            follow = f"/v1/people/{bia.person_id}/follow"
            await said(ana, "DELETE", follow)
            await said(ana, "PUT", follow)
            ingress = made.nodes[BR].container.federation.ingress

            async def taken():
                return ingress.taken["follow.requested"]

            await until_is(taken, lambda count: count >= 2)
            await said(bia, "DELETE", f"/v1/blocks/{ana.person_id}")
            assert [] == await items(bia, "/v1/followers?state=requested")
