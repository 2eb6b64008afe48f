"""No route and no worker reads a row about somebody without asking policy first, for its declared purpose."""

import asyncio

from federation.catalogue import CATALOGUE
from policies.vocabulary import Purpose
from region_node import app
from region_node.features.workouts.tables import WORKOUTS
from region_node.http.call import Call
from region_node.http.declare import Placement, RouteSpec, declared_routes, person, route
from region_node.lifecycle import _work
from region_node.security.tokens import Scope
from tests.support.node import running_node, signed_in
from tests.support.route_walk import BODIES, operations
from tests.support.workout_files import run_fit

pytest_plugins = ["tests.support.ruled"]

SAID = {
    "accounts.sign_up": {},
    "consent.give": {"notice": "leaderboard/1/en"},
    "guardian.give": {"notice": "leaderboard/1/en"},
    "guardian.link": {"code": "none"},
    "rights.ask": {"kind": "access"},
    "rights.erase": {"password": "wrong"},
}
LAST = ("workouts.delete", "consent.withdraw", "consent.object", "accounts.sign_out")
"""What takes away, after all else has been read."""
ENDS_S = 15
SENDING = ("relay", "sweep", "debts", "recheck")
"""Workers through which egress reads."""


def path_values(athlete, upload, **values):
    return {
        "person_id": athlete.person_id,
        "upload_id": upload["upload_id"],
        "workout_id": upload["items"][0]["workout_id"],
        "purpose": "leaderboard",
        "seq": "1",
        "link": "none",
        "request_id": "none",
        "notice": "leaderboard",
        "version": "1",
        "language": "en",
        **values,
    }


async def walk(athlete):
    """Ask every route for something that is there; returns the statuses."""
    upload = await athlete.upload(run_fit())
    ids = path_values(athlete, upload)
    found = [
        one for one in await operations(athlete.http) if one.security <= {"person"} and not one.is_socket
    ]
    answers = {}
    for one in sorted(
        found, key=lambda one: LAST.index(one.operation_id) if one.operation_id in LAST else -1
    ):
        request = athlete.http.stream(one.method, one.path.format(**ids), **_content(one))
        async with asyncio.timeout(ENDS_S), request as answer:
            answers[one.operation_id] = answer.status_code
            await answer.aread()
    return answers


def _content(one):
    fields = {"if-match": '"1"'}
    if "application/json" in one.media_types:
        return {"json": ({**BODIES, **SAID}).get(one.operation_id, {}), "headers": fields}
    if one.media_types:
        return {"content": run_fit(90), "headers": fields | {"content-type": min(one.media_types)}}
    return {"headers": fields}


def allowed_for(operation, declared):
    """What goes abroad is read for the purpose that its event declares."""
    sends = {event.purpose for event in CATALOGUE.values()} if operation in SENDING else set()
    return {declared[operation]} | sends


async def test_no_read_is_without_a_ruling_for_the_declared_purpose(seen, tmp_path):
    async with running_node(tmp_path) as node, signed_in(node) as athlete:
        answers = await walk(athlete)
        declared = {one.spec.operation_id: one.spec.purpose for one in declared_routes()}
        declared |= {work.name: work.purpose for work in _work(node.container)}
    assert [] == seen.unruled()
    assert {"workouts.show", "workouts.list", "history.statistics", "imports", "history"} <= {
        operation for operation, _, _ in seen.reads
    }
    assert [] == sorted(name for name, status in answers.items() if status >= 500)
    others = {
        (operation, purpose)
        for operation, purpose, rights in seen.purposes
        if operation in declared and not rights and purpose not in allowed_for(operation, declared)
    }
    assert set() == others


class Planted:
    """Reads with the engine itself."""

    def __init__(self, container):
        self._container = container

    @route(
        RouteSpec(
            method="GET",
            path="/v1/planted/{workout_id}",
            operation_id="test.planted",
            summary="Reads behind the back of policy",
            placement=Placement.HOME_CALLER,
            access=person(Scope.WORKOUTS_READ),
            purpose=Purpose.ANALYSIS,
            responses={204: None},
            problems=(),
        )
    )
    async def read(self, call: Call) -> None:
        key = (call.tenant.id, call.caller.person, call.path["workout_id"])
        await self._container.parts.engine.get(call.caller.jurisdiction, WORKOUTS, key)


async def test_a_planted_route_that_reads_with_the_engine_is_named(seen, tmp_path, monkeypatch):
    controllers_of = app.controllers_of
    monkeypatch.setattr(app, "controllers_of", lambda node: (*controllers_of(node), Planted(node)))
    async with running_node(tmp_path) as node, signed_in(node) as athlete:
        upload = await athlete.upload(run_fit())
        answer = await athlete.http.get(f"/v1/planted/{upload['items'][0]['workout_id']}")
        assert answer.status_code == 204
    assert [("test.planted", "workouts")] == seen.unruled()
