"""What `GET /v1/workouts/{id}` is measured against: a Sanic route that selects, unseals and answers, no more.

The select is the prepared one of the storage engine, the body is that of the real route, made before the
first request. Run as a module: settings file, port, person's id, then ids of workouts.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from sanic import Request, Sanic
from sanic.response import HTTPResponse

from policies.vocabulary import Purpose
from region_node import backends
from region_node.features.workouts.resources import workout_resource
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.tables import WORKOUTS
from region_node.http.health import Readiness
from region_node.http.server import HttpServer
from region_node.ids import jurisdiction_of
from region_node.security.sealing import DataKey, unseal
from region_node.settings import Settings, load_settings
from region_node.storage.engine import Engine
from region_node.storage.store import row_name
from region_node.stores import Stores

TENANT_ID = "default"
DRAIN_S = 1.0


class BareRoute:
    def __init__(self, engine: Engine, person_id: str, key: DataKey, bodies: dict[str, bytes]) -> None:
        self._engine = engine
        self._person_id = person_id
        self._space = jurisdiction_of(person_id)
        self._key = key
        self._bodies = bodies

    async def show(self, _: Request, workout_id: str) -> HTTPResponse:
        row = await self._engine.get(self._space, WORKOUTS, (TENANT_ID, self._person_id, workout_id))
        if row is None:
            return HTTPResponse(status=404)
        place = row_name(WORKOUTS, row)
        for column in WORKOUTS.sealed_columns:
            sealed: Any = row[column]
            unseal(self._key, sealed, table=WORKOUTS.name, row=place, column=column)
        return HTTPResponse(self._bodies[workout_id], content_type="application/json")

    async def ready(self, _: Request) -> HTTPResponse:
        return HTTPResponse(b"{}", content_type="application/json")


async def serve(settings: Settings, port: int, person_id: str, workout_ids: list[str]) -> None:
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    stores = Stores(engine, backends.open_ring(settings), place.held)
    workouts = WorkoutStore(stores.of(TENANT_ID, jurisdiction_of(person_id), Purpose.ANALYSIS))
    bodies = {}
    for workout_id in workout_ids:
        stored = await workouts.get(person_id, workout_id)
        if stored is not None:
            bodies[workout_id] = msgspec.json.encode(workout_resource(stored))
    route = BareRoute(engine, person_id, await stores.keys.get(TENANT_ID, person_id), bodies)
    app: Sanic[Any, Any] = Sanic("bare", configure_logging=False)
    app.config.update({"ACCESS_LOG": False, "AUTO_EXTEND": False, "MOTD": False})
    app.ctx.followers = set()
    app.add_route(route.show, "/v1/workouts/<workout_id:str>", name="show")
    app.add_route(route.ready, "/health/ready", name="ready")
    server = HttpServer(app, Readiness(()))
    await server.start(settings.node.host, port)
    await server.run_until_signal(DRAIN_S)
    await engine.close()


def main() -> None:
    config, port, person_id, *workout_ids = sys.argv[1:]
    uvloop.run(serve(load_settings(Path(config)), int(port), person_id, workout_ids))


if __name__ == "__main__":
    main()
