"""What commands on federation share: the parts of a node, opened beside the running one."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer

from cli.control_session import exit_statuses
from cli.exit_codes import ExitCode
from cli.node_desk import Desk
from cli.output import OutputFormat, stderr
from cli.settings_option import settings_or_exit
from federation.errors import BusError
from federation.keyring import KeyringError
from federation.peers import MilderLevel, UnknownType
from policies.documents import FaultyDocuments
from policies.vocabulary import Region
from region_node.backends import NotDurable
from region_node.control.records import Operator, Outcome
from region_node.errors import NotFound
from region_node.federation_wiring import FederationParts
from region_node.lifecycle import opened
from region_node.storage.errors import StorageError

T = TypeVar("T")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]
RegionName = Annotated[str, typer.Argument(help="A region that this node knows.", metavar="REGION")]
SomeRegion = Annotated[
    str, typer.Argument(help="A region that this node knows; all of them without it.", metavar="[REGION]")
]


class UnknownRegion(LookupError):
    pass


_STATUSES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (MilderLevel, ExitCode.CONFLICT),
    (UnknownRegion, ExitCode.NOT_FOUND),
    (NotFound, ExitCode.NOT_FOUND),
    (UnknownType, ExitCode.NOT_FOUND),
    (KeyringError, ExitCode.USAGE),
    (FaultyDocuments, ExitCode.USAGE),
    (NotDurable, ExitCode.UNREACHABLE),
    (BusError, ExitCode.UNREACHABLE),
    (StorageError, ExitCode.UNREACHABLE),
)


@dataclass(frozen=True, slots=True)
class NetworkDesk:
    desk: Desk
    federation: FederationParts

    @property
    def regions(self) -> tuple[Region, ...]:
        """Those that this node sends to, its own among them."""
        return self.federation.network.destinations

    def region(self, name: str) -> Region:
        """Raises UnknownRegion."""
        if name not in self.regions:
            known = ", ".join(self.regions)
            raise UnknownRegion(f"{name} is no region that this node knows; it knows {known}")
        return Region(name)

    async def done(self, operator: Operator, action: str, target: str) -> None:
        await self.desk.audit(operator, action, target, Outcome.DONE)


@contextmanager
def _quiet() -> Iterator[None]:
    """What the parts of a node log goes to stderr, from warnings on: stdout is for data."""
    before, configured = structlog.get_config(), structlog.is_configured()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    try:
        yield
    finally:
        if configured:
            structlog.configure(**before)
        else:
            structlog.reset_defaults()


def at_network(config: Path, work: Callable[[NetworkDesk], Awaitable[T]], *, law: bool = False) -> T:
    """Run *work* beside the node of *config*; what goes wrong ends the command with its exit status.

    With *law* it can ask for rulings.
    """
    settings = settings_or_exit(config)

    async def connected() -> T:
        async with opened(settings, law=law) as container:
            desk = Desk(
                settings=settings,
                stores=container.stores,
                control=container.parts.control,
                consent=container.consent,
            )
            return await work(NetworkDesk(desk, container.federation))

    with exit_statuses(), _quiet():
        try:
            return asyncio.run(connected())
        except tuple(kind for kind, _ in _STATUSES) as fault:
            stderr.print(str(fault) or "there is no such person here", markup=False, soft_wrap=True)
            raise typer.Exit(next(status for kind, status in _STATUSES if isinstance(fault, kind))) from None
