"""Numbers, dates and the quantities of sport, the way a person's language and country write them.

Values come in SI units and UTC. What is shown in miles or kilometres follows from `UnitSystem`, which a
person may choose and whose default comes from their country.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from locales.messages import N_
from locales.translator import Translator, parsed_locale, translator_for

M_PER_MILE = 1609.344  # international mile, exact
M_PER_YARD = 0.9144  # exact
M_PER_FOOT = 0.3048  # exact
S_PER_MINUTE = 60
S_PER_HOUR = 3600


class UnitSystem(StrEnum):
    """The units a person reads."""

    METRIC = "metric"
    IMPERIAL = "imperial"


_MILES = frozenset({"US", "GB", "LR"})


def default_units(country: str) -> UnitSystem:
    """Return what people of an ISO 3166 *country* usually measure distance in."""
    return UnitSystem.IMPERIAL if country.upper() in _MILES else UnitSystem.METRIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatter:
    """Writes values for one reader. Cheap to make; safe to share."""

    locale: str
    units: UnitSystem
    time_zone: ZoneInfo

    @property
    def _babel(self) -> Locale:
        return parsed_locale(self.locale)

    @property
    def _translator(self) -> Translator:
        return translator_for(self.locale)

    @property
    def _imperial(self) -> bool:
        return self.units is UnitSystem.IMPERIAL

    def number(self, value: float, decimals: int = 0) -> str:
        """Write with exactly *decimals* places, grouped."""
        return format_decimal(value, format=_pattern(decimals), locale=self._babel)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Write a *share* of 1: 0.5 is 50 %."""
        pattern = self._babel.percent_formats[None].pattern.replace(_pattern(0), _pattern(decimals), 1)
        return format_percent(share, format=pattern, locale=self._babel)

    def date(self, moment: datetime) -> str:
        """Write the day of an aware *moment* in the reader's time zone."""
        return format_date(self._local(moment).date(), format="medium", locale=self._babel)

    def time(self, moment: datetime) -> str:
        return format_time(self._local(moment), format="short", tzinfo=self.time_zone, locale=self._babel)

    def moment(self, moment: datetime) -> str:
        """Write day and time of an aware *moment* in the reader's time zone."""
        return format_datetime(
            self._local(moment), format="medium", tzinfo=self.time_zone, locale=self._babel
        )

    def distance(self, distance_m: float) -> str:
        unit, value = (
            ("mile", distance_m / M_PER_MILE) if self._imperial else ("kilometer", distance_m / 1000)
        )
        return self._unit(value, f"length-{unit}", 2)

    def elevation(self, elevation_m: float) -> str:
        unit, value = ("foot", elevation_m / M_PER_FOOT) if self._imperial else ("meter", elevation_m)
        return self._unit(value, f"length-{unit}", 0)

    def speed(self, speed_mps: float) -> str:
        value = speed_mps * S_PER_HOUR
        if self._imperial:
            return self._unit(value / M_PER_MILE, "speed-mile-per-hour", 1)
        return self._unit(value / 1000, "speed-kilometer-per-hour", 1)

    def pace(self, speed_mps: float) -> str:
        """Write the time for a kilometre or mile; a dash where there was no movement."""
        text, length_m = (N_("{pace} min/mi"), M_PER_MILE) if self._imperial else (N_("{pace} min/km"), 1000)
        return self._translator.text(text, pace=_clock_for(speed_mps, length_m))

    def swim_pace(self, speed_mps: float) -> str:
        """Write the time for 100 metres or yards; a dash where there was no movement."""
        text, length_m = (
            (N_("{pace} min/100 yd"), 100 * M_PER_YARD) if self._imperial else (N_("{pace} min/100 m"), 100)
        )
        return self._translator.text(text, pace=_clock_for(speed_mps, length_m))

    def heart_rate(self, rate_bpm: float) -> str:
        return self._translator.text(N_("{rate} bpm"), rate=self.number(rate_bpm))

    def duration(self, duration_s: float) -> str:
        """Write a clock: ``1:05:09``, ``5:09``."""
        return clock(duration_s)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be shown in another")
        return moment.astimezone(self.time_zone)

    def _unit(self, value: float, unit: str, decimals: int) -> str:
        return format_unit(value, unit, length="short", format=_pattern(decimals), locale=self._babel)


def _pattern(decimals: int) -> str:
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _clock_for(speed_mps: float, length_m: float) -> str:
    return clock(length_m / speed_mps) if speed_mps > 0 else "–"  # noqa: RUF001 - a dash as wide as a figure


def clock(duration_s: float) -> str:
    """Write seconds, rounded to whole ones, as ``h:mm:ss`` or ``m:ss``: the same in all our languages."""
    minutes, seconds = divmod(round(duration_s), S_PER_MINUTE)
    hours, minutes = divmod(minutes, S_PER_HOUR // S_PER_MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def territory_name(country: str, locale: str) -> str:
    """Return the name of an ISO 3166 *country* in a supported locale, else the code itself."""
    return str(parsed_locale(locale).territories.get(country.upper(), country))
