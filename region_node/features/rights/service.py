"""What people ask for by right: taken in, carried through, and shown to them and to officers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from policies.deadlines import due_at
from region_node.errors import NotFound
from region_node.features.rights.erasure.model import Erasure, Step, StepDone
from region_node.features.rights.links import Link, new_link, parse_link
from region_node.features.rights.model import OWN, Approval, Identity, Kind, Request, State
from region_node.features.rights.ports import Accounts, Clocks, Protections, Standings
from region_node.features.rights.problems import ArchiveGone, ErasureHeld, FreshSignInNeeded, RequestUnderWay
from region_node.features.rights.receipts import ReceiptStep
from region_node.features.rights.request_ids import new_request_id
from region_node.features.rights.store import RightsStore
from region_node.ids import jurisdiction_of
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import NotHeldHere

BY_PASSWORD = "password"  # noqa: S105 - how somebody proved who they are  # nosec B105
BY_SESSION = "signed-in"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`asked_by` is the id of who asks: the person, their guardian, or an operator on their word."""

    person_id: str
    kind: Kind
    asked_by: str
    channel: str = OWN
    details: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an erasure stands, for whoever has its link; `receipt` once all is done."""

    request_id: str
    state: State
    steps: tuple[ReceiptStep, ...]
    receipt: str
    disks_cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsService:
    """`rights` gives the store of a tenant and jurisdiction, `opened` the bytes of an archive, `hurry` wakes
    whoever carries out what was approved.
    """

    rights: Callable[[str, str], RightsStore]
    accounts: Accounts
    standings: Standings
    clocks: Clocks
    protections: Protections
    opened: Callable[[str, Request], AsyncIterator[bytes]]
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
        await self.require_no_hold(tenant, person_id)
        rights = self.rights(tenant, jurisdiction_of(person_id))
        now = self.now()
        request = await self.new(tenant, Asked(person_id=person_id, kind=Kind.ERASURE, asked_by=person_id))
        request = request.moved(
            State.IDENTITY_VERIFIED, identity=Identity(how=BY_PASSWORD, by="", at=now)
        ).moved(State.APPROVED, approval=Approval(by=(person_id,), at=now))
        link = new_link(request.request_id)
        async with self.opening(rights, request):
            await self.begin_erasure(rights, request, link)
        return link

    async def ask_own(self, tenant: str, asked: Asked) -> Request:
        """Take in a request of somebody who is signed in, which proves who they are.

        An archive is begun at once, a restriction holds when this returns; the rest waits for an officer.

        Raises:
            RequestUnderWay: there is one of this kind already.
        """
        request = await self.new(tenant, asked)
        rights = self.rights(tenant, jurisdiction_of(asked.person_id))
        now = self.now()
        request = request.moved(State.IDENTITY_VERIFIED, identity=Identity(how=BY_SESSION, by="", at=now))
        if asked.kind.brings_archive or asked.kind is Kind.RESTRICTION:
            request = request.moved(State.APPROVED, approval=Approval(by=(asked.asked_by,), at=now))
        if asked.kind is Kind.RESTRICTION:
            request = request.moved(State.COMPLETE, ended_at=now)
        async with self.opening(rights, request):
            if asked.kind is Kind.RESTRICTION:
                await self.protections.restrict(tenant, asked.person_id, asked.asked_by)
            if asked.kind.brings_archive:
                await rights.queue_archive(request, asked.details)
                self.hurry()
            else:
                await rights.open(request, asked.details)
        return request

    async def own(self, tenant: str, person_id: str, request_id: str) -> Request:
        """Raises NotFound, also for a request of somebody else."""
        rights = self.rights(tenant, jurisdiction_of(person_id))
        request = await rights.get(request_id)
        if request is None or request.person_id != person_id:
            raise NotFound
        return request

    async def archive(
        self, tenant: str, person_id: str, request_id: str
    ) -> tuple[Request, AsyncIterator[bytes]]:
        """The archive of a request, piece by piece.

        Raises:
            NotFound: no such request.
            ArchiveGone: it is not ready yet, or is kept no more.
        """
        request = await self.own(tenant, person_id, request_id)
        until = request.archive_until
        if request.state is not State.COMPLETE or until is None or until <= self.now():
            raise ArchiveGone
        return request, self.opened(tenant, request)

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
            act_id=request.approval.act_id if request.approval else "",
            steps=(StepDone(step=Step.APPROVED, at=self.now()),),
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

    async def require_no_hold(self, tenant: str, person_id: str) -> None:
        standing = await self.standings.standing(tenant, person_id)
        if standing is not None and standing.legal_hold:
            raise ErasureHeld

    @asynccontextmanager
    async def opening(self, rights: RightsStore, request: Request) -> AsyncIterator[None]:
        """*request* is written inside: of two at once, one. Raises RequestUnderWay."""
        async with rights.opening(request.person_id, request.kind) as latest:
            if latest is not None and not latest.state.is_end:
                raise RequestUnderWay
            yield

    async def new(self, tenant: str, asked: Asked) -> Request:
        """A request that is not written yet, with the time that law gives for it.

        Raises:
            NotFound: there is no such person: nothing may ever be reported as done for them.
        """
        language = await self._language_of(tenant, asked.person_id)
        now, jurisdiction = self.now(), jurisdiction_of(asked.person_id)
        deadlines = self.clocks.of(jurisdiction)
        return Request(
            request_id=new_request_id(jurisdiction),
            person_id=asked.person_id,
            kind=asked.kind,
            state=State.OPEN,
            version=1,
            channel=asked.channel,
            asked_by=asked.asked_by,
            opened_at=now,
            due_at=due_at(deadlines, now) or now,
            law=deadlines.dsr_days.source.ref,
            language=language,
        )

    async def _language_of(self, tenant: str, person_id: str) -> str:
        try:
            language = await self.accounts.language_of(tenant, person_id)
        except (NotHeldHere, PersonKeyGone, ValueError):
            language = None
        if language is None:
            raise NotFound
        return language

    def now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)
