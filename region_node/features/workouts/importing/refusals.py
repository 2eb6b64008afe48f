"""Why a file is refused, as a tree cut by what its owner can do.

Refusal
├── NotReadable: send the file again, or another one
│   ├── EmptyFile, UnknownFormat, MalformedFile, TruncatedFile
├── NothingInside: readable, but no workout
│   ├── NotAnActivity, NoSamples
└── NotSafe: make it smaller, or pack it otherwise
    ├── TooLarge, UnsafeXml, UnsafeArchive
"""

from typing import ClassVar

from locales.messages import N_


class Refusal(Exception):
    """Nothing of the file becomes a workout. Codes are stored and shown: add, never rename.

    ``title`` and ``detail`` are message ids without placeholders, translated where a person reads them.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    detail: str = ""

    def __init__(self, detail: str | None = None) -> None:
        if detail is not None:
            self.detail = detail
        super().__init__(self.code)


class NotReadable(Refusal):
    """The bytes could not be understood."""


class NothingInside(Refusal):
    """The file was read and holds no workout."""


class NotSafe(Refusal):
    """Reading on could harm the node."""


class EmptyFile(NotReadable):
    code = "empty"
    title = N_("The file is empty")
    detail = N_("It has no content at all. Export it from your device again.")


class UnknownFormat(NotReadable):
    code = "unknown_format"
    title = N_("The file is of an unknown kind")
    detail = N_("Only FIT, GPX and TCX files, packed as gzip or zip or not at all, can be read.")


class MalformedFile(NotReadable):
    code = "malformed"
    title = N_("The file cannot be read")
    detail = N_("It begins like a workout file, but nothing in it can be read.")


class TruncatedFile(NotReadable):
    code = "truncated"
    title = N_("The file is cut off")
    detail = N_("It ends before the first usable sample. Transfer it from your device again.")


class NotAnActivity(NothingInside):
    code = "not_an_activity"
    title = N_("The file is not a recorded workout")
    detail = N_("It holds settings, a course, a route or a planned workout.")


class NoSamples(NothingInside):
    code = "no_samples"
    title = N_("The file holds no data")
    detail = N_("It has neither positions nor sensor values, and no time or distance of the device.")


class TooLarge(NotSafe):
    code = "too_large"
    title = N_("The file is too large")
    detail = N_("A file may have 50 MB, 200 MB unpacked, and 400,000 samples.")


class UnsafeXml(NotSafe):
    code = "unsafe_xml"
    title = N_("The file uses XML features that are not allowed")
    detail = N_("Document types and entities are not allowed in workout files.")


class UnsafeArchive(NotSafe):
    code = "unsafe_archive"
    title = N_("The archive is not safe to unpack")
    detail = N_("It expands too much, has too many members, unsafe names, or holds only archives.")


REFUSALS: tuple[type[Refusal], ...] = (
    EmptyFile,
    UnknownFormat,
    MalformedFile,
    TruncatedFile,
    NotAnActivity,
    NoSamples,
    TooLarge,
    UnsafeXml,
    UnsafeArchive,
)
