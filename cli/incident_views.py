"""What people and programs see of an incident."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.markup import escape
from rich.table import Table

from cli.output import stdout
from policies.breaches import Deadline, Recipient, State
from policies.vocabulary import Basis
from region_node.control.incidents import Incident, Opened

_OPEN = {State.OPEN, State.LATE}


def document(incident: Incident, deadlines: Sequence[Deadline], now: datetime) -> dict[str, Any]:
    return {
        "incident": opened_document(incident.opened),
        "people": dict(incident.people or {}),
        "at": now,
        "late": sum(one.state is State.LATE for one in deadlines),
        "deadlines": [_deadline(one, now) for one in deadlines],
    }


def opened_document(opened: Opened) -> dict[str, Any]:
    return {
        "id": opened.id,
        "what": opened.what,
        "drill": opened.drill,
        "discovered_at": opened.discovered_at,
        "opened_at": opened.opened_at,
        "stores": list(opened.stores),
        "tenants": list(opened.tenants),
        "categories": sorted(opened.categories),
    }


def _deadline(one: Deadline, now: datetime) -> dict[str, Any]:
    """`remaining_hours` is negative where the time is over; null where nothing is due, or at once."""
    remaining = None
    if one.due_at is not None and one.state in _OPEN:
        remaining = round((one.due_at - now) / timedelta(hours=1), 2)
    return {
        "jurisdiction": one.jurisdiction,
        "recipient": one.recipient,
        "name": one.name,
        "page": one.page,
        "people": one.people,
        "due_at": one.due_at,
        "remaining_hours": remaining,
        "told_at": one.told_at,
        "state": one.state,
        "article": one.source.ref,
        "certainty": one.source.certainty,
        "recalled": one.source.basis is Basis.RECALL,
        "note": one.source.note,
    }


def show(incident: Incident, deadlines: Sequence[Deadline], now: datetime) -> None:
    opened = incident.opened
    drill = "DRILL " if opened.drill else ""
    stdout.print(f"{drill}{opened.id}: {opened.what}", markup=False, soft_wrap=True)
    stdout.print(f"known since {_minute(opened.discovered_at)}, seen at {_minute(now)}", markup=False)
    table = Table("due", "left", "where", "people", "to", "state", "article")
    for one in deadlines:
        told = f" {_minute(one.told_at)}" if one.told_at else ""
        recalled = " (from memory)" if one.source.basis is Basis.RECALL else ""
        table.add_row(
            _minute(one.due_at) if one.due_at else "at once",
            _left(one, now),
            one.jurisdiction,
            str(one.people),
            escape(_to(one)),
            f"{one.state}{told}",
            f"{one.source.ref}{recalled}",
        )
    stdout.print(table)


def _to(one: Deadline) -> str:
    if one.recipient is Recipient.SUBJECTS:
        return "the people"
    return f"{one.name}: fuller report" if one.recipient is Recipient.FOLLOWUP else one.name


def _left(one: Deadline, now: datetime) -> str:
    if one.due_at is None or one.state not in _OPEN:
        return ""
    minutes = round((one.due_at - now) / timedelta(minutes=1))
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60} h {abs(minutes) % 60:02} min"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
