"""Uploads as they are kept: where a file is on its way to becoming workouts."""

from datetime import datetime
from enum import StrEnum

import msgspec

IMPORT_WORK = "upload.import"
MAX_FILE_NAME_BYTES = 255
MAX_MEMBER_NAME_BYTES = 2 * MAX_FILE_NAME_BYTES + 1


class UploadState(StrEnum):
    """`DONE`, `REFUSED` and `FAILED` are ends; a retry leads from the last two back to `QUEUED`."""

    QUEUED = "queued"
    READING = "reading"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def is_end(self) -> bool:
        return self in {UploadState.DONE, UploadState.REFUSED, UploadState.FAILED}


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """`code` says why nothing was imported; `results` counts the outcomes of the files inside."""

    person_id: str
    upload_id: str
    version: int
    state: UploadState
    received_at: datetime
    size_bytes: int
    object_name: str
    content_key: str
    attempts: int
    code: str
    results: int
    file_name: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one workout, or of one file that held none.

    `title` and `detail` are message ids, translated for each reader; `known` says that the same
    content was uploaded before, so that `workout_id` is that earlier workout.
    """

    file: str
    part: int
    workout_id: str = ""
    known: bool = False
    warnings: tuple[str, ...] = ()
    code: str = ""
    title: str = ""
    detail: str = ""
    params: dict[str, str | int | float] = {}


def short_name(name: str, most_bytes: int) -> str:
    """A name as rows keep it: cut to so many bytes of UTF-8, and without what cannot be printed."""
    printable = "".join(char if char.isprintable() else "\ufffd" for char in name)
    return printable.encode()[:most_bytes].decode(errors="ignore")


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """A work item: ids only, no personal value, small enough for any queue.

    `kind` is the type of its pointer; `upload_id` then names the aggregate, a person where it is no upload.
    """

    tenant: str
    jurisdiction: str
    person_id: str
    upload_id: str
    pointer_id: str
    bucket: datetime
    kind: str = IMPORT_WORK
    version: int = 0
