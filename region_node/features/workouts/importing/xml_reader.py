"""Reads XML piece by piece with expat; document types and entities are refused before they take effect.

A handler gets start and end of elements by local name (without prefix), with the text between.
"""

from collections.abc import Iterable
from typing import Any, Protocol
from xml.parsers import expat

from region_node.features.workouts.importing.limits import MAX_TOKEN_BYTES, MAX_XML_NAMES, Deadline
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import MalformedFile, UnknownFormat, UnsafeXml

DECODER = f"expat {'.'.join(map(str, expat.version_info))}"

_MAX_DEPTH = 200
_MAX_TEXT = 4096
_PIECE_BYTES = 64 * 1024
_SPACE = b"\xef\xbb\xbf \t\r\n"


class Handler(Protocol):
    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str, text: str) -> None: ...


class _Halt(Exception):
    pass


class XmlReader:
    """One pass over one document; ``notices`` says what was wrong with it."""

    def __init__(self, handlers: dict[str, Handler], deadline: Deadline) -> None:
        """*handlers* by the local name of the root that each of them reads."""
        self._handlers = handlers
        self._deadline = deadline
        self._names: dict[str, str] = {}
        self._text: list[str] = []
        self._depth = 0
        self._closed = False
        self.root: str | None = None
        self.notices: set[NoticeCode] = set()
        self._parser: Any = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._root
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._entity

    def read(self, chunks: Iterable[bytes]) -> None:
        """Feed the document to the handler of its root, as far as it can be read.

        Raises:
            UnknownFormat: The root is none that has a handler.
            UnsafeXml: There is a document type.
            MalformedFile: It cannot be read up to its root.
        """
        fed = 0
        first = True
        try:
            for chunk in chunks:
                data = chunk.lstrip(_SPACE) if first else chunk
                if not data:
                    continue
                first = False
                for at in range(0, len(data), _PIECE_BYTES):
                    piece = data[at : at + _PIECE_BYTES]
                    self._parser.Parse(piece, False)
                    fed += len(piece)
                    self._check(fed)
        except expat.ExpatError as error:
            self._fault(error.code)
        except LookupError:
            raise MalformedFile from None  # an encoding that nobody knows
        except _Halt:
            pass
        else:
            self._finish()
        if self.root is None:
            raise MalformedFile
        self._parser = None

    def _finish(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError:
            self.notices.add(NoticeCode.TRUNCATED)

    def _check(self, fed: int) -> None:
        too_long = fed - self._parser.CurrentByteIndex > MAX_TOKEN_BYTES
        if too_long or len(self._parser.intern) > MAX_XML_NAMES:
            self.notices.add(NoticeCode.CORRUPT_RECORDS)
            raise _Halt
        if self._deadline.expired():
            self.notices.add(NoticeCode.TIME_LIMIT)
            raise _Halt

    def _fault(self, code: int) -> None:
        junk = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
        after_root = self._closed or code == junk
        self.notices.add(NoticeCode.TRAILING_DATA if after_root else NoticeCode.CORRUPT_RECORDS)

    def _doctype(self, name: str, *_: object) -> None:
        raise UnknownFormat if name.lower() == "html" else UnsafeXml

    def _entity(self, *_: object) -> None:
        raise UnsafeXml

    def _root(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = tag.rpartition(":")[2]
        handler = self._handlers.get(self.root)
        if handler is None:
            raise UnknownFormat
        parser = self._parser
        names, text = self._names, self._text
        begin, finish = handler.start, handler.end

        def start(tag: str, attributes: dict[str, str]) -> None:
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                self.notices.add(NoticeCode.CORRUPT_RECORDS)
                raise _Halt
            text.clear()
            name = names.get(tag)
            if name is None:
                name = tag.rpartition(":")[2]
                names[tag] = name
            begin(name, attributes)

        def end(tag: str) -> None:
            self._depth -= 1
            name = names.get(tag) or tag.rpartition(":")[2]
            finish(name, "".join(text))
            text.clear()
            if self._depth == 0:
                self._closed = True

        def characters(data: str) -> None:
            if len(text) < _MAX_TEXT and len(data) <= _MAX_TEXT:
                text.append(data)

        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters
        parser.StartElementHandler = start
        start(tag, attributes)
