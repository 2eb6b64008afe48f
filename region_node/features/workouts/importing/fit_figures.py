"""What FIT sessions, laps, events and device messages say, in the words of the model."""

from collections.abc import Sequence
from typing import Any

from region_node.features.workouts.importing.fit_summaries import Message, Messages
from region_node.features.workouts.importing.model import Device, Figures

_U1, _U2, _U4 = 0xFE, 0xFFFE, 0xFFFFFFFE

_FIGURES: dict[str, tuple[tuple[str, ...], float]] = {
    "start_at_s": (("start_time",), 1e11),
    "elapsed_s": (("total_elapsed_time",), _U4 / 1000),
    "timer_s": (("total_timer_time",), _U4 / 1000),
    "moving_s": (("total_moving_time",), _U4 / 1000),
    "distance_m": (("total_distance",), _U4 / 100),
    "ascent_m": (("total_ascent",), _U2),
    "descent_m": (("total_descent",), _U2),
    "calories_kcal": (("total_calories",), _U2),
    "heart_rate_avg_bpm": (("avg_heart_rate",), _U1),
    "heart_rate_max_bpm": (("max_heart_rate",), _U1),
    "power_avg_w": (("avg_power",), _U2),
    "power_max_w": (("max_power",), _U2),
    "power_weighted_w": (("normalized_power",), _U2),
    "cadence_avg_rpm": (("avg_cadence", "avg_running_cadence"), _U1),
    "cadence_max_rpm": (("max_cadence", "max_running_cadence"), _U1),
    "speed_avg_mps": (("enhanced_avg_speed", "avg_speed"), _U4 / 1000),
    "speed_max_mps": (("enhanced_max_speed", "max_speed"), _U4 / 1000),
}
"""Fields in order of preference, and the largest value that the profile's type of the field can hold."""

_NO_SENSOR_IF_ZERO = frozenset(
    name for name in _FIGURES if name.startswith(("heart_rate", "power", "cadence", "speed", "distance"))
)
_FRACTIONS = {"cadence_avg_rpm": "avg_fractional_cadence", "cadence_max_rpm": "max_fractional_cadence"}
_STOPS = frozenset({"stop", "stop_all", "stop_disable", "stop_disable_all"})


def figures_of(message: Message, kind: str) -> Figures:
    """Figures of a ``session`` or ``lap`` message; a value its field could not hold is none."""
    figures = {name: _number(message, fields, most) for name, (fields, most) in _FIGURES.items()}
    for name in _NO_SENSOR_IF_ZERO:
        if not figures[name] and (kind == "session" or name != "distance_m"):
            figures[name] = None
    for name, field in _FRACTIONS.items():
        whole = figures[name]
        if whole is not None:
            figures[name] = whole + (_number(message, (field,), 1.0) or 0.0)
    return Figures(**figures)


def _number(message: Message, fields: tuple[str, ...], most: float) -> float | None:
    for field in fields:
        value = message.get(field)
        if isinstance(value, int | float) and 0 <= value <= most:
            return float(value)
    return None


def sport_of(messages: Messages) -> tuple[str, str]:
    """Sport and sub-sport by their names in the FIT profile."""
    sessions = messages.get("session", [])
    if len(sessions) > 1:
        return "multisport", "generic"
    for kind in ("session", "sport", "lap"):
        for message in messages.get(kind, []):
            sport = message.get("sport")
            if isinstance(sport, str):
                sub_sport = message.get("sub_sport")
                return sport, sub_sport if isinstance(sub_sport, str) else "generic"
    return "generic", "generic"


def device_of(messages: Messages) -> Device:
    ids = messages.get("file_id", [])
    # of several parts, the one that recorded the activity
    own: Message = next((one for one in ids if one.get("type") == "activity"), ids[0] if ids else {})
    creators = [one for one in messages.get("device_info", []) if one.get("device_index") in {"creator", 0}]
    info: Message = creators[0] if creators else {}
    software = info.get("software_version")
    if software is None:
        stated = next((one.get("software_version") for one in messages.get("file_creator", [])), None)
        software = stated / 100 if isinstance(stated, int | float) else None
    return Device(
        manufacturer=_text(own.get("manufacturer", info.get("manufacturer"))),
        product=_text(own.get("product_name") or info.get("product_name") or own.get("product")),
        software=_text(software),
    )


def _text(value: Any) -> str | None:
    """Readable and short: what a device writes into a text field is not to be trusted."""
    if value is None:
        return None
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "".join(one for one in text if one.isprintable())[:80].strip() or None


def pauses_of(events: Sequence[Message]) -> tuple[tuple[float, float], ...]:
    """From each stop of the timer to the next start; a stop with no start after it ends the workout."""
    pauses: list[tuple[float, float]] = []
    stopped: float | None = None
    for event in events:
        at = event.get("timestamp")
        if event.get("event") != "timer" or not isinstance(at, int | float):
            continue
        if event.get("event_type") in _STOPS:
            stopped = at if stopped is None else stopped
        elif event.get("event_type") == "start" and stopped is not None:
            if at > stopped:
                pauses.append((float(stopped), float(at)))
            stopped = None
    return tuple(pauses)
