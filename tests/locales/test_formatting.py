from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from locales.formatting import Formatter, UnitSystem, clock, default_units, territory_name

METRIC, IMPERIAL = UnitSystem.METRIC, UnitSystem.IMPERIAL
NOON = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def formatter(locale, units=METRIC, zone="America/Sao_Paulo"):
    return Formatter(locale=locale, units=units, time_zone=ZoneInfo(zone))


def written(text):
    """Spaces that do not break are still spaces to a reader."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("locale", "units", "expected"),
    [
        ("en", METRIC, "42.20 km"),
        ("en", IMPERIAL, "26.22 mi"),
        ("de", METRIC, "42,20 km"),
        ("de", IMPERIAL, "26,22 mi"),
        ("pt-BR", METRIC, "42,20 km"),
        ("ru", METRIC, "42,20 км"),
    ],
)
def test_a_marathon_in_each_language(locale, units, expected):
    assert written(formatter(locale, units).distance(42_195)) == expected


@pytest.mark.parametrize(
    ("locale", "units", "expected"),
    [
        ("en", METRIC, ("4:46 min/km", "12.6 km/h", "1,234 m", "1:40 min/100 m")),
        ("en", IMPERIAL, ("7:40 min/mi", "7.8 mph", "4,049 ft", "1:31 min/100 yd")),
        ("de", METRIC, ("4:46 min/km", "12,6 km/h", "1.234 m", "1:40 min/100 m")),
        ("ru", METRIC, ("4:46 мин/км", "12,6 км/ч", "1 234 м", "1:40 мин/100 м")),
    ],
)
def test_pace_speed_climb_and_swim_pace(locale, units, expected):
    form = formatter(locale, units)
    said = (form.pace(3.5), form.speed(3.5), form.elevation(1234), form.swim_pace(1))
    assert tuple(map(written, said)) == expected


def test_who_does_not_move_has_no_pace():
    assert formatter("en").pace(0) == "– min/km"  # noqa: RUF001 - the dash that stands for no figure


@pytest.mark.parametrize(("locale", "expected"), [("en", "151 bpm"), ("ru", "151 уд/мин")])
def test_heart_rate_has_whole_beats(locale, expected):
    assert formatter(locale).heart_rate(150.6) == expected


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "12.3%"), ("de", "12,3 %"), ("pt-BR", "12,3%"), ("ru", "12,3 %")],
)
def test_percent(locale, expected):
    assert written(formatter(locale).percent(0.1234, 1)) == expected


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "12,345.7"), ("de", "12.345,7"), ("pt-BR", "12.345,7"), ("ru", "12 345,7")],
)
def test_numbers(locale, expected):
    assert written(formatter(locale).number(12345.678, 1)) == expected


@pytest.mark.parametrize(
    ("locale", "date", "time"),
    [
        ("en", "Nov 20, 2026", "10:30 PM"),
        ("de", "20.11.2026", "22:30"),
        ("pt-BR", "20 de nov. de 2026", "22:30"),
        ("ru", "20 нояб. 2026 г.", "22:30"),  # noqa: RUF001 - a Russian letter
    ],
)
def test_a_moment_is_shown_in_the_readers_time_zone(locale, date, time):
    form = formatter(locale)
    assert written(form.date(NOON)) == date
    assert written(form.time(NOON)) == time
    assert date in written(form.moment(NOON))


@pytest.mark.parametrize("method", ["date", "time", "moment"])
def test_a_moment_without_a_zone_is_an_error_and_not_a_guess(method):
    with pytest.raises(ValueError, match="without a time zone"):
        getattr(formatter("en"), method)(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0:00"), (59.6, "1:00"), (309, "5:09"), (3909, "1:05:09"), (360_000, "100:00:00")],
)
def test_a_duration_is_a_clock(seconds, expected):
    assert clock(seconds) == expected
    assert formatter("ru").duration(seconds) == expected


@pytest.mark.parametrize(
    ("country", "units"), [("US", IMPERIAL), ("gb", IMPERIAL), ("DE", METRIC), ("", METRIC)]
)
def test_units_follow_the_country(country, units):
    assert default_units(country) is units


@pytest.mark.parametrize(
    ("country", "locale", "expected"),
    [("DE", "ru", "Германия"), ("br", "pt-BR", "Brasil"), ("ZZZ", "de", "ZZZ")],
)
def test_countries_have_names_in_each_language(country, locale, expected):
    assert territory_name(country, locale) == expected
