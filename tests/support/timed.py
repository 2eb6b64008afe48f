"""Writes of the contract suite's timed table, and by a plain model what has to stand in the end."""

import struct
from datetime import UTC, datetime

from region_node.storage.engine import Delete, DeletePartition, Put
from tests.contracts.storage.declared import TIMED

KEY = ("t1", "a", 1)


def card(**changes):
    row = {
        "tenant": "t1",
        "jurisdiction": "eu",
        "box": "a",
        "position": 1,
        "value": "v",
        "size": 1,
        "weight": 1.0,
        "pinned": False,
        "body": b"b",
        "written_at": datetime(2030, 6, 1, 12, tzinfo=UTC),
    }
    return row | changes


def put(at, **changes):
    return Put(TIMED, card(**changes), at)


def deleted(at, box="a", position=1):
    return Delete(TIMED, ("t1", box, position), at)


def emptied(at, box="a"):
    return DeletePartition(TIMED, ("t1", box), at)


async def stand(engine, space, write):
    return await engine.get(space, TIMED, tuple(write.row[name] for name in TIMED.key))


def standing(box, writes):
    """The rows of *box* after *writes*, each (kind, number, position, values) as far as its kind has them."""
    rows = []
    for position in (1, 2):
        deletes = [(at, rest or [position]) for kind, at, *rest in writes if kind != "put"]
        covered = [at for at, (where, *_) in deletes if where == position]
        puts = [(at, rest[1]) for kind, at, *rest in writes if kind == "put" and rest[0] == position]
        alive = [(at, values) for at, values in puts if at > max(covered, default=0)]
        newest = [values for at, values in alive if at == max(one for one, _ in alive)]
        if newest:
            merged = {name: max((one[name] for one in newest), key=as_bytes) for name in newest[0]}
            rows.append(card(box=box, position=position, **merged))
    return rows


def as_bytes(value):
    """As Cassandra writes it."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, float):
        return struct.pack(">d", value)
    if isinstance(value, datetime):
        value = round(value.timestamp() * 1000)
    return struct.pack(">q", value)
