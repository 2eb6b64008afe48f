"""Guardians: who answers for a child that is too young to consent alone.

The child makes a code, good once and for a week; an adult of the same tenant and law who gets it confirms it
from an account of their own. Who answers for whom stands in the child's ledger.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.ages import age_in_years
from region_node.errors import NotFound
from region_node.features.consent.acts import Actor
from region_node.features.consent.guardian_store import GuardianStore
from region_node.features.consent.law import Law
from region_node.features.consent.ledger import Ledger
from region_node.features.consent.model import Draft, EntryState, Method
from region_node.features.consent.problems import GuardianshipRefused, NoGuardianNeeded
from region_node.features.consent.tables import GUARDIAN_CODE_LIFE_S, MAX_CHILDREN
from region_node.ids import jurisdiction_of
from region_node.rulings.circumstances import WEST_OF_ALL
from region_node.rulings.standing import Standing
from region_node.storage.person_keys import PersonKeyGone

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is taken for a digit."""

CODE_CHARS = 12
GROUP = 4
GROWN_UP_YEARS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardians:
    """`code_key` makes the keyed hash under which a code of a tenant and jurisdiction is found."""

    ledger: Ledger
    law: Law
    code_key: Callable[[str, str, str], str]

    async def new_code(self, tenant: str, child_id: str) -> Code:
        """Make a code for the child to hand on; it is shown once and kept as a hash.

        Raises:
            NotFound
            NoGuardianNeeded: the person decides alone, or has a guardian.
        """
        standing = await self.ledger.standing(tenant, child_id)
        at = self.ledger.clock()
        if standing.guardian_id or self.law.circumstances(standing, at).of_age:
            raise NoGuardianNeeded
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
        await self._store(tenant, child_id).put_code(self._key(tenant, child_id, code), child_id)
        grouped = "-".join(code[begin : begin + GROUP] for begin in range(0, CODE_CHARS, GROUP))
        return Code(code=grouped, expires_at=at + timedelta(seconds=GUARDIAN_CODE_LIFE_S))

    async def link(self, tenant: str, guardian_id: str, code: str) -> str:
        """Let the guardian answer for the child that made *code*; the child's id.

        Where to look for the child is noted first, so that whoever erases the guardian finds it. The code is
        taken last: after a fault it still counts, and repeating goes on where it stopped.

        Raises:
            GuardianshipRefused: the code does not count, or this person cannot answer for the child.
        """
        store = self._store(tenant, guardian_id)
        key = self._key(tenant, guardian_id, code)
        child_id = await store.child_of(key)
        if child_id is None or child_id == guardian_id or not await self._is_grown_up(tenant, guardian_id):
            raise GuardianshipRefused
        children = await store.children(guardian_id)
        if child_id not in children and len(children) >= MAX_CHILDREN:
            raise GuardianshipRefused

        def decide(standing: Standing, at: datetime) -> Sequence[Draft]:
            if standing.guardian_id == guardian_id:
                return ()
            if standing.guardian_id or self.law.circumstances(standing, at).of_age:
                raise GuardianshipRefused
            details = {"guardian_id": guardian_id}
            return (_entry(EntryState.GUARDIAN_LINKED, guardian_id, details),)

        await store.put_child(guardian_id, child_id, self.ledger.clock())
        try:
            await self.ledger.record(tenant, child_id, decide)
        except GuardianshipRefused:
            await store.remove_child(guardian_id, child_id)
            raise
        await store.take_code(key, child_id)
        return child_id

    async def children(self, tenant: str, guardian_id: str) -> list[str]:
        """Those whom the guardian answers for now."""
        store = self._store(tenant, guardian_id)
        listed = await store.children(guardian_id)
        standings = await self.ledger.store(tenant, guardian_id).standings(listed)
        at = self.ledger.clock()
        return [one.person_id for one in standings if self._answers(guardian_id, one, at)]

    async def require(self, tenant: str, guardian_id: str, child_id: str) -> Actor:
        """The guardian as who acts for the child. Raises NotFound, also for a child of somebody else."""
        try:
            same_law = jurisdiction_of(child_id) == jurisdiction_of(guardian_id)
        except ValueError:
            raise NotFound from None
        latest = await self.ledger.store(tenant, guardian_id).latest(child_id) if same_law else None
        if latest is None or not self._answers(guardian_id, latest.standing, self.ledger.clock()):
            raise NotFound
        return Actor(id=guardian_id, method=Method.GUARDIAN)

    async def end(self, tenant: str, guardian_id: str, child_id: str) -> None:
        """Answer for the child no more; what was agreed to in the child's name is taken back.

        Raises NotFound.
        """
        await self.require(tenant, guardian_id, child_id)

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            if standing.guardian_id != guardian_id:
                return ()
            ended = _entry(EntryState.GUARDIAN_ENDED, guardian_id, {})
            return (*_withdrawals(standing, Method.GUARDIAN, guardian_id), ended)

        await self.ledger.record(tenant, child_id, decide)
        await self._store(tenant, guardian_id).remove_child(guardian_id, child_id)

    async def end_all(self, tenant: str, guardian_id: str) -> None:
        """The guardian is erased: nothing rests on them any more, and no row of a child's names them.

        Repeatable, also where their own key is gone; a child who is erased too is fine.
        """

        def decide(standing: Standing, _at: datetime) -> Sequence[Draft]:
            if standing.guardian_id != guardian_id:
                return ()
            ended = Draft(state=EntryState.GUARDIAN_ENDED, method=Method.SYSTEM)
            return (*_withdrawals(standing, Method.SYSTEM), ended)

        store = self._store(tenant, guardian_id)
        while children := await store.children(guardian_id):
            for child_id in children:
                with suppress(NotFound, PersonKeyGone):
                    await self.ledger.record(tenant, child_id, decide)
                await store.remove_child(guardian_id, child_id)

    def _answers(self, guardian_id: str, child: Standing, at: datetime) -> bool:
        return child.guardian_id == guardian_id and not self.law.circumstances(child, at).of_age

    async def _is_grown_up(self, tenant: str, person_id: str) -> bool:
        standing = await self.ledger.standing(tenant, person_id)
        at = self.ledger.clock()
        years = age_in_years(standing.birth_date, (at + WEST_OF_ALL).date())
        return years >= GROWN_UP_YEARS and self.law.circumstances(standing, at).of_age

    def _store(self, tenant: str, person_id: str) -> GuardianStore:
        return GuardianStore(self.ledger.store(tenant, person_id).store)

    def _key(self, tenant: str, person_id: str, code: str) -> str:
        return self.code_key(jurisdiction_of(person_id), tenant, normalised(code))


def normalised(code: str) -> str:
    """As it was made, whatever case and grouping it was typed in, with letters that look like digits."""
    plain = code.upper().translate(str.maketrans("OIL", "011", "- "))
    return plain if len(plain) == CODE_CHARS else ""


def _entry(state: EntryState, guardian_id: str, details: dict[str, str]) -> Draft:
    return Draft(state=state, method=Method.GUARDIAN, actor=guardian_id, details=details)


def _withdrawals(standing: Standing, method: Method, actor: str = "") -> list[Draft]:
    return [
        Draft(
            state=EntryState.WITHDRAWN,
            method=method,
            actor=actor,
            purpose=given.purpose,
            category=given.category,
            recipient=given.recipient or "",
            notice=given.notice,
            details={"given_by": Method.GUARDIAN.value},
        )
        for given in standing.consents
        if given.by_guardian
    ]
