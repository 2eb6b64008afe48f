"""What rights need of the rest of the node; `bootstrap` brings it."""

from datetime import datetime
from typing import Protocol

from region_node.features.rights.model import Kind
from region_node.rulings.standing import Standing


class Accounts(Protocol):
    async def password_holds(self, tenant: str, person_id: str, password: str) -> bool:
        """Whether *password* is the person's. Raises TooManySignIns after too many attempts."""

    async def close(self, tenant: str, person_id: str) -> None:
        """No sign-in from now on; repeatable, and fine for a person who is gone already."""

    async def language_of(self, tenant: str, person_id: str) -> str | None:
        """What the person reads; None where there is no such person."""


class Standings(Protocol):
    async def standing(self, tenant: str, person_id: str) -> Standing | None:
        """Where the person stands with the law; None where nothing is known."""


class Changes(Protocol):
    async def announce(self, tenant: str, jurisdiction: str, person_id: str) -> None:
        """Tell every process of the node that what it remembers of the person counts no more."""


class Deadlines(Protocol):
    def due_at(self, jurisdiction: str, kind: Kind, opened_at: datetime) -> tuple[datetime, str]:
        """By when law wants an answer to a request of this kind, and the article that says so."""
