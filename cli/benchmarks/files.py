"""The files that a benchmark uploads: valid samples of a folder, or our own of a like mix of sizes."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cli.demo_files import DemoFormat, demo_activity, demo_file
from cli.demo_model import DemoSport
from cli.demo_people import FIRST_DAY, PEOPLE
from cli.demo_run import ENDINGS

MAX_BYTES = 1024 * 1024
OWN_COUNT = 40
OWN_MINUTES = (4, 12, 25, 38, 52, 70, 95, 150)


@dataclass(frozen=True, slots=True)
class BenchFile:
    name: str
    content: bytes


def sample_files(folder: Path) -> list[BenchFile]:
    """Workout files directly in *folder* (broken ones lie deeper) of at most 1 MiB."""
    paths = [path for path in sorted(folder.iterdir()) if path.name.lower().endswith(ENDINGS)]
    return [BenchFile(p.name, p.read_bytes()) for p in paths if p.stat().st_size <= MAX_BYTES]


def own_files(count: int = OWN_COUNT) -> list[BenchFile]:
    """Most are FIT, as in life; from minutes to hours. The same in every run."""
    formats = (DemoFormat.FIT, DemoFormat.FIT, DemoFormat.FIT, DemoFormat.TCX, DemoFormat.GPX)
    files = []
    for number in range(count):
        sport, kind = list(DemoSport)[number % len(DemoSport)], formats[number % len(formats)]
        minutes = OWN_MINUTES[number % len(OWN_MINUTES)]
        if kind is not DemoFormat.FIT:
            minutes = min(minutes, OWN_MINUTES[4])  # XML of an hour is near the limit of size
        activity = demo_activity(
            sport,
            seed=number,
            start=FIRST_DAY + timedelta(days=number),
            minutes=minutes,
            origin=PEOPLE[0].home,
        )
        files.append(BenchFile(f"own-{number:02}.{kind.value}", demo_file(activity, kind)))
    return files


def bench_files(samples: Path | None, limit: int) -> list[BenchFile]:
    files = sample_files(samples) if samples else own_files(min(limit, OWN_COUNT))
    return files[:limit]
