"""From the bytes of a file to analysed workouts: the one way in, for the command line and the import workers.

Pure but for the clock that holds the time limit: no network, no disk, nothing kept between calls.
"""

import hashlib
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO

from region_node.features.workouts.analysis.summary import AnalysedWorkout, analyse
from region_node.features.workouts.document import RefusalDocument
from region_node.features.workouts.importing.archives import ZipMembers
from region_node.features.workouts.importing.containers import Packed, open_content, stream_chunks
from region_node.features.workouts.importing.decode import decode
from region_node.features.workouts.importing.detect import HEAD_BYTES, Kind, kind_of
from region_node.features.workouts.importing.limits import READING_SHARE, TIME_LIMIT_S, Deadline
from region_node.features.workouts.importing.refusals import NoSamples, Refusal, UnsafeArchive

MEMBER_SEPARATOR = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file: of the file itself, or of one member of a zip.

    Either ``workouts`` or ``refusal``; ``digest`` (SHA-256, hex) is of the bytes that the workouts came from.
    ``skipped`` marks a member that is itself an archive: it is refused, but says nothing against the archive
    around it.
    """

    name: str
    workouts: list[AnalysedWorkout] = field(default_factory=list)
    refusal: Refusal | None = None
    skipped: bool = False
    digest: str = ""


def analyse_outcomes(
    name: str, source: BinaryIO, *, now: datetime, time_limit_s: float = TIME_LIMIT_S
) -> Iterator[Outcome]:
    """One outcome for a file, or one for each member of a zip, in its order, as soon as it is known.

    Args:
        name: As its owner gave it; members are named after it and a ``!``.
        source: A seekable binary stream; read piece by piece, never as a whole.
        now: What "in the future" is compared with.
        time_limit_s: For a file, or for each member; what was read by then is analysed.
    """
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if kind_of(head) is not Kind.ZIP:
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        yield _outcome(Packed(name, stream_chunks(source), size), now, time_limit_s)
        return
    try:
        archive = ZipMembers(source)
    except Refusal as refusal:
        yield Outcome(name=name, refusal=refusal)
        return
    for member in archive.members(f"{name}{MEMBER_SEPARATOR}"):
        yield _outcome(member, now, time_limit_s)


def analyse_bytes(
    name: str, data: bytes, *, now: datetime, time_limit_s: float = TIME_LIMIT_S
) -> list[AnalysedWorkout]:
    """All workouts of a file or zip; refused members of a zip are left out.

    Raises:
        Refusal: There is no workout in it; of a zip, the first member's refusal.
    """
    outcomes = list(analyse_outcomes(name, io.BytesIO(data), now=now, time_limit_s=time_limit_s))
    workouts = [workout for outcome in outcomes for workout in outcome.workouts]
    if not workouts:
        raise refusal_of(outcomes)
    return workouts


def refusal_of(outcomes: list[Outcome]) -> Refusal:
    """Why a file as a whole is refused, when none of its outcomes has a workout."""
    if all(outcome.skipped for outcome in outcomes):
        return UnsafeArchive()
    first = next((outcome.refusal for outcome in outcomes if not outcome.skipped), None)
    return first if first is not None else NoSamples()


def refusal_document(name: str, refusal: Refusal) -> RefusalDocument:
    return RefusalDocument(file=name, part=1, code=refusal.code, title=refusal.title, detail=refusal.detail)


def _outcome(packed: Packed, now: datetime, time_limit_s: float) -> Outcome:
    name = packed.name
    deadline = Deadline(time_limit_s * READING_SHARE)
    digest = hashlib.sha256()
    counted = _passed(packed.chunks, digest)
    try:
        opened = open_content(replace(packed, chunks=counted))
        if opened.kind.is_archive:
            return Outcome(name=name, refusal=UnsafeArchive(), skipped=True)
        recorded = decode(name, opened, deadline)
    except Refusal as refusal:
        return Outcome(name=name, refusal=refusal)
    deque(counted, maxlen=0)  # what the decoder left unread belongs to the file as well
    return Outcome(
        name=name,
        workouts=[
            analyse(workout, file=name, part=part, now=now) for part, workout in enumerate(recorded, start=1)
        ],
        digest=digest.hexdigest(),
    )


def _passed(chunks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
