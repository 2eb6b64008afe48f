"""A person at the API over one connection, with hardly any work on their side."""

import asyncio
import time
from typing import Any
from urllib.parse import quote

import msgspec

from cli.benchmarks.wire import Address, Wire, WireFault, request_bytes
from cli.demo_client import ENDED, PASSWORD
from cli.demo_people import BIRTH_DATE, PEOPLE, DemoPerson

LOOK_EVERY_S = 0.015
TOKEN_FRESH_S = 300.0
PATIENCE_S = 120.0
JSON = "application/json"
BINARY = "application/octet-stream"
ERRORS = 400


class BenchFault(Exception):
    """The node answered something that a benchmark cannot go on from."""


def bench_person(label: str, number: int) -> DemoPerson:
    pattern = PEOPLE[number % len(PEOPLE)]
    return DemoPerson(
        name=f"{label}{number} Athlete",
        country=pattern.country,
        subdivision=pattern.subdivision,
        language="en",
        time_zone=pattern.time_zone,
        home=pattern.home,
    )


class Session:
    """Somebody who is signed in; shared by the connections that act for them."""

    def __init__(self, address: Address, person: DemoPerson) -> None:
        self.address = address
        self.person = person
        self.person_id = ""
        self._token = ""  # nothing yet, no secret # nosec B105
        self._token_at = 0.0
        self._lock = asyncio.Lock()

    async def sign_up(self, wire: Wire) -> None:
        person = self.person
        said = {
            "email": person.email,
            "password": PASSWORD,
            "display_name": person.name,
            "birth_date": BIRTH_DATE.isoformat(),
            "country": person.country,
            "subdivision": person.subdivision,
            "language": person.language,
            "time_zone": person.time_zone,
        }
        await document_of(wire, self._post("/v1/sign-up", said))

    async def token(self, wire: Wire) -> str:
        """A token that is good for minutes to come."""
        async with self._lock:
            if not self._token or time.monotonic() - self._token_at > TOKEN_FRESH_S:
                place = {"country": self.person.country, "subdivision": self.person.subdivision}
                said = {"email": self.person.email, "password": PASSWORD, **place}
                answer = await document_of(wire, self._post("/v1/sign-in", said))
                self._token, self.person_id = answer["access_token"], answer["person_id"]
                self._token_at = time.monotonic()
        return self._token

    async def get(self, wire: Wire, path: str) -> dict[str, Any]:
        return await document_of(wire, await self.request(wire, path))

    async def request(self, wire: Wire, path: str) -> bytes:
        """The bytes of a GET with this person's token."""
        return request_bytes("GET", path, self.address, token=await self.token(wire))

    async def upload(self, wire: Wire, name: str, content: bytes) -> list[str]:
        """Send a file, wait until it is read, and return the ids of its workouts.

        Raises:
            BenchFault: it was not imported.
        """
        token = await self.token(wire)
        path = f"/v1/uploads?name={quote(name)}"
        request = request_bytes("POST", path, self.address, token=token, body=content, kind=BINARY)
        upload = (await document_of(wire, request))["upload_id"]
        async with asyncio.timeout(PATIENCE_S):
            state = await self._state(wire, upload)
            while state not in ENDED:
                await asyncio.sleep(LOOK_EVERY_S)
                state = await self._state(wire, upload)
        outcomes = (await self.get(wire, f"/v1/uploads/{upload}/results"))["items"]
        found = [outcome["workout_id"] for outcome in outcomes if outcome["workout_id"]]
        if not found:
            raise BenchFault(f"{name} ended as {state}")
        return found

    async def consent(self, wire: Wire) -> None:
        """Agree to the analysis of health data, where the law asks for it: without, no heart rate is kept."""
        items = (await self.get(wire, "/v1/consents"))["items"]
        wanted = (item for item in items if item["purpose"] == "analysis" and item["category"] == "health")
        for item in wanted:
            if item["ask"]:
                token = await self.token(wire)
                said = msgspec.json.encode({"notice": item["notice"]["ref"], "category": item["category"]})
                path = "/v1/consents/analysis"
                await document_of(
                    wire, request_bytes("PUT", path, self.address, token=token, body=said, kind=JSON)
                )

    async def _state(self, wire: Wire, upload_id: str) -> str:
        return str((await self.get(wire, f"/v1/uploads/{upload_id}"))["state"])

    def _post(self, path: str, said: dict[str, Any]) -> bytes:
        return request_bytes("POST", path, self.address, body=msgspec.json.encode(said), kind=JSON)


async def signed_up(address: Address, label: str, count: int) -> list[Session]:
    """*count* new people who have consented, whose addresses begin with *label*."""
    wire = await Wire.to(address)
    sessions = [Session(address, bench_person(label, number)) for number in range(count)]
    for session in sessions:
        await session.sign_up(wire)
        await session.token(wire)
        await session.consent(wire)
    wire.close()
    return sessions


async def document_of(wire: Wire, request: bytes) -> dict[str, Any]:
    """The JSON of an answer. Raises BenchFault for a problem."""
    try:
        status, body = await wire.ask(request)
    except WireFault as fault:
        raise BenchFault(str(fault)) from fault
    document: dict[str, Any] = msgspec.json.decode(body)
    if status >= ERRORS:
        raise BenchFault(f"answered {status} {document.get('title', '')}")
    return document
