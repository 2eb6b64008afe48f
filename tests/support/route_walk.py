"""Every route of a running node, from the description that it serves, with requests that would be fine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.workout_files import run_fit

BODIES: dict[str, Any] = {
    "accounts.sign_up": {"email": "x@example.org"},
    "accounts.sign_in": {"email": "x@example.org"},
    "accounts.refresh": {"refresh_token": "none"},
    "accounts.change_me": {"display_name": "Taken over"},
    "workouts.change": {"title": "Taken over"},
    "consent.asked": {"notices": ["leaderboard/1/en"]},
    "consent.give": {"notice": "leaderboard/1/en"},
    "guardian.give": {"notice": "leaderboard/1/en"},
    "guardian.link": {"code": "0000-0000-0000"},
    "rights.ask": {"kind": "access"},
    "rights.erase": {"password": "not the password"},
}
"""A body for each operation that takes JSON: the walk fails at one that is not named here."""

WORDS = {
    "purpose": "leaderboard",
    "notice": "leaderboard",
    "version": "1",
    "language": "en",
    "seq": "1",
    "link": "none",
    "person_id": "eu_01m7yz1dwnqpx5fxmfegyp3d0k",
    "request_id": "rq-eu-01m7yz1dwnqpx5fxmfegyp3d0m",
}
"""For parameters of paths that a walk has no ids for."""

OWNED = ("{upload_id}", "{workout_id}", "{person_id}", "{request_id}")
"""Parameters that name something of one person."""

UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    operation_id: str
    security: frozenset[str]
    """`person`, `operator`, or nothing for a public one."""
    is_socket: bool
    media_types: frozenset[str]

    @property
    def has_id(self) -> bool:
        return any(name in self.path for name in OWNED)

    def request(self, client: httpx.AsyncClient, ids: dict[str, str], **headers: str) -> httpx.Request:
        """A well-formed request; *ids* fill the path by the names of its parameters."""
        fields: dict[str, Any] = {"if-match": '"1"'} | headers
        said: dict[str, Any] = {}
        if "application/json" in self.media_types:
            said["json"] = BODIES[self.operation_id]
        elif self.media_types:
            said["content"] = run_fit()
            fields["content-type"] = min(self.media_types)
        if self.is_socket:
            fields |= UPGRADE
        return client.build_request(self.method, self.path.format(**{**WORDS, **ids}), headers=fields, **said)


async def operations(client: httpx.AsyncClient) -> list[Operation]:
    document = (await client.get("/v1/openapi.json")).json()
    return list(_operations(document))


async def status_of(client: httpx.AsyncClient, request: httpx.Request) -> tuple[int, str]:
    """Status and problem code; the body of a stream that goes on is not waited for."""
    answer = await client.send(request, stream=True)
    try:
        if answer.headers.get("content-type", "").startswith("application/problem+json"):
            await answer.aread()
            return answer.status_code, answer.json()["code"]
        return answer.status_code, ""
    finally:
        await answer.aclose()


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, said in item.items():
            yield Operation(
                method=method.upper(),
                path=path,
                operation_id=said["operationId"],
                security=frozenset(name for one in said["security"] for name in one),
                is_socket="101" in said["responses"],
                media_types=frozenset(said.get("requestBody", {}).get("content", {})),
            )
