"""What a person is shown of what left: to where, which fields, on what ground, and taken back when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.outgoing import Person, Send, TakeBack
from policies.vocabulary import Purpose, Region
from region_node.federated.sends import SendBook
from region_node.storage.engine import Key

Question = tuple[int, Region, Purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One projection at one region.

    Attributes:
        since: When it went for the first time; `last_at` when it went last.
        basis: The ground, as in the vocabulary; empty where no field is personal.
        taken_back_at: When the region was asked to remove it; None while it may have it.
        confirmed_at: When the region says that it did.
        receipt: The region's signed word; empty until it came.
    """

    region: Region
    purpose: Purpose
    kind: str
    aggregate_id: str
    fields: tuple[str, ...]
    basis: str
    consent_version: int
    pack_version: str
    since: datetime
    last_at: datetime
    taken_back_at: datetime | None
    confirmed_at: datetime | None
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Disclosures:
    book: SendBook

    async def kinds(self, person: Person) -> list[str]:
        """Of what there are disclosures."""
        return sorted({kind for reach in await self.book.reaches(person) for kind in reach.kinds})

    async def page(self, person: Person, kind: str, after: Key = ()) -> tuple[list[Disclosure], Key | None]:
        """Those of a kind, with the place where the next page begins; None after the last."""
        sends, further = await self.book.sent(person, kind, after)
        withdrawn = {(one.region, one.purpose): one.withdrawn for one in await self.book.reaches(person)}
        asked = {send: _asked(send, withdrawn.get((send.region, send.purpose), 0)) for send in sends}
        answers = await self._answers(person, {one for one in asked.values() if one})
        return [_disclosure(send, answers.get(asked[send])) for send in sends], further

    async def _answers(
        self, person: Person, questions: Iterable[Question]
    ) -> dict[Question | None, TakeBack]:
        found = await self.book.found(person, sorted(questions))
        return {(one.number, one.region, one.purpose): one for one in found if one.purpose}


def _asked(send: Send, withdrawn: int) -> Question | None:
    """By which question it was taken back, alone or with its purpose."""
    number = withdrawn if send.number <= withdrawn else send.retracted
    return (number, send.region, send.purpose) if number >= send.number else None


def _disclosure(send: Send, taken_back: TakeBack | None) -> Disclosure:
    return Disclosure(
        region=send.region,
        purpose=send.purpose,
        kind=send.kind,
        aggregate_id=send.aggregate_id,
        fields=send.fields,
        basis=send.basis,
        consent_version=send.consent_version,
        pack_version=send.pack_version,
        since=send.first_at,
        last_at=send.at,
        taken_back_at=taken_back.since if taken_back else send.retracted_at,
        confirmed_at=taken_back.done_at if taken_back else None,
        receipt=taken_back.receipt if taken_back else b"",
    )


def overdue(take_backs: Sequence[TakeBack], now: datetime) -> list[TakeBack]:
    """Those whose deadline has passed without a receipt."""
    return [one for one in take_backs if not one.receipt and one.due_at <= now]
