"""What people ask for by right: taken in, carried through, and shown to them and to officers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from region_node.errors import NotFound
from region_node.features.rights.erasure.model import Erasure, Step, StepDone
from region_node.features.rights.links import Link, new_link, parse_link
from region_node.features.rights.model import OWN, Approval, Identity, Kind, Request, State
from region_node.features.rights.ports import Accounts, Deadlines, Standings
from region_node.features.rights.problems import ErasureHeld, FreshSignInNeeded, RequestUnderWay
from region_node.features.rights.receipts import ReceiptStep
from region_node.features.rights.store import RightsStore
from region_node.ids import jurisdiction_of, new_person_id
from region_node.stores import NotHeldHere

BY_PASSWORD = "password"  # noqa: S105 - how somebody proved who they are  # nosec B105
MOST_UNDER_WAY = 20


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an erasure stands, for whoever has its link; `receipt` once all is done."""

    request_id: str
    state: State
    steps: tuple[ReceiptStep, ...]
    receipt: str
    disks_cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsService:
    """`rights` gives the store of a tenant and jurisdiction, `hurry` wakes who carries erasures through."""

    rights: Callable[[str, str], RightsStore]
    accounts: Accounts
    standings: Standings
    deadlines: Deadlines
    hurry: Callable[[], None]
    clock: Callable[[], datetime]

    async def erase_own(self, tenant: str, person_id: str, password: str) -> Link:
        """Begin to erase all of a person's data, which cannot be taken back; the link leads to the receipt.

        Raises:
            FreshSignInNeeded, TooManySignIns: the password is not right, or was wrong too often.
            ErasureHeld: a legal hold stands.
            RequestUnderWay: the erasure has begun already.
        """
        if not await self.accounts.password_holds(tenant, person_id, password):
            raise FreshSignInNeeded
        await self._require_no_hold(tenant, person_id)
        rights = self.rights(tenant, jurisdiction_of(person_id))
        await self._require_none_under_way(rights, person_id, Kind.ERASURE)
        now = self._now()
        request = self._new(person_id, Kind.ERASURE, now).moved(
            State.IDENTITY_VERIFIED, identity=Identity(how=BY_PASSWORD, by="", at=now)
        )
        request = request.moved(State.APPROVED, approval=Approval(by=(person_id,), at=now))
        link = new_link(request.request_id)
        await self.begin_erasure(rights, request, link)
        return link

    async def begin_erasure(self, rights: RightsStore, request: Request, link: Link) -> None:
        """Durable when this returns; from then on the erasure is carried through."""
        erasure = Erasure(
            request_id=request.request_id,
            person_id=request.person_id,
            tenant=rights.store.tenant,
            jurisdiction=rights.store.jurisdiction,
            channel=request.channel,
            opened_at=request.opened_at,
            due_at=request.due_at,
            link=link.digest,
            steps=(StepDone(step=Step.APPROVED, at=self._now()),),
        )
        await rights.begin_erasure(erasure, request.moved(State.WORKING))
        self.hurry()

    async def progress(self, tenant: str, token: str) -> Progress:
        """What the link of an erasure leads to.

        Raises:
            NotFound: no such link here.
        """
        link = parse_link(token)
        if link is None:
            raise NotFound
        try:
            rights = self.rights(tenant, link.jurisdiction)
        except NotHeldHere:
            raise NotFound from None
        proof = await rights.proof(link.request_id)
        if proof is not None and link.opens(proof.link):
            return Progress(
                request_id=link.request_id,
                state=State.COMPLETE,
                steps=(),
                receipt=proof.receipt,
                disks_cleared_at=proof.cleared_at,
            )
        erasure = await rights.erasure(link.request_id)
        if erasure is None or not link.opens(erasure.link):
            raise NotFound
        return Progress(
            request_id=link.request_id,
            state=State.WORKING,
            steps=tuple(ReceiptStep(step=one.step.value, at=one.at) for one in erasure.steps),
            receipt="",
            disks_cleared_at=None,
        )

    async def _require_no_hold(self, tenant: str, person_id: str) -> None:
        standing = await self.standings.standing(tenant, person_id)
        if standing is not None and standing.legal_hold:
            raise ErasureHeld

    async def _require_none_under_way(self, rights: RightsStore, person_id: str, kind: Kind) -> None:
        found, _ = await rights.of_person(person_id, (), MOST_UNDER_WAY)
        if any(one.kind is kind and not one.state.is_end for one in found):
            raise RequestUnderWay

    def _new(self, person_id: str, kind: Kind, now: datetime) -> Request:
        jurisdiction = jurisdiction_of(person_id)
        due_at, law = self.deadlines.due_at(jurisdiction, kind, now)
        return Request(
            request_id=new_person_id(jurisdiction),
            person_id=person_id,
            kind=kind,
            state=State.OPEN,
            version=1,
            channel=OWN,
            asked_by=person_id,
            opened_at=now,
            due_at=due_at,
            law=law,
        )

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)
