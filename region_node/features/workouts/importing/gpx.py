"""GPX: all tracks of a file are one workout; a segment is a stretch without interruption."""

from region_node.features.workouts.importing.model import Device, RecordedWorkout
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.points import Points, instant, number
from region_node.features.workouts.importing.refusals import NoSamples, NotAnActivity, TruncatedFile
from region_node.features.workouts.importing.sports import GENERIC, sport_named
from region_node.features.workouts.importing.values import cleaned, has_data
from region_node.features.workouts.importing.xml_reader import DECODER

_POINT_VALUES = {
    "ele": "altitude_m",
    "hr": "heart_rate_bpm",
    "heartrate": "heart_rate_bpm",
    "cad": "cadence_rpm",
    "cadence": "cadence_rpm",
    "power": "power_w",
    "watts": "power_w",
    "powerinwatts": "power_w",
    "atemp": "temperature_c",
    "temp": "temperature_c",
    "temperature": "temperature_c",
    "speed": "speed_mps",
    "distance": "distance_m",
}
"""Elements of a point, extensions of the usual vendors included, in lower case."""


class GpxHandler:
    """Gathers points while the file is read; ``workouts`` is asked for once, at the end."""

    def __init__(self) -> None:
        self._points = Points()
        self._point: dict[str, float] | None = None
        self._position_given = False
        self._segment = -1
        self._in_track = False
        self._routes = 0
        self._creator: str | None = None
        self._sport = GENERIC

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "trkpt":
            latitude, longitude = attributes.get("lat"), attributes.get("lon")
            self._point = {"latitude_deg": number(latitude), "longitude_deg": number(longitude)}
            self._position_given = latitude is not None or longitude is not None
        elif self._point is not None:
            return
        elif name == "trkseg":
            self._segment += 1
        elif name == "trk":
            self._in_track = True
        elif name == "rte":
            self._routes += 1
        elif name == "gpx":
            self._creator = attributes.get("creator")

    def end(self, name: str, text: str) -> None:
        point = self._point
        if point is not None:
            if name == "time":
                point["time_s"] = instant(text)
            elif name == "trkpt":
                self._points.add(point, segment=self._segment, position_given=self._position_given)
                self._point = None
            else:
                column = _POINT_VALUES.get(name) or _POINT_VALUES.get(name.lower())
                if column is not None:
                    point[column] = number(text)
        elif name == "trk":
            self._in_track = False
        elif name == "type" and self._in_track and self._sport == GENERIC:
            self._sport = sport_named(text, self._creator)

    def workouts(self, notices: frozenset[NoticeCode]) -> list[RecordedWorkout]:
        columns, impossible = cleaned(self._points.columns(), self._points.position_given())
        if not has_data(columns):
            if not self._points.count and self._routes:
                raise NotAnActivity
            raise TruncatedFile if NoticeCode.TRUNCATED in notices else NoSamples
        sport, sub_sport = self._sport
        creator = (self._creator or "").strip()
        return [
            RecordedWorkout(
                format="gpx",
                decoder=DECODER,
                sport=sport,
                sub_sport=sub_sport,
                columns=columns,
                samples=self._points.count,
                device=Device(product=creator[:80] or None),
                notices=notices | ({NoticeCode.INVALID_POSITION} if impossible else frozenset()),
            )
        ]
