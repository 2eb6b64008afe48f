"""CQL made from table declarations; values are always bound, names come from code."""

from functools import cache

from region_node.storage.engine import Slice
from region_node.storage.schema import DELETES_KEPT_S, ColumnType, Order, SpaceKind, Table

KEYSPACE_PREFIX = "meridian_"
GRACE_S = 86_400
"""How long the tombstones of people's rows are kept: repair has to run more often than that, or rows that one
replica missed to delete come back; what an erasure promises has to be longer.
"""

_TYPES = {
    ColumnType.TEXT: "text",
    ColumnType.INT: "bigint",
    ColumnType.REAL: "double",
    ColumnType.BOOL: "boolean",
    ColumnType.BYTES: "blob",
    ColumnType.INSTANT: "timestamp",
}


def keyspace(space: str) -> str:
    return KEYSPACE_PREFIX + space.replace("-", "_")


def create_keyspace(space: str, replication: dict[str, int]) -> str:
    places = "".join(f", '{name}': {copies}" for name, copies in replication.items())
    return (
        f"CREATE KEYSPACE IF NOT EXISTS {keyspace(space)} "
        f"WITH replication = {{'class': 'NetworkTopologyStrategy'{places}}} AND durable_writes = true"
    )


def create(space: str, table: Table) -> str:
    columns = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in table.stored.items())
    partition = ", ".join(table.key[: 1 + len(table.partition)])
    clustering = "".join(f", {name}" for name in table.clustering)
    late = table.timed and table.space is SpaceKind.SHARED  # what other regions send may come weeks later
    grace_s = DELETES_KEPT_S if late else GRACE_S
    options = [f"default_time_to_live = {table.ttl_s}", f"gc_grace_seconds = {grace_s}"]
    if table.clustering:
        by = ", ".join(f"{name} {table.order.value.upper()}" for name in table.clustering)
        options.insert(0, f"CLUSTERING ORDER BY ({by})")
    return (
        f"CREATE TABLE IF NOT EXISTS {keyspace(space)}.{table.name} "
        f"({columns}, PRIMARY KEY (({partition}){clustering})) WITH {' AND '.join(options)}"
    )


def shorten_grace(space: str, table: Table) -> str:
    return f"ALTER TABLE {keyspace(space)}.{table.name} WITH gc_grace_seconds = {GRACE_S}"


def roll_commit_log(space: str) -> tuple[str, str]:
    name = f"{keyspace(space)}.commit_log_roll"
    return f"CREATE TABLE IF NOT EXISTS {name} (nothing text PRIMARY KEY)", f"DROP TABLE IF EXISTS {name}"


def add_column(space: str, table: Table, name: str) -> str:
    return f"ALTER TABLE {keyspace(space)}.{table.name} ADD IF NOT EXISTS {name} {_TYPES[table.stored[name]]}"


def _from(space: str, table: Table) -> str:
    return f"SELECT {', '.join(table.stored)} FROM {keyspace(space)}.{table.name}"


def get(space: str, table: Table) -> str:
    return f"{_from(space, table)} WHERE {_key(table)}"


def put(space: str, table: Table) -> str:
    """The number of a timed table is bound last."""
    names = ", ".join(table.stored)
    values = ", ".join("?" * len(table.stored))
    return f"INSERT INTO {keyspace(space)}.{table.name} ({names}) VALUES ({values}){_timed(table)}"


def claim(space: str, table: Table) -> str:
    return f"{put(space, table)} IF NOT EXISTS"


def update(space: str, table: Table, names: tuple[str, ...]) -> str:
    values = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE {keyspace(space)}.{table.name} SET {values} WHERE {_key(table)}"


def delete(space: str, table: Table) -> str:
    """The number of a timed table is bound first."""
    return f"DELETE FROM {keyspace(space)}.{table.name}{_timed(table)} WHERE {_key(table)}"


def delete_partition(space: str, table: Table) -> str:
    """As `delete`."""
    where = _all(table.key[: 1 + len(table.partition)])
    return f"DELETE FROM {keyspace(space)}.{table.name}{_timed(table)} WHERE {where}"


def swap(space: str, table: Table, expected: tuple[str, ...]) -> str:
    values = ", ".join(f"{name} = ?" for name in free_columns(table))
    return f"UPDATE {keyspace(space)}.{table.name} SET {values} WHERE {_key(table)} IF {_all(expected)}"


def release(space: str, table: Table, expected: tuple[str, ...]) -> str:
    return f"{delete(space, table)} IF {_all(expected)}"


def scan(space: str, table: Table) -> str:
    return _from(space, table)


def select_slice(space: str, table: Table, query: Slice) -> tuple[str, list[object]]:
    """`after` takes the place of the bound on its side: CQL allows one restriction a side."""
    order = query.order or table.order
    descending = order is Order.DESCENDING
    lower, upper, low, high = query.lower, query.upper, ">=", "<"
    if query.after and descending:
        upper = query.after
    elif query.after:
        lower, low = query.after, ">"
    where, values = [f"{name} = ?" for name in table.key[: len(query.partition)]], list(query.partition)
    for operator, bound in ((low, lower), (high, upper)):
        if bound:
            names = ", ".join(table.clustering[: len(bound)])
            where.append(f"({names}) {operator} ({', '.join('?' * len(bound))})")
            values.extend(bound)
    by = ", ".join(f"{name} {order.value.upper()}" for name in table.clustering)
    text = f"{_from(space, table)} WHERE {' AND '.join(where)}{f' ORDER BY {by}' if by else ''} LIMIT ?"
    return text, [*values, query.limit + 1]


@cache
def free_columns(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.stored if name not in table.key)


def _timed(table: Table) -> str:
    return " USING TIMESTAMP ?" if table.timed else ""


def _key(table: Table) -> str:
    return _all(table.key)


def _all(names: tuple[str, ...]) -> str:
    return " AND ".join(f"{name} = ?" for name in names)
