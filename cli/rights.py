"""`meridian rights`: what people ask for by right, worked through by officers against its deadline."""

from pathlib import Path
from typing import Annotated

import typer

from cli import rights_approving, rights_lifting
from cli.control_session import TokenFile
from cli.exit_codes import ExitCode
from cli.node_desk import TENANT, Desk, Person, TenantOption, Why, at_desk, require_person
from cli.output import OutputFormat, emit, stderr, stdout
from cli.rights_desk import Output, Reason, RequestId, as_officer, officer_of, reason_in, rights_of, shown
from cli.rights_views import (
    receipt_document,
    request_document,
    show_due,
    show_receipt,
    show_request,
)
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.backends import open_ring
from region_node.features.rights.model import (
    GUARDIAN,
    MAX_DETAILS_CHARS,
    STAFF,
    Kind,
    Request,
)
from region_node.features.rights.officers import Officer
from region_node.features.rights.request_ids import jurisdiction_of_request
from region_node.features.rights.service import Asked
from region_node.features.rights.store import Due, Proof
from region_node.security.private_files import read_private
from region_node.security.signed_documents import SignatureBroken
from region_node.security.signing_keys import jwks_document

app = typer.Typer(no_args_is_help=True, help="Work through what people ask for by right.")
app.add_typer(rights_lifting.commands)
app.add_typer(rights_approving.commands)


