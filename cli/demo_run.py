"""The demo's story: people sign up, upload, and look at what came out. Returns what was read back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.progress import Progress

from cli.demo_client import DemoClient, DemoFault, SentFile
from cli.demo_consents import (
    ConsentReport,
    ask_consents,
    child_and_guardian,
    chosen,
    erase,
    withdraw_health,
)
from cli.demo_following import follow_each_other, gone_from_feeds
from cli.demo_homes import Homes
from cli.demo_people import PEOPLE, STRANGER, DemoPerson, DemoUpload, files_of
from cli.demo_report import PersonReport

ENDINGS = (".fit", ".gpx", ".tcx", ".gz", ".zip")
UPLOADS_AT_ONCE = 4
IMPORT_PATIENCE_S = 300.0
SUMS_PATIENCE_S = 60.0
SUMS_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Bringing:
    """Who brings which files; each is read only when it is its turn."""

    person: DemoPerson
    files: Sequence[Callable[[], DemoUpload]]


def own_files() -> list[Bringing]:
    return [Bringing(person, [_as_is(file) for file in files_of(person)]) for person in PEOPLE]


def folder_files(folder: Path) -> list[Bringing]:
    """All workout files of a folder, recursively; each folder's belong to a person of their own.

    Raises:
        DemoFault: there are none.
    """
    folders: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.lower().endswith(ENDINGS):
            folders.setdefault(path.parent, []).append(path)
    if not folders:
        raise DemoFault(f"{folder} has no file that ends in {', '.join(ENDINGS)}")
    bringing = []
    for number, (place, paths) in enumerate(sorted(folders.items())):
        files = [_from_disk(path, str(path.relative_to(folder))) for path in paths]
        bringing.append(Bringing(_person(number, place), files))
    return bringing


def _person(number: int, place: Path) -> DemoPerson:
    pattern = PEOPLE[number % len(PEOPLE)]
    if number < len(PEOPLE):
        return pattern
    return DemoPerson(
        name=f"Guest{number} of {place.name}",
        country=pattern.country,
        subdivision=pattern.subdivision,
        language=pattern.language,
        time_zone=pattern.time_zone,
        home=pattern.home,
    )


def _as_is(file: DemoUpload) -> Callable[[], DemoUpload]:
    return lambda: file


def _from_disk(path: Path, name: str) -> Callable[[], DemoUpload]:
    return lambda: DemoUpload(name, path.read_bytes())


async def run_story(
    homes: Homes, bringing: Sequence[Bringing], progress: Progress
) -> tuple[list[PersonReport], ConsentReport]:
    """Everybody signs up at home and says what they agree to, then all upload; at last one leaves."""
    consents, console = ConsentReport(), progress.console
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(_at_home(homes, one.person)) for one in bringing]
        for client in clients:
            await _join(client)
            person, region = client.person, homes.region_of(client.person)
            console.print(f"{person.name} ({person.place}) has signed up in {region} and agrees to:")
            await ask_consents(client, consents, console)
        await child_and_guardian(clients[0], consents, console)
        task = progress.add_task("importing", total=sum(len(one.files) for one in bringing))
        stories = (_one(c, b, lambda: progress.advance(task)) for c, b in zip(clients, bringing, strict=True))
        reports = list(await asyncio.gather(*stories))
        await asyncio.gather(*(_share(c, r) for c, r in zip(clients, reports, strict=True)))
        changes_mind, leaves = chosen(clients)
        circle = await follow_each_other(clients, [shows(report) for report in reports], console)
        await withdraw_health(changes_mind, reports[0].workouts, consents, console)
        if leaves is not None:
            await erase(leaves, consents, console)
            await gone_from_feeds(circle, leaves, console)
    consents.faults += circle.faults
    return reports, consents


async def _join(client: DemoClient) -> None:
    answer = await client.sign_up()
    if answer.is_error:
        raise DemoFault(f"{client.person.name} cannot sign up: {answer.json()['detail']}")
    await client.sign_in()


@asynccontextmanager
async def _at_home(homes: Homes, person: DemoPerson) -> AsyncIterator[DemoClient]:
    limits = httpx.Limits(max_connections=UPLOADS_AT_ONCE)
    url = homes.url_of(person)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits, trust_env=False) as http:
        yield DemoClient(http, person)


async def refused_stranger(homes: Homes) -> str:
    """The reason why somebody whose law no region here may hold cannot join, in their language."""
    async with _at_home(homes, STRANGER) as client:
        answer = await client.sign_up()
        if not answer.is_error:
            raise DemoFault(f"{STRANGER.name} should have been refused")
        return str(answer.json()["detail"])


async def _one(client: DemoClient, bringing: Bringing, tick: Callable[[], None]) -> PersonReport:
    hands = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def bring(file: Callable[[], DemoUpload]) -> SentFile:
        async with hands:
            sent = await client.send(await asyncio.to_thread(file))
            await client.wait_for(sent, IMPORT_PATIENCE_S)
            tick()
            return sent

    sent = list(await asyncio.gather(*(bring(file) for file in bringing.files)))
    workouts, counted = await _settled(client)
    report = PersonReport(client.person, sent, workouts, counted)
    for workout in workouts:
        shown = await client.get(f"/v1/workouts/{workout['workout_id']}")
        if shown["analysis"]["distance_m"] != workout["distance_m"]:
            report.faults.append(f"{workout['workout_id']}: list and analysis differ")
    return report


def own_workouts(report: PersonReport) -> list[dict[str, Any]]:
    """Those that have a place in a feed: of its own, and with a start."""
    return [one for one in report.workouts if not one["duplicate_of"] and one["started_at"]]


def shows(report: PersonReport) -> bool:
    """Whether there is a workout that `_share` shows to followers."""
    return bool(own_workouts(report))


async def _share(client: DemoClient, report: PersonReport) -> None:
    """Everybody shows one workout to whoever will follow them."""
    for workout in own_workouts(report)[:1]:
        await client.share(str(workout["workout_id"]))


async def _settled(client: DemoClient) -> tuple[list[dict[str, object]], int]:
    """Duplicates are marked and sums made shortly after the import; wait until both agree."""
    waited_s = 0.0
    while True:
        workouts = await client.workouts()
        counted = await client.counted_workouts()
        settled = counted == sum(1 for workout in workouts if not workout["duplicate_of"])
        if settled or waited_s > SUMS_PATIENCE_S:
            return workouts, counted
        await asyncio.sleep(SUMS_POLL_S)
        waited_s += SUMS_POLL_S
