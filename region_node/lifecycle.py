"""Order of start and stop of a node: what others need comes first and goes last."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from federation.tasks import end_tasks
from federation.topology import CONSUMERS, STREAMS
from policies.vocabulary import Purpose, Region
from region_node import app, backends, brokers
from region_node.bootstrap import Container, Parts, report
from region_node.control.database import ControlUnavailable
from region_node.federation_network import BEACON_EVERY_S, Network
from region_node.http.server import HttpServer
from region_node.observability.logs import RequestLog
from region_node.rulings.standing import STANDING_WORK
from region_node.schema import MIGRATIONS, TABLES
from region_node.settings import Settings
from region_node.storage.errors import SchemaMismatch
from region_node.storage.migrations import kind_of, require

SWEEP_EVERY_S = 10.0
LAW_EVERY_S = 5.0
EXPIRE_EVERY_S = 3600.0
WORK_AGAIN_AFTER_S = 1.0


@dataclass(slots=True)
class Node:
    """A node that serves; `stop` it, or wait for a signal with `run_until_signal`."""

    container: Container
    server: HttpServer
    port: int
    _stack: AsyncExitStack
    _tasks: list["asyncio.Task[None]"]

    async def run_until_signal(self) -> None:
        try:
            await self.server.run_until_signal(self.container.parts.settings.node.drain_timeout_s)
        finally:
            await self._close()

    async def stop(self) -> None:
        await self.server.stop(self.container.parts.settings.node.drain_timeout_s)
        await self._close()

    async def _close(self) -> None:
        await end_tasks(self._tasks)
        await self._stack.aclose()


async def start(settings: Settings, log_stream: BinaryIO | None = None) -> Node:
    """Open everything, check that it is what it should be, then serve; requests are logged to *log_stream*.

    Raises:
        SchemaMismatch, StorageUnavailable, BusUnavailable, ControlUnavailable, SettingsError,
        FaultyDocuments: why the node refuses to start.
    """
    async with AsyncExitStack() as stack:
        container = await _contained(settings, stack)
        await container.active_packs.refresh()
        request_log = RequestLog(log_stream)
        stack.callback(request_log.flush)
        sanic, readiness = app.build(container, request_log)
        server = HttpServer(sanic, readiness)
        tls = app.tls_context(settings.tls)
        port = await server.start(settings.node.host, settings.node.port, tls=tls)
        tasks = [asyncio.create_task(_kept(work)) for work in _work(container)]
        return Node(container, server, port, stack.pop_all(), tasks)


@asynccontextmanager
async def opened(settings: Settings, *, law: bool = True) -> AsyncIterator[Container]:
    """All of a node but its server and its work: for an operator beside it. Raises as `start`.

    Without *law* nothing can be ruled on; reading it takes seconds.
    """
    async with AsyncExitStack() as stack:
        container = await _contained(settings, stack)
        if law:
            await container.active_packs.refresh()
        yield container


async def _contained(settings: Settings, stack: AsyncExitStack) -> Container:
    container = Container(await _open(settings, stack))
    await container.refresh_tenants()
    stack.callback(container.passwords.close)
    stack.callback(container.workouts.processes.close)
    return container


async def _open(settings: Settings, stack: AsyncExitStack) -> Parts:
    place = backends.geography(settings)
    backends.ensure_directory(settings.node.data_directory)
    control = await backends.open_control(settings)
    stack.push_async_callback(control.close)
    missing = await control.missing_migrations()
    if missing:
        raise SchemaMismatch(f"the control database lacks {', '.join(missing)}: run `meridian db migrate`")
    engine = await backends.open_engine(settings, place)
    stack.push_async_callback(engine.close)
    for space in place.spaces:
        await require(engine, space, MIGRATIONS)
    await backends.require_durable_bus(settings)
    bus = await brokers.open_bus(settings)
    stack.push_async_callback(bus.close)
    await bus.prepare(STREAMS, CONSUMERS)
    network = await _network(settings, stack)
    return Parts(
        settings=settings,
        place=place,
        engine=engine,
        bus=bus,
        network=network,
        objects=backends.open_objects(settings),
        control=control,
        ring=backends.open_ring(settings),
    )


async def _network(settings: Settings, stack: AsyncExitStack) -> Network:
    """Only the own broker has to be there: what is meant for others waits in it."""
    sender = await brokers.open_sender(settings)
    stack.push_async_callback(sender.close)
    peers = tuple(Region(name) for name in sorted(settings.federation.peers)) if settings.federation else ()
    network = Network(
        region=brokers.own_region(settings),
        peers=peers,
        sender=sender,
        open_receiver=partial(brokers.open_receiver, settings),
        keys=brokers.federation_keys(settings),
        beacon_every_s=settings.federation.beacon_every_s if settings.federation else BEACON_EVERY_S,
    )
    await sender.prepare(network.destinations)
    return network


@dataclass(frozen=True, slots=True)
class Work:
    """What a node does unasked; `purpose` is what it reads personal data for, None where it reads none."""

    name: str
    purpose: Purpose | None
    run: Callable[[], Coroutine[None, None, None]]


def _work(container: Container) -> list[Work]:
    return [
        Work("relay", Purpose.ACCOUNT, container.relay.run),
        Work("imports", Purpose.ANALYSIS, container.workouts.import_worker().run),
        Work("history", Purpose.ANALYSIS, container.workouts.history_worker().run),
        Work("rights", Purpose.ACCOUNT, container.rights.worker.run),
        Work("retention", Purpose.ACCOUNT, container.rights.retention.work),
        Work("errands", None, container.workouts.run_errands),
        Work("changes", None, container.stores.changes.run),
        Work("uses", None, container.stores.uses.run),
        Work("sweep", Purpose.ACCOUNT, lambda: _sweep(container)),
        Work("law", None, lambda: _follow_law(container)),
        Work("expiry", None, lambda: _expire(container)),
        *(Work(name, None, run) for name, run in container.federation.works().items()),
    ]


async def _kept(work: Work) -> None:
    """Begin *work* again when it fails: a node without its workers would take files and never read them."""
    while True:
        try:
            await work.run()
        except Exception as fault:  # noqa: BLE001 - whatever it was, others wait for this work
            report("a worker is started again", fault)
        await asyncio.sleep(WORK_AGAIN_AFTER_S)


async def _sweep(container: Container) -> None:
    """Publish what the hand-over lost, and queue again what the queue lost."""
    while True:
        try:
            await container.refresh_tenants()
            await container.relay.sweep()
            await _requeue(container)
        except Exception as fault:  # noqa: BLE001 - whatever it was, the next sweep is needed all the more
            report("sweep is tried again", fault)
        await asyncio.sleep(SWEEP_EVERY_S)


async def _follow_law(container: Container) -> None:
    """Hear of a pack before its instant: well within `pack_proofs.LEAD`."""
    while True:
        await asyncio.sleep(LAW_EVERY_S)
        try:
            await container.active_packs.refresh()
        except ControlUnavailable as fault:
            report("the law in force stays as it was read last", fault)


async def _expire(container: Container) -> None:
    """Remove what has outlived its time, table by table."""
    while True:
        await asyncio.sleep(EXPIRE_EVERY_S)
        for space in container.parts.place.spaces:
            for table in TABLES:
                if (table.ttl_s or table.timed) and table.space is kind_of(space):
                    await container.parts.engine.expire(space, table)


async def _requeue(container: Container) -> None:
    """One attempt for each `requeue_after_s` of age: the broker keeps the same attempt once."""
    after_s = container.parts.settings.imports.requeue_after_s
    async for pointer in container.outboxes.open_work():
        attempt = int((time.time() - pointer.made_at.timestamp()) / after_s)
        if attempt > 0 or pointer.type == STANDING_WORK:
            await container.workouts.hurry(pointer, f"-{attempt}" if attempt else "")
