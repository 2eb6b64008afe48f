"""What commands on people's data share: the stores of a node, and who of the staff is working with them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from cli.control_session import caller, exit_statuses, utc_now
from cli.exit_codes import ExitCode
from cli.output import stderr
from locales.translator import translator_for
from policies.engine import Engine
from policies.vocabulary import Purpose
from region_node import backends
from region_node.active_packs import law_at
from region_node.consent_wiring import ConsentParts
from region_node.control.act_errors import ActRefused
from region_node.control.audit import AuditLog
from region_node.control.database import ControlDatabase, ControlUrlError
from region_node.control.operators import OperatorRegistry
from region_node.control.pack_versions import PackVersions
from region_node.control.records import AuditEntry, Operator, Outcome, Role
from region_node.control.store import ControlStore
from region_node.control.tenants import DEFAULT_TENANT
from region_node.errors import NotFound, Problem, ReadAgain, TryLater
from region_node.ids import jurisdiction_of
from region_node.rulings.access import MAX_REASON_LENGTH, Reader, StaffAccess
from region_node.rulings.uses import Use
from region_node.rulings.wording import REASON_TEXTS
from region_node.settings import Settings
from region_node.storage.errors import StorageError
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy
from region_node.stores import NotHeldHere, Stores

T = TypeVar("T")
STAFF = frozenset({Role.OPERATOR, Role.COMPLIANCE_OFFICER})

Person = Annotated[str, typer.Argument(help="A person's id, such as eu_01k...", metavar="PERSON")]
TenantOption = Annotated[str, typer.Option("--tenant", help="The tenant whose person it is.")]


def _reason(value: str) -> str:
    if not 0 < len(value) <= MAX_REASON_LENGTH:
        raise typer.BadParameter(f"1 to {MAX_REASON_LENGTH} characters are needed")
    return value


Why = Annotated[
    str,
    typer.Option("--why", callback=_reason, help="The case that makes it needed; the person can see it."),
]
TENANT = DEFAULT_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores of one node, opened beside it or while it is stopped."""

    settings: Settings
    stores: Stores
    control: ControlDatabase
    consent: ConsentParts

    async def staff(self, token_file: Path, action: str) -> Operator:
        """The operator who calls.

        Raises:
            ActRefused: nobody's token, or of somebody who may not work with people's data.
        """
        operator = await caller(OperatorRegistry(self.control, clock=utc_now), token_file, action=action)
        if not operator.roles & STAFF:
            await self.audit(operator, action, "", Outcome.REFUSED)
            raise ActRefused(f"only one who is {' or '.join(sorted(STAFF))} may do this")
        return operator

    async def audit(self, operator: Operator, action: str, target: str, outcome: Outcome) -> None:
        entry = AuditEntry(
            at=utc_now(), operator_id=operator.id, action=action, target=target, outcome=outcome
        )
        await AuditLog(self.control).append(entry)

    @asynccontextmanager
    async def recorded(self, operator: Operator, action: str, target: str) -> AsyncIterator[None]:
        """Audit how the work inside ended, done or refused."""
        try:
            yield
        except (Problem, RefusedByPolicy, PersonKeyGone, NotHeldHere):
            await self.audit(operator, action, target, Outcome.REFUSED)
            raise
        await self.audit(operator, action, target, Outcome.DONE)

    async def look(self, token_file: Path, action: str, whose: tuple[str, str], why: str) -> Operator:
        """Record, before anything is shown or done, that staff work with somebody's data, and why.

        Whose it was stands among that person's data alone; the operators' audit has tenant and jurisdiction.
        *whose* is tenant and person. Raises as `staff`, and NotFound where there is no such person.
        """
        operator = await self.staff(token_file, action)
        tenant, person_id = whose
        await self.consent.ledger.standing(tenant, person_id)
        use = Use(purpose=Purpose.ACCOUNT, categories=(), reader=Reader.STAFF, rights=True, rules=())
        access = StaffAccess(operator_id=operator.id, why=why)
        await self.stores.uses.record_staff(tenant, person_id, access, use)
        await self.audit(operator, action, f"{tenant}/{jurisdiction_of(person_id)}", Outcome.DONE)
        return operator

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What the API would answer with a problem ends the command, in words and with its exit status."""
        try:
            yield
        except RefusedByPolicy as refused:
            ruling = refused.refusal.ruling
            reasons = [translator_for("en").text(REASON_TEXTS[reason]) for reason in ruling.reasons]
            raise _ended(" ".join([*reasons, *ruling.articles]), ExitCode.REFUSED) from None
        except NotFound as problem:
            raise _ended(_told(problem), ExitCode.NOT_FOUND) from None
        except ReadAgain as problem:
            status = ExitCode.CONFLICT if problem.extra else ExitCode.REFUSED
            raise _ended(_told(problem), status) from None
        except TryLater as problem:
            raise _ended(_told(problem), ExitCode.REFUSED) from None


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Open the stores that *settings* name. Raises what opening a node does."""
    async with AsyncExitStack() as stack:
        place = backends.geography(settings)
        control = await backends.open_control(settings)
        stack.push_async_callback(control.close)
        if await control.missing_migrations():
            raise ControlUrlError("the control database lacks tables: run meridian db migrate")
        engine = await backends.open_engine(settings, place)
        stack.push_async_callback(engine.close)
        ring = backends.open_ring(settings)
        law = await law_at(PackVersions(control), await ControlStore(control).region_keys(), utc_now())
        rules = Engine(law.packs)
        stores = Stores(engine, ring, place.held, law=lambda: rules, region=settings.node.region)
        consent = ConsentParts(
            stores=stores,
            engine=lambda: rules,
            region=settings.node.region,
            ring=ring,
        )
        yield Desk(settings=settings, stores=stores, control=control, consent=consent)


def at_desk(settings: Settings, work: Callable[[Desk], Awaitable[T]]) -> T:
    """Run *work* on the stores of a node; what goes wrong ends the command with its exit status."""

    async def opened() -> T:
        async with open_desk(settings) as desk:
            return await work(desk)

    with exit_statuses():
        try:
            return asyncio.run(opened())
        except (NotFound, PersonKeyGone, NotHeldHere):
            raise _ended("there is no such person here, or they were erased", ExitCode.NOT_FOUND) from None
        except StorageError as fault:
            raise _ended(str(fault), ExitCode.UNREACHABLE) from None


def require_person(person_id: str) -> str:
    """Return the jurisdiction of a person's id, or end the command: it is no id."""
    try:
        return jurisdiction_of(person_id)
    except ValueError:
        raise _ended("a person's id is needed, such as eu_01k...", ExitCode.USAGE) from None


def _told(problem: Problem) -> str:
    text = translator_for("en").text
    parts = [text(problem.title)] + ([text(problem.detail, **problem.params)] if problem.detail else [])
    return ". ".join(part.rstrip(".") for part in parts)


def _ended(text: str, status: ExitCode) -> typer.Exit:
    stderr.print(text, markup=False)
    return typer.Exit(status)
