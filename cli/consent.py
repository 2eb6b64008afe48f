"""`meridian consent`: the ledger of a person's consents, read, answered for, and proved."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from cli.consent_checks import Checked, check
from cli.consent_views import (
    History,
    NoticeDocument,
    RecordedDocument,
    StandingDocument,
    entry_document,
    export_document,
    show_checked,
    show_history,
    show_notice,
    show_recorded,
    show_standing,
    standing_document,
)
from cli.control_session import TokenFile, exit_statuses
from cli.exit_codes import ExitCode
from cli.node_desk import TENANT, Desk, Person, TenantOption, Why, at_desk, require_person
from cli.output import OutputFormat, emit, stderr
from cli.settings_option import ConfigOption, settings_or_exit
from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.model import MAX_RECIPIENT_CHARS, Method
from region_node.features.consent.notices import shipped_notices
from region_node.security.private_files import create_private
from region_node.storage.schema import Order

app = typer.Typer(no_args_is_help=True, help="Read, answer for and prove people's consents.")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]
Wanted = Annotated[Purpose, typer.Argument(help="What the data is wanted for.", metavar="PURPOSE")]
Category = Annotated[
    DataCategory | None, typer.Option("--category", help="One category of data, where it is asked apart.")
]


def _recipient(value: str) -> str:
    if len(value) > MAX_RECIPIENT_CHARS:
        raise typer.BadParameter(f"at most {MAX_RECIPIENT_CHARS} characters")
    return value


Recipient = Annotated[str, typer.Option(callback=_recipient, help="One recipient, if the consent names one.")]


@app.command(epilog="Example: meridian consent show eu_01kb3x --why case-17 --config node.toml")
def show(
    person: Person,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """What a person can be asked for, what law says of it there, and how they stand to it.

    The look is recorded, and the person can see it. Exits 4 where there is no such person.
    """
    require_person(person)

    async def work(desk: Desk) -> StandingDocument:
        await desk.look(token_file, "consent.show", (tenant, person), why)
        standing, view = await desk.consent.service.overview(tenant, person, "en")
        return standing_document(tenant, standing, view)

    document = at_desk(settings_or_exit(config), work)
    show_standing(document) if output is OutputFormat.TEXT else emit(document, output)


@app.command(epilog="Example: meridian consent history eu_01kb3x --why case-17 --config node.toml")
def history(
    person: Person,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    tenant: TenantOption = TENANT,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries to show, newest first.")] = 100,
    before: Annotated[int, typer.Option(min=0, help="Only entries with lower numbers; 0 means all.")] = 0,
    output: Output = OutputFormat.TEXT,
) -> None:
    """The entries of a person's ledger: who, what, when, how, which notice in which language.

    The look is recorded, and the person can see it. Exits 4 where there is no such person.
    """
    require_person(person)

    async def work(desk: Desk) -> History:
        await desk.look(token_file, "consent.history", (tenant, person), why)
        after = (before,) if before else ()
        store = desk.consent.ledger.store(tenant, person)
        page, further = await store.page(person, limit, after, Order.DESCENDING)
        items = [entry_document(entry) for entry in page]
        return History(person=person, items=items, before=int(str(further[0])) if further else None)

    document = at_desk(settings_or_exit(config), work)
    show_history(document) if output is OutputFormat.TEXT else emit(document, output)


@app.command(epilog="Example: meridian consent export eu_01kb3x --why case-17 --file ledger.json")
def export(
    person: Person,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    tenant: TenantOption = TENANT,
    file: Annotated[Path | None, typer.Option(help="Write here (mode 0600, JSON), not to stdout.")] = None,
    output: Output = OutputFormat.JSON,
) -> None:
    """The whole ledger in one document: every entry as it was hashed, the standing, the texts of the notices.

    Whoever has the document can follow the chain without this program; it says how. The look is recorded, and
    the person can see it. Exits 4 where there is no such person, 5 where the file exists.
    """
    require_person(person)

    async def work(desk: Desk) -> dict[str, object]:
        await desk.look(token_file, "consent.export", (tenant, person), why)
        await desk.consent.ledger.standing(tenant, person)
        return await export_document(desk.consent, tenant, person)

    document = at_desk(settings_or_exit(config), work)
    if file is None:
        emit(document, output)
        return
    with exit_statuses():
        create_private(file, msgspec.json.encode(document) + b"\n")
    stderr.print(f"written to {file}", markup=False, soft_wrap=True)


@app.command(
    epilog="Example: meridian consent grant eu_01kb3x leaderboard --notice leaderboard/1/de --why form-4711"
)
def grant(
    person: Person,
    purpose: Wanted,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    notice: Annotated[str, typer.Option(help="The text that was shown: ID/VERSION/LANGUAGE.")],
    category: Category = None,
    recipient: Recipient = "",
    end_objection: Annotated[
        bool, typer.Option("--end-objection", help="The person also takes back their objection to it.")
    ] = False,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Record a consent that a person gave by another way, as on paper, with the notice that they were shown.

    Your id stands in the entry. Exits 3 where law does not take it, or where the person has objected to the
    purpose and --end-objection is not there; 4 where there is no such person or notice, 5 where the notice is
    not today's.
    """
    require_person(person)
    about = About(purpose=purpose, category=category, recipient=recipient)

    async def work(desk: Desk) -> RecordedDocument:
        operator = await desk.look(token_file, "consent.grant", (tenant, person), why)
        actor = Actor(id=operator.id, method=Method.CLI, ends_objection=end_objection)
        with desk.refusals():
            recorded = await desk.consent.service.give(tenant, person, about, notice, actor)
        return RecordedDocument.of(recorded)

    document = at_desk(settings_or_exit(config), work)
    show_recorded(document) if output is OutputFormat.TEXT else emit(document, output)


