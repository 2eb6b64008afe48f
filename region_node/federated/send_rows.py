"""Rows of `send_tables` and what they stand for."""

from datetime import UTC, datetime
from typing import Any

from federation.catalogue import Scope
from federation.outgoing import Debt, Mark, Person, Send, TakeBack
from policies.vocabulary import Purpose, Region
from region_node.federated.send_tables import DEBTS, QUESTIONS, SEND_MARKS, SENDS, TAKE_BACKS
from region_node.storage.engine import Delete, Key, Put, Row, Write
from region_node.storage.values import blob, instant, number, text

_NEVER = datetime.fromtimestamp(0, UTC)
_COMMA = ","


def put_send(person: Person, send: Send) -> Put:
    row: Row = {
        **_named(send, ("kind", "aggregate_id", "region", "purpose", "version", "basis", "number")),
        **_named(send, ("consent_version", "pack_version", "first_at", "at", "retracted")),
        "person_id": person.person_id,
        "fields": _COMMA.join(send.fields),
        "retracted_at": send.retracted_at or _NEVER,
    }
    return Put(SENDS, row, at=max(send.number, send.retracted))


def send(row: Row) -> Send:
    retracted = number(row, "retracted")
    return Send(
        **{name: text(row, name) for name in ("kind", "aggregate_id", "basis", "pack_version")},
        region=Region(text(row, "region")),
        purpose=Purpose(text(row, "purpose")),
        version=number(row, "version"),
        fields=tuple(text(row, "fields").split(_COMMA)),
        consent_version=number(row, "consent_version"),
        number=number(row, "number"),
        first_at=instant(row, "first_at"),
        at=instant(row, "at"),
        retracted=retracted,
        retracted_at=instant(row, "retracted_at") if retracted else None,
    )


def put_mark(person: Person, mark: Mark) -> Put:
    row = _named(mark, ("region", "purpose", "what", "number", "terms", "withdrawn", "at"))
    return Put(SEND_MARKS, {**row, "person_id": person.person_id}, at=mark.number)


def mark(row: Row) -> Mark:
    return Mark(
        region=Region(text(row, "region")),
        purpose=Purpose(text(row, "purpose")),
        what=text(row, "what"),
        number=number(row, "number"),
        terms=text(row, "terms"),
        withdrawn=number(row, "withdrawn"),
        at=instant(row, "at"),
    )


def put_take_back(what: TakeBack, shard: int) -> list[Write]:
    """With the entry by which it is asked again, where it has no receipt."""
    names = ("number", "region", "scope", "kind", "aggregate_id", "envelope_id", "since", "due_at")
    row: Row = {
        **_named(what, (*names, "next_at", "asked", "receipt")),
        "person_id": what.person.person_id,
        "purpose": what.purpose or "",
        "done_at": what.done_at or _NEVER,
    }
    put = Put(TAKE_BACKS, row, at=what.number)
    if what.receipt:
        return [put]
    keys = ("region", "next_at", "person_id", "number", "purpose")
    return [put, Put(QUESTIONS, {**{name: row[name] for name in keys}, "shard": shard})]


def take_back(person: Person, row: Row) -> TakeBack:
    receipt, purpose = blob(row, "receipt"), text(row, "purpose")
    return TakeBack(
        person=person,
        region=Region(text(row, "region")),
        scope=Scope(text(row, "scope")),
        purpose=Purpose(purpose) if purpose else None,
        number=number(row, "number"),
        asked=number(row, "asked"),
        receipt=receipt,
        done_at=instant(row, "done_at") if receipt else None,
        kind=text(row, "kind"),
        aggregate_id=text(row, "aggregate_id"),
        envelope_id=text(row, "envelope_id"),
        since=instant(row, "since"),
        due_at=instant(row, "due_at"),
        next_at=instant(row, "next_at"),
    )


def key_of(what: TakeBack) -> Key:
    return (what.person.person_id, what.number, what.region, what.purpose or "")


def delete_question(entry: Row) -> Delete:
    return Delete(QUESTIONS, tuple(entry[name] for name in QUESTIONS.own_key))


def put_debt(debt: Debt, shard: int) -> Put:
    row = _named(debt, ("region", "kind", "aggregate_id", "number", "since", "cursor"))
    return Put(DEBTS, {**row, "shard": shard, "person_id": debt.person.person_id}, at=debt.number)


def debt(tenant: str, row: Row) -> Debt:
    return Debt(
        person=Person(tenant=tenant, person_id=text(row, "person_id")),
        region=Region(text(row, "region")),
        number=number(row, "number"),
        since=instant(row, "since"),
        **{name: text(row, name) for name in ("kind", "aggregate_id", "cursor")},
    )


def _named(one: Any, names: tuple[str, ...]) -> Row:
    return {name: getattr(one, name) for name in names}
