"""What a file is, by its first bytes; its name is only compared with that."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

HEAD_BYTES = 1024


class Kind(StrEnum):
    FIT = "fit"
    XML = "xml"
    ZIP = "zip"
    GZIP = "gzip"
    OTHER_ARCHIVE = "archive"
    EMPTY = "empty"
    UNKNOWN = "unknown"

    @property
    def is_archive(self) -> bool:
        return self in {Kind.ZIP, Kind.GZIP, Kind.OTHER_ARCHIVE}


_MAGIC = {
    b"PK\x03\x04": Kind.ZIP,
    b"PK\x05\x06": Kind.ZIP,
    b"PK\x07\x08": Kind.ZIP,
    b"\x1f\x8b": Kind.GZIP,
    b"7z\xbc\xaf\x27\x1c": Kind.OTHER_ARCHIVE,
    b"Rar!\x1a\x07": Kind.OTHER_ARCHIVE,
    b"\xfd7zXZ\x00": Kind.OTHER_ARCHIVE,
    b"BZh": Kind.OTHER_ARCHIVE,
    b"\x28\xb5\x2f\xfd": Kind.OTHER_ARCHIVE,
}
_TAR_AT, _TAR = 257, b"ustar"
_FIT_AT, _FIT = 8, b".FIT"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WEB_PAGE = re.compile(rb"(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_FORMATS = frozenset({"fit", "gpx", "tcx"})


def kind_of(head: bytes) -> Kind:
    """Judge by the first ``HEAD_BYTES`` (or fewer, if there are no more)."""
    if not head:
        return Kind.EMPTY
    if head[_FIT_AT : _FIT_AT + len(_FIT)] == _FIT:
        return Kind.FIT
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return Kind.OTHER_ARCHIVE
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _WEB_PAGE.match(text):
        return Kind.UNKNOWN
    return Kind.XML if text.startswith(b"<") or head.startswith(_UTF16) else Kind.UNKNOWN


def name_disagrees(name: str, found: str, *, unpacked: bool) -> bool:
    """Whether the ending of *name* promises another format than *found*; an unknown one promises nothing."""
    path = PurePosixPath(name.lower())
    if path.suffix == ".gz":
        if not unpacked:
            return True
        path = path.with_suffix("")
    elif unpacked and path.suffix.removeprefix(".") in _FORMATS:
        return True
    promised = path.suffix.removeprefix(".")
    return promised in _FORMATS | {"zip"} and promised != found
