"""What the commands on rights share: their parts at an officer's desk, and how a step is taken and audited.

What was approved there is carried out by the running node.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from cli.node_desk import Desk, at_desk
from cli.output import OutputFormat, emit, stderr
from cli.rights_views import request_document, show_request
from cli.settings_option import settings_or_exit
from region_node import backends
from region_node.control.tenants import TenantStore
from region_node.features.accounts.closing import AccountCloser
from region_node.features.accounts.store import AccountStore
from region_node.features.rights.model import MAX_REASON_CHARS, Request
from region_node.features.rights.officers import Officer
from region_node.features.rights.request_ids import is_request_id
from region_node.rights_wiring import RightsParts, terms_of
from region_node.security.passwords import Passwords
from region_node.security.private_files import read_private
from region_node.storage.outbox import Pointer
from region_node.throttle import SignInThrottle

T = TypeVar("T")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]
RequestId = Annotated[str, typer.Argument(help="Id of the request, such as rq-eu-01k...", metavar="REQUEST")]
Reason = Annotated[
    Path, typer.Option("--reason-file", help="A file (mode 0600) with the reason, for the person.")
]


def officer_of(desk: Desk, tenant: str, operator_id: str) -> Officer:
    return rights_of(desk).officer(tenant, operator_id)


def rights_of(desk: Desk, tenants: Sequence[str] = ()) -> RightsParts:
    """*tenants* are those that jobs over everybody go through."""
    settings = desk.settings
    closer = AccountCloser(
        sign_ins=lambda tenant, jurisdiction: AccountStore(desk.stores.unruled(tenant, jurisdiction)),
        passwords=Passwords(),
        throttle=SignInThrottle(settings.http.sign_ins_per_minute),
    )
    return RightsParts(
        stores=desk.stores,
        packs=lambda: desk.consent.engine().packs,
        ring=backends.open_ring(settings),
        objects=backends.open_objects(settings),
        accounts=closer,
        consent=desk.consent,
        announce=_left_to_the_sweep,
        tenants=lambda: tenants,
        region=settings.node.region,
        terms=terms_of(settings.rights),
        archives_kept=timedelta(days=settings.rights.archive_days),
        lifting_notice=timedelta(days=settings.rights.lifting_notice_days),
        log=lambda event, _fault: stderr.print(event, markup=False),
    )


async def all_tenants(desk: Desk) -> list[str]:
    return [tenant.id for tenant in await TenantStore(desk.control).all()]


def _left_to_the_sweep(_: Pointer) -> None:
    """The running node finds it in the outbox."""


def reason_in(path: Path) -> str:
    """Reasons speak of people: they come from a private file, never from an argument that others can see."""
    text = read_private(path).decode(errors="replace").strip()
    if not 0 < len(text) <= MAX_REASON_CHARS:
        raise typer.BadParameter(f"{path}: 1 to {MAX_REASON_CHARS} characters are expected")
    return text


def as_officer(
    config: Path, token_file: Path, whose: tuple[str, str, str], work: Callable[[Officer], Awaitable[T]]
) -> T:
    """Run *work* as the caller, and audit how it ended.

    *whose* is the tenant, the action, and the request or jurisdiction that it is about.
    """
    return with_parts(config, token_file, whose, lambda _parts, officer: work(officer))


def with_parts(
    config: Path,
    token_file: Path,
    whose: tuple[str, str, str],
    work: Callable[[RightsParts, Officer], Awaitable[T]],
) -> T:
    """As `as_officer`, for steps that are not the officer's alone."""
    tenant, action, about = whose

    async def at(desk: Desk) -> T:
        with desk.refusals():
            operator = await desk.staff(token_file, action)
            async with desk.recorded(operator, action, audited(desk, tenant, about)):
                parts = rights_of(desk)
                return await work(parts, parts.officer(tenant, operator.id))

    return at_desk(settings_or_exit(config), at)


def audited(desk: Desk, tenant: str, about: str) -> str:
    """What an audit entry names: a request or a jurisdiction, never what else an argument may hold."""
    return f"{tenant}/{about}" if is_request_id(about) or about in desk.stores.held else tenant


def shown(request: Request, output: OutputFormat) -> None:
    document = request_document(request)
    show_request(document) if output is OutputFormat.TEXT else emit(document, output)
