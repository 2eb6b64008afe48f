"""`meridian incident`: who has to be told of a breach, by when, and what has been told already."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.control_session import ControlUrl, TokenFile, default_control_url, utc_now
from cli.exit_codes import ExitCode
from cli.incident_facts import breach_law, people_in_stores
from cli.incident_notices import draft
from cli.incident_session import impersonal, instant, on_incidents, own_statuses
from cli.incident_views import document, opened_document, show
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import settings_or_exit
from locales.supported import SUPPORTED
from policies.breaches import Deadline, Recipient, State, schedule
from policies.vocabulary import DataCategory, Jurisdiction
from region_node import backends
from region_node.control.incidents import (
    Incident,
    IncidentNotFound,
    IncidentStore,
    Notice,
    Opened,
    act,
    new_incident_id,
)
from region_node.control.records import Operator

app = typer.Typer(no_args_is_help=True, help="Record breaches, count who is affected, keep the deadlines.")

Output = Annotated[OutputFormat, typer.Option(help="text for people, json or yaml for programs.")]
IncidentId = Annotated[str, typer.Argument(help="As `incident list` shows it.", metavar="INCIDENT")]


At = Annotated[
    datetime | None, typer.Option("--at", parser=instant, help="Look at it from this instant; else from now.")
]


@app.callback()
def incident(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", envvar="MERIDIAN_CONFIG", help="Settings file that names the stores."),
    ] = None,
) -> None:
    """The control database is the one of --config, unless --control-url names another."""
    ctx.obj = settings_or_exit(config) if config else None
    if ctx.obj is not None:
        default_control_url(ctx, backends.control_url(ctx.obj))


@app.command("open")
def open_incident(
    what: Annotated[
        str, typer.Argument(help="What happened, in a sentence about no person.", parser=impersonal)
    ],
    discovered_at: Annotated[
        datetime, typer.Option(parser=instant, help="When it became known; the times run from here.")
    ],
    token_file: TokenFile,
    control_url: ControlUrl,
    store: Annotated[
        list[str],
        typer.Option(help="What was touched: a jurisdiction's space (eu), snapshots, ...; repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    tenant: Annotated[list[str], typer.Option(help="A tenant that is affected; repeatable, else all.")] = [],  # noqa: B006 - as above
    category: Annotated[list[DataCategory], typer.Option(help="A kind of data; repeatable.")] = [],  # noqa: B006 - as above
    drill: Annotated[bool, typer.Option("--drill", help="An exercise; marked so everywhere.")] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Record that something happened. Nothing personal goes into it.

    Example: meridian incident open "a disk was stolen" --discovered-at 2026-11-21T14:30:00Z --drill
    """

    async def work(operator: Operator, store_of: IncidentStore) -> Opened:
        opened = Opened(
            id=new_incident_id(),
            what=what,
            drill=drill,
            discovered_at=discovered_at,
            opened_at=utc_now(),
            opened_by=operator.id,
            stores=tuple(store),
            tenants=tuple(tenant),
            categories=frozenset(category),
        )
        await store_of.open(opened)
        return opened

    opened = on_incidents(control_url, token_file, "incident.open", work)
    if output is OutputFormat.TEXT:
        stdout.print(opened.id)
    else:
        emit(opened_document(opened), output)


@app.command("list")
def list_incidents(
    token_file: TokenFile, control_url: ControlUrl, output: Output = OutputFormat.TEXT
) -> None:
    """The last incidents, newest first.

    Example: meridian incident list --output json
    """

    async def work(_: Operator, store: IncidentStore) -> tuple[Opened, ...]:
        return await store.all()

    found = on_incidents(control_url, token_file, "incident.list", work)
    if output is not OutputFormat.TEXT:
        emit([opened_document(one) for one in found], output)
        return
    table = Table("incident", "known since", "what")
    for one in found:
        drill = "DRILL " if one.drill else ""
        table.add_row(one.id, f"{one.discovered_at:%Y-%m-%d %H:%M}Z", escape(f"{drill}{one.what}"))
    stdout.print(table)


