"""The parts of rights at an officer's desk; what was approved there is carried out by the running node."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import typer

from cli.node_desk import Desk
from cli.output import stderr
from region_node import backends
from region_node.control.tenants import TenantStore
from region_node.features.accounts.closing import AccountCloser
from region_node.features.accounts.store import AccountStore
from region_node.features.rights.model import MAX_REASON_CHARS
from region_node.features.rights.officers import Officer
from region_node.rights_wiring import RightsParts, terms_of
from region_node.security.passwords import Passwords
from region_node.security.private_files import read_private
from region_node.storage.outbox import Pointer
from region_node.throttle import SignInThrottle


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
