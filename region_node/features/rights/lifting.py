"""Lifting a restriction of processing: by the person at once, by staff when the person knows of it.

Whoever obtained a restriction has to be told before it is lifted (GDPR Art. 18(3)). So one of the staff says
why, which the person reads with their request, and another lifts it when the time of that notice is over.
Whoever lifts it, the ledger has the entry, and the request a receipt that is signed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from region_node.errors import NotFound
from region_node.features.rights.model import GUARDIAN, Kind, Lifting, Request, State
from region_node.features.rights.officers import Officer
from region_node.features.rights.problems import RestrictionStands, RightsStepRefused
from region_node.features.rights.receipts import Receipt, ReceiptStep, hashed_person, sign_receipt
from region_node.features.rights.service import RightsService
from region_node.features.rights.store import RightsStore
from region_node.ids import jurisdiction_of
from region_node.security.signing_keys import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """`notice` is how long before the end of a restriction the person is told by staff."""

    service: RightsService
    notice: timedelta
    region: str
    signing_key: Callable[[], SigningKey]

    async def lift_own(self, tenant: str, person_id: str) -> Request:
        """End the restriction that the person asked for; repeating it gives the same answer.

        Raises:
            NotFound: there is none.
            RightsStepRefused: their guardian asked for it.
        """
        rights = self.service.rights(tenant, jurisdiction_of(person_id))
        latest = await rights.latest(person_id, Kind.RESTRICTION)
        if latest is None:
            raise NotFound
        async with rights.changing(latest.request_id) as request:
            if request is None:
                raise NotFound
            if request.lifting is not None and request.lifting.lifted_at is not None:
                return request
            standing = await self.service.standings.standing(tenant, person_id)
            if standing is None or not (standing.restricted or _was_granted(request)):
                raise NotFound
            if request.channel == GUARDIAN and standing.guardian_id == request.asked_by:
                raise RightsStepRefused
            return await self._lifted(rights, request, person_id)

    async def tell(self, officer: Officer, request_id: str, reason: str) -> Request:
        """Tell the person that their restriction will end, and why.

        Raises:
            NotFound: there is no such request.
            RightsStepRefused: it is about nothing that is restricted, or the person was told already.
        """
        async with officer.changing(request_id) as change:
            request = change.request
            standing = await self.service.standings.standing(officer.tenant, request.person_id)
            restricted = standing is not None and standing.restricted
            if not restricted or not _was_granted(request) or request.lifting is not None:
                raise RightsStepRefused
            now = officer.now()
            told = Lifting(by=officer.operator_id, told_at=now, not_before=now + self.notice, reason=reason)
            return await change.put(request.changed(lifting=told))

    async def lift(self, officer: Officer, request_id: str) -> Request:
        """End a restriction of which the person knows, as another operator than who told them.

        Raises:
            NotFound: there is no such request.
            RightsStepRefused: it was lifted already, or was never granted.
            RestrictionStands: the person does not know long enough, or nobody else agrees.
        """
        async with officer.changing(request_id) as change:
            told = change.request.lifting
            if not _was_granted(change.request) or (told is not None and told.lifted_at is not None):
                raise RightsStepRefused
            if told is None or told.by == officer.operator_id or officer.now() < told.not_before:
                raise RestrictionStands
            return await self._lifted(change.rights, change.request, officer.operator_id)

    async def _lifted(self, rights: RightsStore, request: Request, by: str) -> Request:
        """The ledger first: what a killed process left there is noted when the step is repeated."""
        head = await self.service.protections.release(rights.store.tenant, request.person_id, by)
        now = self.service.now()
        told = request.lifting or Lifting(by=by, told_at=now, not_before=now)
        lifted = msgspec.structs.replace(told, lifted_by=by, lifted_at=now)
        receipt = sign_receipt(self._receipt(rights, request, lifted, head), self.signing_key())
        after = request.changed(lifting=msgspec.structs.replace(lifted, receipt=receipt))
        if after.state is State.APPROVED:
            after = after.moved(State.COMPLETE, ended_at=now)
        await rights.put(after, before=request)
        return after

    def _receipt(self, rights: RightsStore, request: Request, lifted: Lifting, head: str) -> Receipt:
        salt, digest = hashed_person(request.person_id)
        now = lifted.lifted_at or self.service.now()
        return Receipt(
            request_id=request.request_id,
            kind="restriction-lifted",
            tenant=rights.store.tenant,
            jurisdiction=rights.store.jurisdiction,
            region=self.region,
            person_salt=salt,
            person_hash=digest,
            steps=(
                ReceiptStep(step="asked", at=request.opened_at),
                ReceiptStep(step="person-told", at=lifted.told_at),
                ReceiptStep(step="lifted", at=now),
            ),
            completed_at=now,
            ledger_head=head,
        )


def _was_granted(request: Request) -> bool:
    return request.kind is Kind.RESTRICTION and request.state in {State.APPROVED, State.COMPLETE}