@app.command()
def assess(
    ctx: typer.Context,
    incident_id: IncidentId,
    token_file: TokenFile,
    control_url: ControlUrl,
    count: Annotated[
        list[str], typer.Option(help="JURISDICTION=PEOPLE, where the stores cannot be counted; repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    establishment: Annotated[str, typer.Option(help="EEA state of the main establishment: IE.")] = "",
    at: At = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Count who is affected, by jurisdiction, and list whom to tell by when.

    Counts the people in the stores of --config, of the tenants and jurisdictions that the incident names.
    Exits 1 when a deadline has passed, 4 for an unknown incident.

    Example: meridian incident assess 01kan8m3x2 --count eu=1200 --count br=300 --establishment IE
    """
    stated, law = dict(_count(text) for text in count), breach_law()
    if not stated and ctx.obj is None:
        raise typer.BadParameter("say --count, or the settings of the stores with `incident --config`")

    async def work(operator: Operator, store: IncidentStore) -> Incident:
        opened = (await store.get(incident_id)).opened
        spaces = set(opened.stores) & {str(code) for code in law.packs.by_jurisdiction}
        people = stated or await people_in_stores(ctx.obj, opened.tenants, spaces)
        entry = act(operator.id, "incident.assess", incident_id, utc_now())
        await store.assess(incident_id, people, establishment.upper(), entry)
        return await store.get(incident_id)

    _tell(on_incidents(control_url, token_file, "incident.assess", work), at, output)


@app.command()
def timeline(
    incident_id: IncidentId,
    token_file: TokenFile,
    control_url: ControlUrl,
    at: At = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Every notice that is due, the next one first, and what is late.

    Exits 1 when a deadline has passed, 4 for an unknown incident, 5 before its assessment.

    Example: meridian incident timeline 01kan8m3x2 --output json
    """

    async def work(_: Operator, store: IncidentStore) -> Incident:
        return await store.get(incident_id)

    _tell(on_incidents(control_url, token_file, "incident.timeline", work), at, output)


@app.command()
def notify(
    incident_id: IncidentId,
    jurisdiction: Annotated[str, typer.Option(help="Whose law asks for it.")],
    recipient: Annotated[Recipient, typer.Option(help="Whom it goes to.")],
    token_file: TokenFile,
    control_url: ControlUrl,
    language: Annotated[str, typer.Option(help=f"Of the text: {', '.join(SUPPORTED)}.")] = "en",
    contact: Annotated[str, typer.Option(help="Who answers questions: an office, not a person.")] = "",
    sent_at: Annotated[
        datetime | None, typer.Option(parser=instant, help="When it went, if not now.")
    ] = None,
    reference: Annotated[str, typer.Option(help="The authority's number for it.", parser=impersonal)] = "",
    draft_only: Annotated[bool, typer.Option("--draft", help="Show the text and record nothing.")] = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show the text of a notice, and record that it went. Nothing is sent from here.

    Exits 4 for an incident or a notice that there is none of, 5 before the assessment.

    Example: meridian incident notify 01kan8m3x2 --jurisdiction br --recipient authority --draft
    """
    if language not in SUPPORTED:
        raise typer.BadParameter(f"texts are in {', '.join(SUPPORTED)}")

    async def work(operator: Operator, store: IncidentStore) -> tuple[Opened, Deadline]:
        found = await store.get(incident_id)
        deadline = _of(_deadlines(found, utc_now()), jurisdiction, recipient)
        if not draft_only:
            now = utc_now()
            notice = Notice(
                jurisdiction=Jurisdiction(jurisdiction),
                recipient=recipient,
                sent_at=sent_at or now,
                reference=reference,
            )
            await store.notified(incident_id, notice, act(operator.id, "incident.notify", incident_id, now))
        return found.opened, deadline

    opened, deadline = on_incidents(control_url, token_file, "incident.notify", work)
    text = draft(opened, deadline, language=language, contact=contact)
    if output is OutputFormat.TEXT:
        stdout.print(f"{text.subject}\n\n{text.body}", markup=False, soft_wrap=True)
        stderr.print("not recorded: it is a draft" if draft_only else "recorded")
    else:
        emit({"subject": text.subject, "body": text.body, "recorded": not draft_only}, output)


def _deadlines(found: Incident, now: datetime) -> tuple[Deadline, ...]:
    return schedule(found.affected(), breach_law(), found.told, now=now)


def _of(deadlines: tuple[Deadline, ...], jurisdiction: str, recipient: Recipient) -> Deadline:
    for one in deadlines:
        if (one.jurisdiction, one.recipient) == (jurisdiction, recipient):
            return one
    raise IncidentNotFound(
        f"no notice to {recipient} is due in {jurisdiction}: see meridian incident timeline"
    )


def _tell(found: Incident, at: datetime | None, output: OutputFormat) -> None:
    now = at or utc_now()
    with own_statuses():
        deadlines = _deadlines(found, now)
    if output is OutputFormat.TEXT:
        show(found, deadlines, now)
    else:
        emit(document(found, deadlines, now), output)
    if any(one.state is State.LATE for one in deadlines):
        raise typer.Exit(ExitCode.DIFFERENCES)


def _count(text: str) -> tuple[str, int]:
    jurisdiction, _, people = text.partition("=")
    if jurisdiction not in breach_law().authorities or not people.isdecimal():
        raise typer.BadParameter(f"{text!r} is not JURISDICTION=PEOPLE of a jurisdiction with a pack")
    return jurisdiction, int(people)
