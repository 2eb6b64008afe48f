"""SQLite statements made from table declarations; values are always bound, names come from code."""

from functools import cache

from region_node.storage.engine import Slice
from region_node.storage.schema import ColumnType, Order, Table

EXPIRES = "_expires"
AT = "_at"
PLACE = "_place"
_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INT: "INTEGER",
    ColumnType.REAL: "REAL",
    ColumnType.BOOL: "INTEGER",
    ColumnType.BYTES: "BLOB",
    ColumnType.INSTANT: "INTEGER",
}
_ZERO = dict.fromkeys(ColumnType, "0") | {ColumnType.TEXT: "''", ColumnType.BYTES: "x''"}
_LARGE_ROW_BYTES = 2000


@cache
def create(table: Table) -> str:
    columns = [f"{name} {_TYPES[kind]} NOT NULL" for name, kind in table.stored.items()]
    columns += [f"{name} INTEGER NOT NULL" for name in _hidden(table)]
    options = "" if table.budget.row_bytes > _LARGE_ROW_BYTES else " WITHOUT ROWID"
    columns.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f"CREATE TABLE IF NOT EXISTS {table.name} ({', '.join(columns)}){options}"


@cache
def add_column(table: Table, name: str) -> str:
    kind = table.stored[name]
    return f"ALTER TABLE {table.name} ADD COLUMN {name} {_TYPES[kind]} NOT NULL DEFAULT {_ZERO[kind]}"


@cache
def _columns(table: Table) -> str:
    return ", ".join(table.stored)


def _alive(table: Table) -> str:
    return f" AND {EXPIRES} > :now" if table.ttl_s else ""


@cache
def get(table: Table) -> str:
    where = " AND ".join(f"{name} = ?" for name in table.key)
    return f"SELECT {_columns(table)} FROM {table.name} WHERE {where}" + _alive(table).replace(":now", "?")


def _hidden(table: Table) -> list[str]:
    return [EXPIRES] * bool(table.ttl_s) + [AT] * table.timed


@cache
def put(table: Table, verb: str = "INSERT OR REPLACE") -> str:
    names = [*table.stored, *_hidden(table)]
    return f"{verb} INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


@cache
def delete(table: Table) -> str:
    return f"DELETE FROM {table.name} WHERE {' AND '.join(f'{name} = ?' for name in table.key)}"


@cache
def update(table: Table, names: tuple[str, ...]) -> str:
    values = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE {table.name} SET {values} WHERE {' AND '.join(f'{name} = ?' for name in table.key)}"


@cache
def delete_partition(table: Table) -> str:
    names = table.key[: 1 + len(table.partition)]
    return f"DELETE FROM {table.name} WHERE {' AND '.join(f'{name} = ?' for name in names)}"


@cache
def expire(table: Table) -> str:
    return f"DELETE FROM {table.name} WHERE {EXPIRES} <= ?"


def select_slice(table: Table, query: Slice) -> tuple[str, list[object]]:
    """A statement and its values, without the moment of expiry, which is bound last."""
    order = query.order or table.order
    where = [f"{name} = ?" for name in table.key[: len(query.partition)]]
    values: list[object] = list(query.partition)
    descending = order is Order.DESCENDING
    bounds = [("<" if descending else ">", query.after), (">=", query.lower), ("<", query.upper)]
    for operator, bound in bounds:
        if bound:
            names = table.clustering[: len(bound)]
            where.append(f"({', '.join(names)}) {operator} ({', '.join('?' * len(bound))})")
            values.extend(bound)
    if table.ttl_s:
        where.append(f"{EXPIRES} > ?")
    direction = " DESC" if descending else ""
    by = ", ".join(name + direction for name in table.clustering)
    text = f"SELECT {_columns(table)} FROM {table.name} WHERE {' AND '.join(where)}"
    return f"{text}{f' ORDER BY {by}' if by else ''} LIMIT {query.limit + 1}", values


@cache
def scan(table: Table, *, further: bool) -> str:
    keys = ", ".join(table.key)
    after = f" WHERE ({keys}) > ({', '.join('?' * len(table.key))})" if further else ""
    return f"SELECT {_columns(table)} FROM {table.name}{after} ORDER BY {keys} LIMIT ?"
