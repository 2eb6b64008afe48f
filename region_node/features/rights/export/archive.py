"""The archive that a person takes away: rows as JSON, tracks as GPX, originals as they were sent, and a page
that says what is where. It is sealed with the person's key while it lies here.
"""

import html
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from locales.messages import N_
from locales.translator import Translator
from region_node.features.rights.export.bundle import Bundle, Member
from region_node.features.rights.export.rows import Rows, document
from region_node.objects.errors import ObjectMissing
from region_node.objects.store import Objects
from region_node.security.sealed_streams import StreamSealer, open_stream
from region_node.security.sealing import DataKey
from region_node.storage.values import text

TITLE = N_("Your data on Meridian")
ABOUT = N_("Made on {date}. Everything that is kept about you is in this archive.")
ROWS = N_("Records, as JSON")
TRACKS = N_("Tracks of your workouts, as GPX")
ORIGINALS = N_("Files as you sent them")
CHECKSUMS = N_("The file manifest.json lists a SHA-256 checksum of every file.")
_FOLDERS = (("data/", ROWS), ("tracks/", TRACKS), ("originals/", ORIGINALS))
Gpx = Callable[[str, str], AsyncIterator[bytes]]
"""The GPX of a person's workout, piece by piece."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    object_name: str
    size_bytes: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Archivist:
    """Makes archives of one person."""

    rows: Rows
    gpx: Gpx
    objects: Objects
    data_key: DataKey
    translator: Translator

    async def make(self, object_name: str, at: datetime) -> Made:
        """Write a new archive; it appears under *object_name* when it is whole."""
        jurisdiction = self.rows.store.jurisdiction
        sealer = StreamSealer(self.data_key, jurisdiction=jurisdiction, object_name=object_name)
        writer = self.objects.writing(object_name)

        async def write(packed: bytes) -> None:
            await writer.write(sealer.update(packed))

        async with Bundle(write, at) as bundle:
            await self._fill(bundle, at)
        await writer.write(sealer.finish())
        await writer.finish()
        manifest = bundle.members[-1]
        return Made(object_name=object_name, size_bytes=bundle.size_bytes, manifest_sha256=manifest.sha256)

    async def _fill(self, bundle: Bundle, at: datetime) -> None:
        workouts: list[str] = []
        for table in self.rows.tables:
            lines = self._json(table.name, workouts)
            await bundle.add(f"data/{table.name}.json", lines)
        for workout_id in workouts:
            await bundle.add(f"tracks/{workout_id}.gpx", self.gpx(self.rows.person_id, workout_id))
        async for file in self.rows.files():
            await bundle.add(f"originals/{file.name}", self._original(file.object_name))
        await bundle.add("index.html", _once(_page(bundle.members, self.translator, at)))
        await bundle.add("manifest.json", _once(msgspec.json.encode({"files": bundle.members})))

    async def _json(self, name: str, workouts: list[str]) -> AsyncIterator[bytes]:
        """A JSON array, a row to a line; nothing for a table without rows."""
        table = next(table for table in self.rows.tables if table.name == name)
        begun = False
        async for row in self.rows.of(table):
            if name == "workouts":
                workouts.append(text(row, "workout_id"))
            yield (b",\n" if begun else b"[\n") + msgspec.json.encode(document(table, row))
            begun = True
        if begun:
            yield b"\n]\n"

    async def _original(self, name: str) -> AsyncIterator[bytes]:
        try:
            async for piece in open_stream(self.data_key, self.objects.chunks(name), object_name=name):
                yield piece
        except ObjectMissing:
            return
        yield b""  # an empty file is a file


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _page(members: Iterable[Member], translator: Translator, at: datetime) -> bytes:
    """Readable without scripts and without a network."""
    listed = list(members)
    about = translator.text(ABOUT, date=f"{at:%Y-%m-%d}")
    parts = [f"<h1>{_text(translator, TITLE)}</h1><p>{html.escape(about)}</p>"]
    for folder, title in _FOLDERS:
        own = [member for member in listed if member.path.startswith(folder)]
        lines = "".join(_line(member) for member in own)
        parts.append(f"<h2>{_text(translator, title)} ({len(own)})</h2><ul>{lines}</ul>")
    parts.append(f"<p>{_text(translator, CHECKSUMS)}</p>")
    head = f'<meta charset="utf-8"><title>{_text(translator, TITLE)}</title>'
    style = "<style>body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}</style>"
    page = f'<!doctype html><html lang="{translator.locale}"><head>{head}{style}</head>'
    return f"{page}<body>{''.join(parts)}</body></html>\n".encode()


def _line(member: Member) -> str:
    path = html.escape(member.path, quote=True)
    return f'<li><a href="{path}">{path}</a></li>'


def _text(translator: Translator, msgid: str) -> str:
    return html.escape(translator.text(msgid))
