"""Small workout files, whole and broken, made by hand."""

import gzip
import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime

from cli.demo_fit import fit_time, semicircles
from cli.fit_writer import (
    BYTE,
    ENUM,
    SINT32,
    UINT8,
    UINT16,
    UINT32,
    FitField,
    FitMessage,
    fit_file,
)

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
START_S = START.timestamp()
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TIME, HR = 253, 132
INVALID_TIME = 0xFFFFFFFF


def file_id(file_type: int = 4) -> FitMessage:
    return FitMessage(0, (FitField(0, ENUM, file_type), FitField(1, UINT16, 255), FitField(2, UINT16, 1)))


def record(second: float, start_s: float = START_S, *extra: FitField, heart_rate: int = 140) -> FitMessage:
    """A runner going east on the equator's parallel of 45 degrees."""
    return FitMessage(
        20,
        (
            FitField(TIME, UINT32, fit_time(start_s + second)),
            FitField(0, SINT32, semicircles(45.0)),
            FitField(1, SINT32, semicircles(7.0 + second * 4e-5)),
            FitField(3, UINT8, heart_rate),
            *extra,
        ),
    )


def session(
    seconds: float = 59.0, distance_m: float = 185.5, start_s: float = START_S, sport: int = 1, **raw: int
) -> FitMessage:
    """*raw* holds further fields as ``f16=150``: number and raw uint8 value."""
    return FitMessage(
        18,
        (
            FitField(TIME, UINT32, fit_time(start_s + seconds)),
            FitField(2, UINT32, fit_time(start_s)),
            FitField(5, ENUM, sport),
            FitField(6, ENUM, 0),
            FitField(7, UINT32, round(seconds * 1000)),
            FitField(8, UINT32, round(seconds * 1000)),
            FitField(9, UINT32, round(distance_m * 100)),
            *(FitField(int(name[1:]), UINT8, value) for name, value in raw.items()),
        ),
    )


def timer_event(second: float, event_type: int) -> FitMessage:
    """0 starts the timer, 4 stops it."""
    return FitMessage(
        21,
        (
            FitField(TIME, UINT32, fit_time(START_S + second)),
            FitField(0, ENUM, 0),
            FitField(1, ENUM, event_type),
        ),
    )


def strap_tie(second: float, ticks: int, bpm: int) -> FitMessage:
    return FitMessage(
        HR,
        (
            FitField(TIME, UINT32, fit_time(START_S + second)),
            FitField(6, UINT8, bpm),
            FitField(9, UINT32, ticks),
        ),
    )


def strap_beats(ticks: Iterable[int], bpm: Iterable[int]) -> FitMessage:
    """Eight beats in twelve bits each."""
    packed = bytearray()
    all_ticks = [tick & 0xFFF for tick in ticks]
    for low, high in zip(all_ticks[::2], all_ticks[1::2], strict=True):
        packed += bytes((low & 0xFF, low >> 8 | (high & 0x0F) << 4, high >> 4))
    return FitMessage(HR, (FitField(6, UINT8, tuple(bpm)), FitField(10, BYTE, tuple(packed))))


def run_fit(seconds: int = 60, start_s: float = START_S) -> bytes:
    """A minute of running with a session that agrees with its records."""
    records = [record(second, start_s) for second in range(seconds)]
    return fit_file([file_id(), *records, session(seconds - 1.0, (seconds - 1) * 3.145, start_s)])


def gpx(points: str, *, extra: str = "", kind: str = "running") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="test">'
        f"<trk><type>{kind}</type><trkseg>{points}</trkseg></trk>{extra}</gpx>"
    ).encode()


def trackpoint(
    second: float | None, latitude: str = "45.0", longitude: str | None = None, inner: str = ""
) -> str:
    east = f"{7 + (second or 0) * 4e-5:.6f}"
    at = "" if second is None else f"<time>{datetime.fromtimestamp(START_S + second, UTC).isoformat()}</time>"
    return f'<trkpt lat="{latitude}" lon="{longitude or east}">{at}{inner}</trkpt>'


def run_gpx(seconds: int = 60) -> bytes:
    return gpx("".join(trackpoint(second) for second in range(seconds)))


def tcx(activities: str) -> bytes:
    return (
        f'<?xml version="1.0"?><TrainingCenterDatabase><Activities>{activities}</Activities>'
        "</TrainingCenterDatabase>"
    ).encode()


def tcx_activity(seconds: int = 60, sport: str = "Running", *, lap: str = "") -> str:
    points = "".join(
        f"<Trackpoint><Time>{datetime.fromtimestamp(START_S + second, UTC).isoformat()}</Time>"
        f"<Position><LatitudeDegrees>45</LatitudeDegrees>"
        f"<LongitudeDegrees>{7 + second * 4e-5:.6f}</LongitudeDegrees></Position></Trackpoint>"
        for second in range(seconds)
    )
    return (
        f'<Activity Sport="{sport}"><Id>{START.isoformat()}</Id><Lap StartTime="{START.isoformat()}">'
        f"<TotalTimeSeconds>{seconds - 1}</TotalTimeSeconds>{lap}<Track>{points}</Track></Lap></Activity>"
    )


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()
