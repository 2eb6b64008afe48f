"""Proving once more who somebody is, and closing an account before its data is erased."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from region_node.features.accounts.model import PersonState
from region_node.features.accounts.problems import TooManySignIns
from region_node.features.accounts.service import Throttle
from region_node.features.accounts.store import AccountStore
from region_node.ids import jurisdiction_of
from region_node.security.passwords import Passwords
from region_node.storage.leases import Leases
from region_node.storage.person_keys import PersonKeyGone


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCloser:
    """`sign_ins` gives stores that are open to those whose data may be used for nothing else."""

    sign_ins: Callable[[str, str], AccountStore]
    passwords: Passwords
    throttle: Throttle

    async def password_holds(self, tenant: str, person_id: str, password: str) -> bool:
        """Whether *password* is the person's.

        Raises:
            TooManySignIns: too many attempts for this person.
        """
        wait_s = self.throttle.wait_s(f"{tenant}/{person_id}")
        if wait_s:
            raise TooManySignIns(retry_after_s=wait_s)
        stored = await self._accounts(tenant, person_id).password_hash(person_id)
        return await self.passwords.verify_password(stored, password)

    async def close(self, tenant: str, person_id: str) -> None:
        """Nobody signs in as the person from now on, nor keeps a session beyond its access token.

        Repeatable; one who is gone already is fine.
        """
        accounts = self._accounts(tenant, person_id)
        try:
            async with Leases(accounts.store).hold("person", person_id):
                person = await accounts.person(person_id)
                if person is not None and person.state is not PersonState.CLOSED:
                    closed = replace(person, state=PersonState.CLOSED, version=person.version + 1)
                    await accounts.close(closed)
        except PersonKeyGone:
            return

    async def language_of(self, tenant: str, person_id: str) -> str | None:
        person = await self._accounts(tenant, person_id).person(person_id)
        return person.language if person else None

    def _accounts(self, tenant: str, person_id: str) -> AccountStore:
        return self.sign_ins(tenant, jurisdiction_of(person_id))
