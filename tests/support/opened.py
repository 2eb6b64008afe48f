"""Reads stores as somebody who holds the key ring would: rows and objects opened, written in the clear."""

import shutil
from contextlib import suppress
from pathlib import Path

from region_node.objects.store import Objects
from region_node.schema import TABLES
from region_node.security.keyring import EpochDestroyed
from region_node.security.sealed_streams import open_bytes
from region_node.security.sealing import DataKey, SealBroken, unseal
from region_node.storage.engine import KEYS, MAX_PAGE
from region_node.storage.person_keys import DATA_KEYS, PersonKeys
from region_node.storage.schema import SpaceKind
from region_node.storage.sqlite import SqliteEngine
from region_node.storage.store import row_name
from tests.support.byte_search import search_tree


async def found_when_opened(directory: Path, ring, needles, scratch: Path):
    """Names of the needles that *ring* brings to light in a copy of *directory* (a node's data)."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(directory, scratch / "copy")
    return await found_in_engine(
        SqliteEngine(scratch / "copy" / "rows"), scratch / "copy" / "objects", ring, needles, scratch
    )


async def found_in_engine(engine, objects: Path, ring, needles, scratch: Path):
    """As `found_when_opened`, of the rows of *engine*, which is closed, and a folder of objects."""
    plain = scratch / "plain"
    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir(parents=True)
    try:
        keys = await _keys(engine, ring)
        await _write_rows(engine, keys, plain)
    finally:
        await engine.close()
    await _write_objects(objects, keys.values(), plain)
    return {find.needle for find in search_tree(plain, needles, scratch / "search")}


async def _keys(engine, ring) -> dict[tuple[str, str], DataKey]:
    opened = PersonKeys(engine, ring)
    found = {}
    for row in await _rows(engine, KEYS, DATA_KEYS):
        with suppress(EpochDestroyed):
            key = await opened.read(row["tenant"], row["person_id"])
            if key is not None:
                found[row["tenant"], row["person_id"]] = key
    return found


async def _write_rows(engine, keys, plain: Path) -> None:
    for table in TABLES:
        if table.space is not SpaceKind.HOME or not table.sealed_columns:
            continue
        with (plain / table.name).open("wb") as file:
            for row in await _rows(engine, "eu", table):
                key = keys.get((row["tenant"], row[table.subject[0]]))
                for name in table.sealed_columns if key else ():
                    place = row_name(table, row)
                    file.write(unseal(key, row[name], table=table.name, row=place, column=name) + b"\n")


async def _write_objects(folder: Path, keys, plain: Path) -> None:
    objects = Objects.in_folder(folder)
    async for name, _ in objects.listed("eu"):
        sealed = await objects.read(name)
        for key in keys:
            with suppress(SealBroken):
                (plain / name.replace("/", "-")).write_bytes(open_bytes(key, sealed, object_name=name))


async def _rows(engine, space, table):
    rows, after = await engine.scan(space, table, None, MAX_PAGE)
    while after is not None:
        more, after = await engine.scan(space, table, after, MAX_PAGE)
        rows += more
    return rows
