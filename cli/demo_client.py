"""The demo's people at the API: what they do goes over HTTP, and what is counted was read back over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.demo_people import DemoPerson, DemoUpload

PASSWORD = "demo password, not a secret"  # noqa: S105 # nosec - the demo's people are made up
ENDED = frozenset({"done", "refused", "failed"})
POLL_S = 0.05
FRESH_PART = 0.8
"""Of a session's time, after which it is renewed."""
PAGE = 100


class DemoFault(Exception):
    """The node answered something that the demo cannot go on from."""


@dataclass(slots=True)
class SentFile:
    name: str
    upload_id: str
    state: str = ""
    outcomes: list[dict[str, Any]] = field(default_factory=list)


class DemoClient:
    """One person's session."""

    def __init__(self, http: httpx.AsyncClient, person: DemoPerson) -> None:
        self._http = http
        self.person = person
        self._headers = {"accept-language": person.language}
        self._session: dict[str, Any] = {}
        self._fresh_until_s = 0.0
        self._renewing = asyncio.Lock()

    def beside(self, person: DemoPerson) -> "DemoClient":
        """Somebody else at the same node."""
        return DemoClient(self._http, person)

    async def sign_up(self) -> httpx.Response:
        person = self.person
        said = {
            "email": person.email,
            "password": PASSWORD,
            "display_name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "country": person.country,
            "subdivision": person.subdivision,
            "language": person.language,
            "time_zone": person.time_zone,
            "guardian": person.with_guardian,
        }
        return await self._http.post("/v1/sign-up", json=said, headers=self._headers)

    async def try_to_sign_in(self) -> httpx.Response:
        place = {"country": self.person.country, "subdivision": self.person.subdivision}
        said = {"email": self.person.email, "password": PASSWORD, **place}
        return await self._http.post("/v1/sign-in", json=said, headers=self._headers)

    async def sign_in(self) -> None:
        self._keep(_checked(await self.try_to_sign_in()))

    def _keep(self, session: dict[str, Any]) -> None:
        self._headers["authorization"] = f"Bearer {session['access_token']}"
        self._session = session
        self._fresh_until_s = time.monotonic() + session["expires_in_s"] * FRESH_PART

    async def _fresh(self) -> None:
        """Renew a session that has used up most of its time."""
        async with self._renewing:
            if self._session and time.monotonic() > self._fresh_until_s:
                said = {"refresh_token": self._session["refresh_token"]}
                self._keep(_checked(await self._http.post("/v1/session/refresh", json=said)))

    async def consents(self) -> list[dict[str, Any]]:
        """Everything that can be asked, in the person's language."""
        items: list[dict[str, Any]] = (await self.get("/v1/consents"))["items"]
        return items

    async def try_to_agree(self, item: dict[str, Any], child: str = "") -> httpx.Response:
        """Agree to what `consents` showed, in the name of *child* if there is one."""
        path = f"/v1/guardianships/{child}/consents" if child else "/v1/consents"
        said = {"notice": item["notice"]["ref"], "category": item["category"]}
        return await self._http.put(f"{path}/{item['purpose']}", json=said, headers=self._headers)

    async def agree(self, item: dict[str, Any], child: str = "") -> None:
        _checked(await self.try_to_agree(item, child))

    async def withdraw(self, purpose: str, category: str) -> None:
        path, params = f"/v1/consents/{purpose}", {"category": category}
        _checked(await self._http.delete(path, params=params, headers=self._headers))

    async def guardian_code(self) -> dict[str, Any]:
        return _checked(await self._http.post("/v1/guardianships/codes", headers=self._headers))

    async def answer_for(self, code: str) -> str:
        """Become the guardian of who made *code*; returns the child's id."""
        answer = await self._http.post("/v1/guardianships", json={"code": code}, headers=self._headers)
        return str(_checked(answer)["person_id"])

    async def share(self, workout_id: str) -> None:
        """Show a workout to those who follow its owner."""
        path = f"/v1/workouts/{workout_id}"
        found = await self._http.get(path, headers=self._headers)
        _checked(found)
        headers = {**self._headers, "if-match": found.headers["etag"]}
        _checked(await self._http.patch(path, json={"visibility": "followers"}, headers=headers))

    async def follow(self, person_id: str) -> None:
        _done(await self._http.put(f"/v1/people/{person_id}/follow", headers=self._headers))

    async def accept(self, person_id: str) -> None:
        _done(await self._http.put(f"/v1/followers/{person_id}", headers=self._headers))

    async def erase(self) -> dict[str, Any]:
        said = {"password": PASSWORD}
        return _checked(await self._http.post("/v1/rights/erasure", json=said, headers=self._headers))

    async def send(self, file: DemoUpload) -> SentFile:
        await self._fresh()
        answer = await self._http.post(
            "/v1/uploads",
            params={"name": file.name},
            content=file.content,
            headers={**self._headers, "content-type": "application/octet-stream"},
        )
        return SentFile(file.name, _checked(answer)["upload_id"])

    async def wait_for(self, sent: SentFile, patience_s: float) -> None:
        """Until the upload has ended, then read what became of it."""
        async with asyncio.timeout(patience_s):
            while sent.state not in ENDED:
                sent.state = (await self.get(f"/v1/uploads/{sent.upload_id}"))["state"]
                if sent.state not in ENDED:
                    await asyncio.sleep(POLL_S)
        sent.outcomes = [item async for item in self.items(f"/v1/uploads/{sent.upload_id}/results")]

    async def get(self, path: str, **params: str | int) -> dict[str, Any]:
        await self._fresh()
        return _checked(await self._http.get(path, params=params, headers=self._headers))

    async def items(self, path: str, limit: int = PAGE) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        params: dict[str, str | int] = {"limit": limit}
        while True:
            page = await self.get(path, **params)
            for item in page["items"]:
                yield item
            if not page["next_cursor"]:
                return
            params["cursor"] = page["next_cursor"]

    async def workouts(self) -> list[dict[str, Any]]:
        return [item async for item in self.items("/v1/workouts")]

    async def counted_workouts(self) -> int:
        """How many workouts the sums of all years hold; duplicates are left out of them."""
        total = 0
        for first in range(1980, 2099, 10):
            span = {"first": f"{first}-01-01", "last": f"{first + 9}-12-31", "period": "year"}
            found = await self.get("/v1/statistics", **span)
            total += sum(item["figures"]["workouts"] for item in found["items"])
        return total


def _done(answer: httpx.Response) -> None:
    """Of an answer without a body when all is well."""
    if answer.is_error:
        _checked(answer)


def _checked(answer: httpx.Response) -> dict[str, Any]:
    document: dict[str, Any] = answer.json()
    if answer.is_error:
        raise DemoFault(f"{answer.request.url.path}: {answer.status_code} {document.get('title', '')}")
    return document
