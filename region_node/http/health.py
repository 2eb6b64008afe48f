"""Whether this process lives, whether it should get requests, and its metrics."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import structlog

from policies.vocabulary import Purpose
from region_node.control.records import Role
from region_node.errors import Unavailable
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    Media,
    OperatorAccess,
    Placement,
    Public,
    PublicReason,
    RateClass,
    RouteSpec,
    route,
)
from region_node.http.ports import Probe
from region_node.observability.metrics import PLAIN_CONTENT_TYPE, Metrics

DRAINING = "draining"

log = structlog.get_logger()


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """`notes` name what an operator has to look at while the node serves on; nothing personal."""

    status: str
    notes: tuple[str, ...] = ()


class NotReady(Unavailable):
    code = "not_ready"
    status = 503
    title = Unavailable.title


class Readiness:
    """Asks all probes at once; each has its own time limit."""

    def __init__(self, probes: Sequence[Probe], notes: Callable[[], tuple[str, ...]] = tuple) -> None:
        self._probes = tuple(probes)
        self.notes = notes
        self._draining = False

    def drain(self) -> None:
        """Not ready from now on: the process is about to stop."""
        self._draining = True

    async def missing(self) -> list[str]:
        """The names of what is not ready; empty when requests are welcome."""
        if self._draining:
            return [DRAINING]
        answers = await asyncio.gather(*(_holds(probe) for probe in self._probes))
        return [probe.name for probe, holds in zip(self._probes, answers, strict=True) if not holds]


async def _holds(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(probe.timeout_s):
            await probe.check()
    except Exception as fault:
        log.warning("a probe failed", probe=probe.name, exc_info=fault)
        return False
    return True


class HealthRoutes:
    """These answer at any host name: who asks is an orchestrator, not a tenant's person."""

    def __init__(self, readiness: Readiness, metrics: Metrics) -> None:
        self._readiness = readiness
        self._metrics = metrics

    @route(
        RouteSpec(
            method="GET",
            path="/health/live",
            operation_id="health.live",
            summary="Whether the process lives",
            placement=Placement.ANY,
            access=Public(PublicReason.HEALTH),
            purpose=Purpose.SECURITY,
            responses={200: Health},
            problems=(),
            rate=RateClass.NONE,
            any_host=True,
            tags=("health",),
        )
    )
    async def live(self, _call: Call) -> Health:
        return Health(status="live")

    @route(
        RouteSpec(
            method="GET",
            path="/health/ready",
            operation_id="health.ready",
            summary="Whether the node should get requests",
            placement=Placement.ANY,
            access=Public(PublicReason.HEALTH),
            purpose=Purpose.SECURITY,
            responses={200: Health},
            problems=(NotReady,),
            rate=RateClass.NONE,
            any_host=True,
            tags=("health",),
        )
    )
    async def ready(self, _call: Call) -> Health:
        missing = await self._readiness.missing()
        if missing:
            raise NotReady(retry_after_s=5, extra={"not_ready": missing})
        return Health(status="ready", notes=self._readiness.notes())

    @route(
        RouteSpec(
            method="GET",
            path="/metrics",
            operation_id="metrics",
            summary="Metrics of this node for Prometheus",
            placement=Placement.ANY,
            access=OperatorAccess(Role.OPERATOR),
            purpose=Purpose.SECURITY,
            responses={200: Media("text/plain")},
            problems=(),
            rate=RateClass.NONE,
            any_host=True,
            tags=("health",),
        )
    )
    async def metrics(self, _call: Call) -> Reply:
        return Reply(self._metrics.exposition(), headers={"content-type": PLAIN_CONTENT_TYPE})
