"""People who upload as good clients do: a key for each file, sent again with it until it is acknowledged."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from cli.demo_client import PASSWORD
from cli.demo_files import DemoFormat, demo_activity, demo_file
from cli.demo_model import DemoSport
from cli.demo_people import BIRTH_DATE, FIRST_DAY, DemoPerson

ENDS = {"done", "refused", "failed"}
BROKEN = b"not a workout, and never was "
AGAIN_AFTER_S = 0.2
UNAVAILABLE = {429, 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """`effort` numbers what was done; recordings of one effort in two formats share it. None is broken."""

    name: str
    content: bytes
    effort: int | None
    key: str
    sent_twice: bool
    """Whether the client forgets the answer and sends again with the same key."""


@dataclass(slots=True)
class Athlete:
    person: DemoPerson
    http: httpx.AsyncClient
    planned: list[Planned]
    headers: dict[str, str] = field(default_factory=dict)
    person_id: str = ""
    acknowledged: list[tuple[Planned, str]] = field(default_factory=list)
    """Each acknowledgement, with the upload's id; a file that was sent twice is here twice."""
    refused_for_now: int = 0
    cut: int = 0

    async def join(self) -> None:
        person = self.person
        place = {"country": person.country, "subdivision": person.subdivision}
        said = {"email": person.email, "password": PASSWORD, **place}
        more = {
            "display_name": person.name,
            "birth_date": BIRTH_DATE.isoformat(),
            "language": person.language,
            "time_zone": person.time_zone,
        }
        answer = await self.http.post("/v1/sign-up", json=said | more)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        answer = await self.http.post("/v1/sign-in", json=said)
        assert answer.status_code == httpx.codes.OK, answer.text
        self.person_id = answer.json()["person_id"]
        self.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    async def upload_all(self, on_acknowledged: Callable[[], None]) -> None:
        for planned in self.planned:
            for _ in range(1 + planned.sent_twice):
                self.acknowledged.append((planned, await self.upload(planned)))
            on_acknowledged()

    async def upload(self, planned: Planned) -> str:
        """Send until it is acknowledged; anything but 202 and a 503 that names a time is a fault."""
        while True:
            try:
                answer = await self.send(planned)
            except httpx.TransportError:
                self.cut += 1
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            if answer.status_code == httpx.codes.ACCEPTED:
                return str(answer.json()["upload_id"])
            assert answer.status_code in UNAVAILABLE, f"{answer.status_code} {answer.text}"
            self.refused_for_now += 1
            await asyncio.sleep(float(answer.headers["retry-after"]))

    async def send(self, planned: Planned) -> httpx.Response:
        return await self.http.post(
            "/v1/uploads",
            params={"name": planned.name},
            content=planned.content,
            headers=self.headers
            | {"content-type": "application/octet-stream", "idempotency-key": planned.key},
        )

    async def ended(self, upload_id: str) -> dict[str, Any]:
        while True:
            upload = (await self.get(f"/v1/uploads/{upload_id}")).json()
            if upload["state"] in ENDS:
                return upload
            await asyncio.sleep(0.2)

    async def get(self, path: str, **params: str | int) -> httpx.Response:
        answer = await self.http.get(path, params=params, headers=self.headers)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code} {answer.text}"
        return answer

    async def items(self, path: str) -> list[dict[str, Any]]:
        return [item async for item in self._items(path)]

    async def _items(self, path: str) -> AsyncIterator[dict[str, Any]]:
        params: dict[str, str | int] = {"limit": 100}
        while True:
            page = (await self.get(path, **params)).json()
            for item in page["items"]:
                yield item
            if not page["next_cursor"]:
                return
            params["cursor"] = page["next_cursor"]


def plan(dice: random.Random, person: DemoPerson, count: int) -> list[Planned]:
    """*count* files of one person: mostly new efforts, some sent before, recorded twice, or broken."""
    planned: list[Planned] = []
    efforts = 0
    for number in range(count):
        kind = dice.choices(("new", "repeat", "other-format", "broken"), (78, 12, 6, 4))[0]
        earlier = [file for file in planned if file.effort is not None]
        if kind == "broken":
            content, effort, form = BROKEN + str(number).encode(), None, DemoFormat.FIT
        elif kind == "repeat" and earlier:
            chosen = dice.choice(earlier)
            content, effort, form = chosen.content, chosen.effort, DemoFormat(chosen.name.rpartition(".")[2])
        else:
            again = earlier[-1] if kind == "other-format" and earlier else None
            if again is None:
                efforts += 1
            effort = efforts if again is None else again.effort
            forms = [form for form in DemoFormat if again is None or not again.name.endswith(form)]
            form = dice.choice(forms)
            content = _recording(person, effort, form)
        planned.append(
            Planned(
                name=f"{number}.{form}",
                content=content,
                effort=effort,
                key=f"{dice.getrandbits(64):016x}",
                sent_twice=dice.random() < 0.08,
            )
        )
    return planned


def _recording(person: DemoPerson, effort: int, form: DemoFormat) -> bytes:
    """Efforts are hours apart and two minutes long, so that several fall on one day."""
    sport = list(DemoSport)[effort % 3]
    start = FIRST_DAY + timedelta(hours=5 * effort)
    return demo_file(demo_activity(sport, seed=effort, start=start, minutes=2, origin=person.home), form)
