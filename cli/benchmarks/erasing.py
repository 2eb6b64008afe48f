"""Erasing somebody with many workouts, alone in the store and among many others."""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from cli.benchmarks.athlete import JSON, BenchFault, Session, document_of, signed_up
from cli.benchmarks.model import ErasureFigures, ErasureTime
from cli.benchmarks.seeding import TENANT_ID, Seed, seed_files, seed_workouts
from cli.benchmarks.wire import Wire, request_bytes
from cli.benchmarks.world import ServerProcess
from cli.demo_client import PASSWORD
from cli.demo_people import BIRTH_DATE, PEOPLE
from cli.demo_world import DemoWorld, Tell
from region_node import backends
from region_node.ids import jurisdiction_of, new_person_id
from region_node.rulings.standing import STANDINGS, Standing
from region_node.storage.engine import Put, Row
from region_node.stores import Stores

MAX_SECONDS = 30.0
MAX_RATIO = 1.5
LOOK_EVERY_S = 0.02
PATIENCE_S = 300.0
SPAN = timedelta(days=1800)
UNREADABLE = "key-destroyed"
GONE = "rows-deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePlan:
    """`others` people with `each` workouts are there for the second erasure."""

    workouts: int
    others: int
    each: int
    tell: Tell


async def erasure_figures(world: DemoWorld, node: ServerProcess, plan: ErasePlan) -> ErasureFigures:
    alone, *_, among = await signed_up(node.address, "erase", len(PEOPLE) + 1)  # two of the same country
    for session in (alone, among):
        await seed_workouts(world, [Seed(session.person_id, plan.workouts, SPAN)])
        await seed_files(world, session.person_id, plan.workouts)
    first = await _erased(node, alone)
    plan.tell(f"alone: {first.gone_s} s")
    await _seed_others(world, plan, jurisdiction_of(among.person_id))
    second = await _erased(node, among)
    ratio = second.gone_s / first.gone_s
    return ErasureFigures(
        backend=world.options.backend,
        workouts=plan.workouts,
        others=plan.others,
        alone=first,
        among=second,
        ratio=round(ratio, 3),
        met={"seconds": max(first.gone_s, second.gone_s) < MAX_SECONDS, "flat": ratio < MAX_RATIO},
    )


async def _erased(node: ServerProcess, session: Session) -> ErasureTime:
    """From the person's word to the step after which no row and no file is left."""
    wire = await Wire.to(node.address)
    token = await session.token(wire)
    body = msgspec.json.encode({"password": PASSWORD})
    begin = time.perf_counter()
    request = request_bytes("POST", "/v1/rights/erasure", node.address, token=token, body=body, kind=JSON)
    link = (await document_of(wire, request))["receipt_url"]
    look = request_bytes("GET", link, node.address)
    seconds: dict[str, float] = {}
    async with asyncio.timeout(PATIENCE_S):
        while GONE not in seconds:
            await asyncio.sleep(LOOK_EVERY_S)
            for step in (await document_of(wire, look))["steps"]:
                seconds.setdefault(step["step"], round(time.perf_counter() - begin, 3))
    wire.close()
    if UNREADABLE not in seconds:
        raise BenchFault("the key went unseen")
    return ErasureTime(unreadable_s=seconds[UNREADABLE], gone_s=seconds[GONE])


async def _seed_others(world: DemoWorld, plan: ErasePlan, jurisdiction: str) -> None:
    settings = world.settings()
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    stores = Stores(engine, backends.open_ring(settings), place.held)
    try:
        people = [new_person_id(jurisdiction) for _ in range(plan.others)]
        for person_id in people:
            await stores.keys.create(TENANT_ID, person_id)
            await stores.unruled(TENANT_ID, jurisdiction).write(Put(STANDINGS, _standing(person_id)))
    finally:
        await engine.close()
    await seed_workouts(world, [Seed(person_id, plan.each, SPAN) for person_id in people])


def _standing(person_id: str) -> Row:
    """Of a grown-up who has consented to nothing."""
    standing = Standing(person_id=person_id, version=1, birth_date=BIRTH_DATE, country=PEOPLE[0].country)
    return {"person_id": person_id, "version": 1, "head": b"", "body": msgspec.json.encode(standing)}
