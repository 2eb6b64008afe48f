"""`meridian policy records`: the record of processing, the register of transfers, thresholds by people."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli import policy_facts as ask
from cli.control_session import exit_statuses
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stdout
from cli.policy_control import PolicyConfig, law_of
from cli.policy_views import RECALL_MARK, RECALL_NOTE, Output
from cli.settings_option import settings_or_exit
from policies.dpv import register_document
from policies.pack import PackSet
from policies.sections import RetentionRule
from policies.thresholds import Threshold
from policies.vocabulary import Basis, Jurisdiction
from region_node import inventory
from region_node.packs import shipped_thresholds
from region_node.regions import Regions
from region_node.register import Activity, TransferLine, activities, transfers
from region_node.touched import count_people

commands = typer.Typer()
People = dict[Jurisdiction, int]
SUBJECTS = "people with an account: athletes"


@commands.command(epilog="Example: meridian policy records --jurisdiction eu --output json")
def records(
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="Only of these; repeatable (default: all that are held).")
    ] = None,
    dpv: Annotated[
        bool, typer.Option("--dpv", help="In terms of the W3C Data Privacy Vocabulary, as JSON-LD.")
    ] = False,
    controller: Annotated[
        str, typer.Option(help="Name and contact of the controller; the node does not know them.")
    ] = "",
    at: ask.AtOption = "",
    regions: ask.RegionsOption = None,
    config: PolicyConfig = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Write the record of processing activities and the register of transfers, from the declarations.

    With --config, thresholds of US and Chinese law stand beside the number of people on this node's stores.
    Exits 4 for a jurisdiction without a pack.
    """
    day, instant = ask.instant_of(at, datetime.now(UTC))
    packs = law_of(config, at=instant).packs
    known = ask.regions_of(regions, config, packs)
    wanted = _wanted(packs, known, jurisdiction)
    found = activities(packs, wanted, day)
    if dpv:
        emit(register_document(found, controller), OutputFormat.JSON)
        return
    document = {
        "at": day,
        "controller": controller or None,
        "data_subjects": SUBJECTS,
        "packs": {name: packs.by_jurisdiction[name].version for name in wanted},
        "activities": [_activity(activity, packs, known) for activity in found],
        "transfers": [_transfer(line) for line in transfers(packs, known, wanted, day)],
        "thresholds": _thresholds(wanted, day, _people(config, wanted)),
        "kept_in": inventory.columns(),
    }
    if output is OutputFormat.TEXT:
        _show(document)
    else:
        emit(document, output)


def _wanted(packs: PackSet, regions: Regions, named: list[str] | None) -> list[Jurisdiction]:
    for name in named or []:
        if name not in packs.by_jurisdiction:
            known = ", ".join(sorted(packs.by_jurisdiction))
            raise ask.fail(f"there is no pack {name!r}; packs are {known}", ExitCode.NOT_FOUND)
    return sorted(map(Jurisdiction, named or regions.held_jurisdictions))


def _activity(activity: Activity, packs: PackSet, regions: Regions) -> dict[str, Any]:
    group = regions.group_holding(activity.jurisdiction)
    home = [facts.name for facts in regions.regions_of(group.name)] if group else []
    return {
        "purpose": activity.purpose,
        "jurisdiction": activity.jurisdiction,
        "law": packs.by_jurisdiction[activity.jurisdiction].laws,
        "categories": [
            {
                "category": ground.category,
                "basis": ground.basis,
                "articles": ground.articles,
                "recalled": ground.recalled,
            }
            for ground in activity.grounds
        ],
        "operations": inventory.operations().get(activity.purpose, ()),
        "events": inventory.events().get(activity.purpose, ()),
        "stored_in": home,
        "retention": [_retention(rule) for rule in activity.retention],
    }


def _retention(rule: RetentionRule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "records": sorted(rule.records),
        "days": rule.days,
        "at_least": rule.at_least,
        "counted_from": rule.counted_from,
        "article": rule.source.ref,
    }