@app.command(
    "open", epilog="Example: meridian rights open eu_01kb3x access --why letter-17 --config node.toml"
)
def open_request(
    *,
    person: Person,
    kind: Annotated[Kind, typer.Argument(help="Which right.")],
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    guardian: Annotated[str, typer.Option(help="Id of the guardian who asks for a child.")] = "",
    details_file: Annotated[Path | None, typer.Option(help="What was asked, in a file of mode 0600.")] = None,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Take in a request that came by letter, mail or telephone; the clock of the law starts.

    Exits 4 where there is no such person: nothing is ever reported as done for somebody unknown. Exits 3
    where the guardian is none of this person's, 5 where a request of the kind is under way.
    """
    require_person(person)
    details = read_private(details_file).decode(errors="replace") if details_file else ""
    if len(details) > MAX_DETAILS_CHARS:
        raise typer.BadParameter(f"at most {MAX_DETAILS_CHARS} characters of details")

    async def work(desk: Desk) -> Request:
        with desk.refusals():
            operator = await desk.look(token_file, "rights.open", (tenant, person), why)
            standing = await desk.consent.ledger.standing(tenant, person)
            if guardian and standing.guardian_id != guardian:
                stderr.print("this person has no such guardian", markup=False)
                raise typer.Exit(ExitCode.REFUSED)
            channel, asker = (GUARDIAN, guardian) if guardian else (STAFF, operator.id)
            asked = Asked(person_id=person, kind=kind, asked_by=asker, channel=channel, details=details)
            return await officer_of(desk, tenant, operator.id).open(asked)

    shown(at_desk(settings_or_exit(config), work), output)


@app.command("list", epilog="Example: meridian rights list eu 2027-01 --config node.toml --output json")
def list_requests(
    *,
    jurisdiction: Annotated[str, typer.Argument(help="Whose law: eu, br, us-ca, ...")],
    month: Annotated[str, typer.Argument(help="In which answers are due, such as 2027-01.")],
    config: ConfigOption,
    token_file: TokenFile,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="At most so many, the most urgent first.")
    ] = 100,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """What has to be answered in a month, and by when; names nobody."""

    async def work(officer: Officer) -> list[Due]:
        return (await officer.due(jurisdiction, month, (), limit))[0]

    found = as_officer(config, token_file, (tenant, "rights.list", jurisdiction), work)
    show_due(found) if output is OutputFormat.TEXT else emit(found, output)


@app.command(epilog="Example: meridian rights show rq-eu-01kb3x --why case-17 --config node.toml")
def show(
    *,
    request: RequestId,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Where a request stands, and what the person wrote. The look is recorded, and the person can see it."""

    async def work(desk: Desk) -> tuple[Request, str]:
        with desk.refusals():
            operator = await desk.staff(token_file, "rights.show")
            found, details = await officer_of(desk, tenant, operator.id).show(request)
            await desk.look(token_file, "rights.show", (tenant, found.person_id), why)
            return found, details

    found, details = at_desk(settings_or_exit(config), work)
    document = request_document(found, details)
    show_request(document) if output is OutputFormat.TEXT else emit(document, output)


@app.command("verify-identity", epilog="Example: meridian rights verify-identity rq-eu-01kb3x --how passport")
def verify_identity(
    *,
    request: RequestId,
    how: Annotated[str, typer.Option(help="By what, such as passport or call-back; names nobody.")],
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Note how it was made sure who asks; a clock that stood still meanwhile runs on."""
    whose = (tenant, "rights.verify-identity", request)
    shown(
        as_officer(config, token_file, whose, lambda officer: officer.verify_identity(request, how)), output
    )


@app.command(epilog="Example: meridian rights complete rq-eu-01kb3x --config node.toml")
def complete(
    *,
    request: RequestId,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Note that an approved request was carried out; erasures and archives complete themselves."""
    whose = (tenant, "rights.complete", request)
    shown(as_officer(config, token_file, whose, lambda officer: officer.complete(request)), output)


@app.command(epilog="Example: meridian rights refuse rq-eu-01kb3x --reason-file reason.txt")
def refuse(
    *,
    request: RequestId,
    reason_file: Reason,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Refuse a request; the person reads the reason."""
    reason = reason_in(reason_file)
    whose = (tenant, "rights.refuse", request)
    shown(as_officer(config, token_file, whose, lambda officer: officer.refuse(request, reason)), output)


@app.command(epilog="Example: meridian rights extend rq-eu-01kb3x --reason-file reason.txt")
def extend(
    *,
    request: RequestId,
    reason_file: Reason,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Move a deadline, once, by what law allows there; the person reads the reason. Exits 3 where none is."""
    reason = reason_in(reason_file)
    whose = (tenant, "rights.extend", request)
    shown(as_officer(config, token_file, whose, lambda officer: officer.extend(request, reason)), output)


@app.command(epilog="Example: meridian rights hold eu_01kb3x --why court-order-9 --config node.toml")
def hold(
    *,
    person: Person,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    release: Annotated[bool, typer.Option("--release", help="End the hold.")] = False,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Put a person's data under a legal hold, or end it: nothing of it is erased while it stands."""
    require_person(person)

    async def work(desk: Desk) -> None:
        with desk.refusals():
            operator = await desk.look(token_file, "rights.hold", (tenant, person), why)
            await rights_of(desk).service.protections.hold(tenant, person, operator.id, stands=not release)

    at_desk(settings_or_exit(config), work)
    if output is OutputFormat.TEXT:
        stdout.print("the hold has ended" if release else "the hold stands", markup=False)
    else:
        emit({"person": person, "legal_hold": not release}, output)


@app.command(epilog="Example: meridian rights receipt rq-eu-01kb3x --config node.toml --output json")
def receipt(
    *,
    request: RequestId,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """The signed receipt of an erasure, verified with this node's keys.

    Exits 4 while there is none, 1 when the signature does not verify.
    """
    settings = settings_or_exit(config)

    async def work(officer: Officer) -> Proof | None:
        return await officer.service.rights(tenant, jurisdiction_of_request(request)).proof(request)

    proof = as_officer(config, token_file, (tenant, "rights.receipt", request), work)
    try:
        jwks = jwks_document(open_ring(settings).signing_keys())
        found = receipt_document(proof, jwks) if proof else None
    except SignatureBroken as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.DIFFERENCES) from None
    if found is None:
        stderr.print("there is no receipt of this request", markup=False)
        raise typer.Exit(ExitCode.NOT_FOUND)
    show_receipt(found) if output is OutputFormat.TEXT else emit(found, output)
