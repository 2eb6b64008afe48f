"""A workout's samples as GPX 1.1, the format that other platforms read; heart rate in Garmin's extension."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

import numpy as np

from region_node.features.workouts.model import PartKind
from region_node.features.workouts.samples import FloatArray, decode_block
from region_node.features.workouts.store import WorkoutStore

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Meridian" '
    'xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:g="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"><trk><trkseg>\n'
)
_TAIL = "</trkseg></trk></gpx>\n"


async def gpx_of(workouts: WorkoutStore, person_id: str, workout_id: str) -> AsyncIterator[bytes]:
    """The file block by block; nothing at all for a workout without positions."""
    number, begun = 0, False
    while body := await workouts.part(person_id, workout_id, PartKind.SAMPLES, number):
        health = await workouts.health_part(person_id, workout_id, PartKind.SAMPLES, number)
        points = "".join(_points(decode_block(body) | (decode_block(health) if health else {})))
        number += 1
        if not points:
            continue
        yield (points if begun else _HEAD + points).encode()
        begun = True
    if begun:
        yield _TAIL.encode()


def _points(columns: dict[str, FloatArray]) -> Iterable[str]:
    if "latitude_deg" not in columns or "longitude_deg" not in columns:
        return
    placed = np.isfinite(columns["latitude_deg"]) & np.isfinite(columns["longitude_deg"])
    for row in np.flatnonzero(placed):
        latitude, longitude = columns["latitude_deg"][row], columns["longitude_deg"][row]
        yield f'<trkpt lat="{latitude:.7f}" lon="{longitude:.7f}">{_about(columns, int(row))}</trkpt>\n'


def _about(columns: dict[str, FloatArray], row: int) -> str:
    found = {name: column[row] for name, column in columns.items() if np.isfinite(column[row])}
    parts = []
    if "altitude_m" in found:
        parts.append(f"<ele>{found['altitude_m']:.1f}</ele>")
    if "time_s" in found:
        moment = datetime.fromtimestamp(float(found["time_s"]), UTC).isoformat(timespec="milliseconds")
        parts.append(f"<time>{moment}</time>")
    if "heart_rate_bpm" in found:
        beats = f"<g:hr>{found['heart_rate_bpm']:.0f}</g:hr>"
        parts.append(f"<extensions><g:TrackPointExtension>{beats}</g:TrackPointExtension></extensions>")
    return "".join(parts)