def _transfer(line: TransferLine) -> dict[str, Any]:
    return {
        "jurisdiction": line.jurisdiction,
        "origin": line.origin.name,
        "destination": line.destination.name,
        "country": line.destination.country,
        "ground": line.ground,
        "until": line.until,
        "instruments": [
            {"kind": one.kind, "reference": one.reference, "valid_until": one.valid_until}
            for one in line.instruments
        ],
        "article": line.article,
        "recalled": line.recalled,
    }


def _people(config: Path | None, wanted: list[Jurisdiction]) -> People:
    """People on the node's stores by jurisdiction; empty without a node."""
    if config is None:
        return {}
    with exit_statuses():
        return asyncio.run(count_people(settings_or_exit(config), wanted))


def _thresholds(
    wanted: list[Jurisdiction], day: date, people: dict[Jurisdiction, int]
) -> list[dict[str, Any]]:
    in_force = [
        one for one in shipped_thresholds() if one.jurisdiction in wanted and one.source.in_force(day)
    ]
    return [_threshold(one, people.get(one.jurisdiction)) for one in in_force]


def _threshold(one: Threshold, people: int | None) -> dict[str, Any]:
    """Everybody of the jurisdiction counts: no more than they could have data that leaves."""
    return {
        "jurisdiction": one.jurisdiction,
        "threshold": one.id,
        "from_people": one.people,
        "people": people,
        "reached": None if people is None else people >= one.people,
        "consequence": one.consequence,
        "article": one.source.ref,
        "recalled": one.source.basis is Basis.RECALL,
    }


def _show(document: dict[str, Any]) -> None:
    stdout.print(f"[bold]Record of processing[/], {document['at']}", soft_wrap=True)
    stdout.print(f"controller: {document['controller'] or 'to be named with --controller'}", markup=False)
    stdout.print(f"data subjects: {document['data_subjects']}\n", markup=False)
    table = _table("", "law", "purpose", "ground", "categories", "kept for")
    for activity in document["activities"]:
        for basis, names in _by_basis(activity["categories"]).items():
            kept = "\n".join(_kept(rule) for rule in activity["retention"] if "data" in rule["records"])
            table.add_row(activity["jurisdiction"], activity["purpose"], basis, ", ".join(names), kept)
    stdout.print(table)
    _show_transfers(document["transfers"])
    _show_thresholds(document["thresholds"])
    stdout.print(f"\n{RECALL_NOTE}", style="yellow", soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    heading = f"\n{title}" if title else None
    return Table(*columns, title=heading, title_justify="left", box=None, pad_edge=False)


def _by_basis(categories: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in categories:
        mark = RECALL_MARK if one["recalled"] else ""
        found.setdefault(one["basis"], []).append(f"{one['category']}{mark}")
    return found


def _kept(rule: dict[str, Any]) -> str:
    return f"{'at least ' if rule['at_least'] else ''}{rule['days']} days from {rule['counted_from']}"


def _show_transfers(lines: list[dict[str, Any]]) -> None:
    table = Table(
        "law", "from", "to", "ground", "until", "article", title="\nTransfers", box=None, pad_edge=False
    )
    table.title_justify = "left"
    for line in lines:
        mark = RECALL_MARK if line["recalled"] else ""
        kinds = (
            ", ".join(one["kind"] for one in line["instruments"]) if line["ground"] == "instrument" else ""
        )
        ground = f"{line['ground']} {kinds}".strip()
        destination = f"{line['destination']} ({line['country']})"
        row = (line["jurisdiction"], line["origin"], destination, ground, str(line["until"] or ""))
        table.add_row(*row, f"{line['article']}{mark}")
    stdout.print(table)


def _show_thresholds(lines: list[dict[str, Any]]) -> None:
    if not lines:
        return
    table = Table(
        "law", "threshold", "people", "from", "then", title="\nThresholds", box=None, pad_edge=False
    )
    table.title_justify = "left"
    for line in lines:
        mark = RECALL_MARK if line["recalled"] else ""
        people = (
            "-" if line["people"] is None else f"{line['people']:,}{' reached' if line['reached'] else ''}"
        )
        row = (line["jurisdiction"], line["threshold"], people, f"{line['from_people']:,}{mark}")
        table.add_row(*row, line["consequence"])
    stdout.print(table)
