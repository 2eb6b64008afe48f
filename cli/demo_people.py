"""The people of the demo and the files that they bring: made anew in each run, the same each time."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from cli.demo_files import DemoFormat, demo_activity, demo_file
from cli.demo_model import DemoSport

BIRTH_DATE = date(1990, 5, 17)
CHILD_BORN = date(2012, 5, 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    name: str
    country: str
    subdivision: str | None
    language: str
    time_zone: str
    home: tuple[float, float]
    birth_date: date = BIRTH_DATE
    with_guardian: bool = False
    """Too young to agree alone: somebody will answer for them."""

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@demo.example"

    @property
    def place(self) -> str:
        return self.subdivision or self.country


@dataclass(frozen=True, slots=True)
class DemoUpload:
    name: str
    content: bytes


PEOPLE = (
    DemoPerson(
        name="Ana Keller",
        country="DE",
        subdivision=None,
        language="de",
        time_zone="Europe/Berlin",
        home=(52.52, 13.405),
    ),
    DemoPerson(
        name="Rafael Souza",
        country="BR",
        subdivision=None,
        language="pt-BR",
        time_zone="America/Sao_Paulo",
        home=(-23.55, -46.63),
    ),
    DemoPerson(
        name="Emily Carter",
        country="US",
        subdivision="US-CA",
        language="en",
        time_zone="America/Los_Angeles",
        home=(37.77, -122.42),
    ),
    DemoPerson(
        name="Oliver Hughes",
        country="GB",
        subdivision=None,
        language="en",
        time_zone="Europe/London",
        home=(51.507, -0.128),
    ),
    DemoPerson(
        name="Lena Huber",
        country="CH",
        subdivision=None,
        language="de",
        time_zone="Europe/Zurich",
        home=(47.37, 8.54),
    ),
    DemoPerson(
        name="Claire Dubois",
        country="FR",
        subdivision=None,
        language="en",
        time_zone="Europe/Paris",
        home=(45.76, 4.84),
    ),
)
STRANGER = DemoPerson(
    name="Ivan Petrov",
    country="RU",
    subdivision=None,
    language="ru",
    time_zone="Europe/Moscow",
    home=(55.75, 37.62),
)
"""Somebody whose law no region of the demo may hold: is told so."""


def child_of(guardian: DemoPerson) -> DemoPerson:
    """A fourteen-year-old who lives with *guardian*."""
    name = f"Mila {guardian.name.split()[-1]}"
    return replace(guardian, name=name, birth_date=CHILD_BORN, with_guardian=True)


FIRST_DAY = datetime(2026, 6, 1, 6, 30, tzinfo=UTC)
MINUTES = (32, 55, 41)
BROUGHT = (
    (DemoSport.RUN, DemoFormat.TCX),
    (DemoSport.RIDE, DemoFormat.GPX),
    (DemoSport.SWIM, DemoFormat.FIT),
)


def files_of(person: DemoPerson) -> list[DemoUpload]:
    """A run, a ride and a swim in three formats, the ride in two; the first person also a broken file."""
    number = PEOPLE.index(person)
    uploads = []
    for turn, (sport, kind) in enumerate(BROUGHT):
        start = FIRST_DAY + timedelta(days=2 * turn, hours=number)
        minutes = MINUTES[turn] + number
        activity = demo_activity(
            sport, seed=number * 10 + turn, start=start, minutes=minutes, origin=person.home
        )
        uploads.append(DemoUpload(f"{sport.value}.{kind.value}", demo_file(activity, kind)))
        if sport is DemoSport.RIDE:
            uploads.append(DemoUpload(f"{sport.value}-again.fit", demo_file(activity, DemoFormat.FIT)))
    if number == 0:
        uploads.append(DemoUpload("broken.fit", uploads[-1].content[:13]))
    return uploads
