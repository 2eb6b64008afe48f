"""What rights need of the rest of the node; `bootstrap` brings it."""

from typing import Protocol

from policies.deadlines import Deadlines
from region_node.rulings.standing import Standing


class Accounts(Protocol):
    async def password_holds(self, tenant: str, person_id: str, password: str) -> bool:
        """Whether *password* is the person's. Raises TooManySignIns after too many attempts."""

    async def close(self, tenant: str, person_id: str) -> None:
        """No sign-in from now on; repeatable, and fine for a person who is gone already."""

    async def language_of(self, tenant: str, person_id: str) -> str | None:
        """What the person reads; None where there is no such person."""


class Guardianships(Protocol):
    async def end_all(self, tenant: str, guardian_id: str) -> None:
        """The person answers for nobody any more, and no row of somebody else's names them as who did.

        Repeatable, also when their key is gone.
        """


class Standings(Protocol):
    async def standing(self, tenant: str, person_id: str) -> Standing | None:
        """Where the person stands with the law; None where nothing is known."""


class Changes(Protocol):
    async def announce(self, tenant: str, person_id: str) -> None:
        """Tell every process of the node that what it remembers of the person counts no more."""


class Clocks(Protocol):
    def of(self, jurisdiction: str) -> Deadlines:
        """The times of the pack in force there."""


class Protections(Protocol):
    async def restrict(self, tenant: str, person_id: str, actor: str) -> None:
        """From now on nothing but storage and the person's own rights; repeatable."""

    async def release(self, tenant: str, person_id: str, actor: str) -> str:
        """End the restriction; repeatable. The hash of the entry that says so, empty where it had ended."""

    async def hold(self, tenant: str, person_id: str, actor: str, *, stands: bool) -> None:
        """Put a legal hold in place, or end it; repeatable."""
