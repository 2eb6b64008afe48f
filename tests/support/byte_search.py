"""Looks for values in files whatever way they may be written there: encoded, packed, in pages or in rows.

What it looks for has to be found where it lies (`Find`), so every use needs a control: a value planted into
a copy of the same kind of file, which must be found.
"""

import base64
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import zstandard

from tests.support.sstables import compressed_chunks

SQLITE_MAGIC = b"SQLite format 3\x00"
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 3
ZLIB_WAYS = (
    (b"\x1f\x8b\x08", 31),
    (b"\x78\x01", 15),
    (b"\x78\x5e", 15),
    (b"\x78\x9c", 15),
    (b"\x78\xda", 15),
)
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
NO_DEFLATE_BELOW = 16


@dataclass(frozen=True)
class Needle:
    """`exact` forms are looked for as they are, `folded` ones without regard to case."""

    name: str
    exact: frozenset[bytes]
    folded: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Find:
    needle: str
    place: str


def text_needle(name: str, text: str) -> Needle:
    """A text in UTF-8, UTF-16, percent-encoded, as JSON escapes, in hexadecimal and in base64."""
    folded, exact = set(), set()
    for form in {text, text.lower()}:
        raw = form.encode()
        exact |= base64_forms(raw) | {form.encode("utf-16-le"), form.encode("utf-16-be")}
        folded |= {raw.lower(), raw.hex().encode(), json.dumps(form)[1:-1].lower().encode()}
        folded |= {quote(form, safe="").lower().encode(), quote_plus(form).lower().encode()}
    return Needle(name, frozenset(exact), frozenset(folded))


def bytes_needle(name: str, raw: bytes) -> Needle:
    """Bytes as they are, in hexadecimal and in base64; at least six, or chance would find them."""
    assert len(raw) >= 6, name
    return Needle(name, frozenset({raw} | base64_forms(raw)), frozenset({raw.hex().encode()}))


def base64_forms(raw: bytes) -> set[bytes]:
    """What *raw* looks like inside a longer base64 text, at each of the three alignments."""
    forms = set()
    for before, skip in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(raw)) * 8 // 6
        text = base64.b64encode(b"\0" * before + raw)[skip:whole]
        forms |= {text, text.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def search_tree(directory: Path, needles: Iterable[Needle], scratch: Path) -> set[Find]:
    """Search a copy of *directory* in *scratch*, so that nothing is changed by reading."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(directory, scratch, ignore_dangling_symlinks=True)
    wanted = tuple(needles)
    found: set[Find] = set()
    paths = sorted(path for path in scratch.rglob("*") if path.is_file())
    # Bytes first: opening a database removes its write-ahead log.
    for read in (search_raw, search_inside):
        for path in paths:
            if path.exists():
                found |= read(path, wanted, path.relative_to(scratch).as_posix())
    return found


def search_file(path: Path, needles: tuple[Needle, ...]) -> set[Find]:
    return search_raw(path, needles, path.name) | search_inside(path, needles, path.name)


def search_raw(path: Path, needles: tuple[Needle, ...], label: str) -> set[Find]:
    return search_bytes(label, path.read_bytes(), needles)


def search_inside(path: Path, needles: tuple[Needle, ...], label: str) -> set[Find]:
    """The rows of a database, the unpacked chunks of a data file."""
    found: set[Find] = set()
    with path.open("rb") as file:
        is_sqlite = file.read(len(SQLITE_MAGIC)) == SQLITE_MAGIC
    if is_sqlite:
        for place, value in sqlite_values(path):
            found |= search_bytes(f"{label}#{place}", value, needles)
    for number, chunk in enumerate(compressed_chunks(path)):
        found |= search_bytes(f"{label}#chunk {number}", chunk, needles)
    return found


def search_bytes(place: str, raw: bytes, needles: tuple[Needle, ...], depth: int = 0) -> set[Find]:
    folded = raw.lower()
    found = {
        Find(needle.name, place)
        for needle in needles
        if any(form in raw for form in needle.exact) or any(form in folded for form in needle.folded)
    }
    if depth < MAX_DEPTH:
        for kind, unpacked in unpacked_parts(raw):
            found |= search_bytes(f"{place}|{kind}", unpacked, needles, depth + 1)
    return found


def unpacked_parts(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """What lies in *raw* as gzip, zlib or zstd, wherever it begins; a part that is cut counts up to there."""
    for magic, window in ZLIB_WAYS:
        for begin in _places(raw, magic):
            with suppress(zlib.error):
                unpacked = zlib.decompressobj(window).decompress(raw[begin:], MAX_UNPACKED_BYTES)
                if len(unpacked) >= NO_DEFLATE_BELOW:
                    yield f"zlib@{begin}", unpacked
    for begin in _places(raw, ZSTD_MAGIC):
        with suppress(zstandard.ZstdError):
            yield f"zstd@{begin}", zstandard.ZstdDecompressor().decompressobj().decompress(raw[begin:])


def sqlite_values(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every row, put together from the pages over which it is spread."""
    with closing(sqlite3.connect(path)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the name comes from the database itself
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, bytes | str):
                        yield f"{name}.{column}", value if isinstance(value, bytes) else value.encode()


def _places(raw: bytes, magic: bytes) -> Iterator[int]:
    begin = raw.find(magic)
    while begin >= 0:
        yield begin
        begin = raw.find(magic, begin + 1)