@app.command(epilog="Example: meridian consent withdraw eu_01kb3x leaderboard --why letter-12")
def withdraw(
    person: Person,
    purpose: Wanted,
    config: ConfigOption,
    token_file: TokenFile,
    why: Why,
    category: Category = None,
    recipient: Recipient = "",
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Record that a person takes a consent back, or says no; without --category, all of the purpose.

    Your id stands in the entry. Running nodes heed it within 100 ms. Exits 3 where it rests on no consent, 4
    where there is no such person.
    """
    require_person(person)
    about = About(purpose=purpose, category=category, recipient=recipient)

    async def work(desk: Desk) -> RecordedDocument:
        operator = await desk.look(token_file, "consent.withdraw", (tenant, person), why)
        actor = Actor(id=operator.id, method=Method.CLI)
        with desk.refusals():
            recorded = await desk.consent.service.withdraw(tenant, person, about, actor)
        return RecordedDocument.of(recorded)

    document = at_desk(settings_or_exit(config), work)
    show_recorded(document) if output is OutputFormat.TEXT else emit(document, output)


@app.command(epilog="Example: meridian consent notice leaderboard/1/de --sha256 5776fa4c...")
def notice(
    ref: Annotated[str, typer.Argument(help="ID/VERSION/LANGUAGE, as an entry names it.", metavar="NOTICE")],
    sha256: Annotated[str, typer.Option(help="The digest that an entry holds: compare.")] = "",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Print the exact text of a notice, of any version that was ever shown, with its digest.

    Exits 1 where --sha256 is another digest, 4 where there is no such notice.
    """
    found = shipped_notices().notice(ref)
    if found is None:
        stderr.print(f"there is no notice {ref}", markup=False)
        raise typer.Exit(ExitCode.NOT_FOUND)
    matches = found.sha256 == sha256.lower() if sha256 else None
    document = NoticeDocument(ref=found.ref, sha256=found.sha256, text=found.text, matches=matches)
    show_notice(document) if output is OutputFormat.TEXT else emit(document, output)
    if matches is False:
        raise typer.Exit(ExitCode.DIFFERENCES)


@app.command(epilog="Example: meridian consent verify eu_01kb3x --config node.toml --output json")
def verify(
    config: ConfigOption,
    person: Annotated[
        str | None, typer.Argument(help="A person's id; without one, everybody's.", metavar="[PERSON]")
    ] = None,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Follow the chain of a ledger, or of every one on this node, and name each entry that is not as written.

    Finds what was altered, removed, put in another order or inserted, and a standing that differs from what
    the entries come to. Shows nothing of what the entries say. Exits 0 where all is as written, 1 otherwise,
    4 where there is no such person.
    """
    if person is not None:
        require_person(person)

    async def work(desk: Desk) -> Checked:
        return await check(desk.consent, tenant, person)

    document = at_desk(settings_or_exit(config), work)
    show_checked(document) if output is OutputFormat.TEXT else emit(document, output)
    if document.findings:
        raise typer.Exit(ExitCode.DIFFERENCES)
