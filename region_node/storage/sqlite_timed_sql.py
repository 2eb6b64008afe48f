"""Timed tables on SQLite: beside each lies a table of what was deleted, up to which number.

The places of deletes are hashes of their keys, so that an erasure leaves no id there.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec

from region_node.storage import sqlite_sql as sql
from region_node.storage.schema import DELETES_KEPT_S, ColumnType, Table
from region_node.storage.sqlite_sql import AT, EXPIRES, PLACE

Statement = tuple[str, list[Any]]
_MS = 1000


@cache
def create_deletes(table: Table) -> str:
    columns = f"{PLACE} BLOB PRIMARY KEY, {AT} INTEGER NOT NULL, {EXPIRES} INTEGER NOT NULL"
    return f"CREATE TABLE IF NOT EXISTS {_deletes(table)} ({columns}) WITHOUT ROWID"


def put(table: Table, values: list[Any]) -> Statement:
    """*values* are those of `sqlite_sql.put`: the whole row, when it expires if it does, and its number."""
    key = [values[list(table.stored).index(name)] for name in table.key]
    places = [place(key), place(key[: 1 + len(table.partition)])]
    return _put(table), [*values, *places, values[-1]]


def delete(table: Table, key: list[Any], at: int, now: float) -> list[Statement]:
    """*key* is a row's or a partition's."""
    whole = len(key) == len(table.key)
    remove = sql.delete(table) if whole else sql.delete_partition(table)
    return [note(table, key, at, now), (f"{remove} AND {AT} <= ?", [*key, at])]


@cache
def ended(table: Table) -> str:
    """The keys and numbers of rows whose time is over: they go as if they had been deleted at that number."""
    return f"SELECT {', '.join(table.key)}, {AT} FROM {table.name} WHERE {EXPIRES} <= ?"


@cache
def forget(table: Table) -> str:
    return f"DELETE FROM {_deletes(table)} WHERE {EXPIRES} <= ?"


def place(key: list[Any]) -> bytes:
    return hashlib.sha256(msgspec.json.encode(key)).digest()


@cache
def _put(table: Table) -> str:
    hidden = [EXPIRES] * bool(table.ttl_s)
    names = [*table.stored, *hidden, AT]
    free = [name for name in table.stored if name not in table.key]
    later = f"excluded.{AT} > {table.name}.{AT}"
    changes = [
        f"{name} = CASE WHEN {later} THEN excluded.{name} ELSE {_larger(table, name)} END"
        for name in [*free, *hidden]
    ]
    changes.append(f"{AT} = excluded.{AT}")
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join('?' * len(names))} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {_deletes(table)} WHERE {PLACE} IN (?, ?) AND {AT} >= ?) "
        f"ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {', '.join(changes)} "
        f"WHERE excluded.{AT} >= {table.name}.{AT}"
    )


def _larger(table: Table, name: str) -> str:
    """The value that is larger as bytes, as Cassandra compares: so a negative number is larger."""
    one, other = f"{table.name}.{name}", f"excluded.{name}"
    kind = table.stored.get(name)
    if kind is ColumnType.REAL:
        return f"CASE WHEN {one} < 0 OR {other} < 0 THEN min({one}, {other}) ELSE max({one}, {other}) END"
    if kind in {ColumnType.INT, ColumnType.INSTANT}:
        apart = f"({one} < 0) <> ({other} < 0)"
        return f"CASE WHEN {apart} THEN min({one}, {other}) ELSE max({one}, {other}) END"
    return f"max({one}, {other})"


def note(table: Table, key: list[Any], at: int, now: float) -> Statement:
    name = _deletes(table)
    text = (
        f"INSERT INTO {name} VALUES (?, ?, ?) ON CONFLICT ({PLACE}) DO UPDATE "
        f"SET {AT} = max({name}.{AT}, excluded.{AT}), {EXPIRES} = max({name}.{EXPIRES}, excluded.{EXPIRES})"
    )
    return text, [place(key), at, int((now + DELETES_KEPT_S) * _MS)]


def _deletes(table: Table) -> str:
    return f"{table.name}_deletes"
