"""From opened content to recorded workouts, whatever the format."""

from dataclasses import replace

from region_node.features.workouts.importing.containers import Opened
from region_node.features.workouts.importing.detect import Kind, name_disagrees
from region_node.features.workouts.importing.fit import read_fit
from region_node.features.workouts.importing.gpx import GpxHandler
from region_node.features.workouts.importing.limits import Deadline
from region_node.features.workouts.importing.model import RecordedWorkout
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import NothingInside, TruncatedFile, UnknownFormat
from region_node.features.workouts.importing.tcx import TcxHandler
from region_node.features.workouts.importing.xml_reader import XmlReader


def decode(name: str, opened: Opened, deadline: Deadline) -> list[RecordedWorkout]:
    """Workouts in file order, with every notice about the file as a whole.

    Raises:
        Refusal: Nothing in the content is usable, or it is unsafe.
    """
    try:
        workouts = _read(opened, deadline)
    except NothingInside:
        if NoticeCode.TRUNCATED in opened.packing:
            raise TruncatedFile from None
        raise
    about_file = set(opened.packing)
    if name_disagrees(name, workouts[0].format, unpacked=opened.unpacked):
        about_file.add(NoticeCode.EXTENSION_MISMATCH)
    return [replace(one, notices=one.notices | about_file) for one in workouts]


def _read(opened: Opened, deadline: Deadline) -> list[RecordedWorkout]:
    if opened.kind is Kind.FIT:
        return read_fit(opened.chunks, deadline)
    if opened.kind is not Kind.XML:
        for _ in opened.chunks:
            pass  # an archive that expands too far is unsafe, whatever it begins with
        raise UnknownFormat
    gpx, tcx = GpxHandler(), TcxHandler()
    reader = XmlReader({"gpx": gpx, "TrainingCenterDatabase": tcx}, deadline)
    reader.read(opened.chunks)
    notices = frozenset(reader.notices)
    return gpx.workouts(notices) if reader.root == "gpx" else tcx.workouts(notices)
