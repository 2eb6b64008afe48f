"""Consents, notices and entries as the API shows them."""

from datetime import datetime
from typing import Any

import msgspec

from policies.ruling import Reason, Ruling
from policies.vocabulary import Certainty, DataCategory, Purpose
from region_node.errors import Text
from region_node.features.consent.law import PASSES, Ground
from region_node.features.consent.ledger import Recorded
from region_node.features.consent.model import Entry, Method
from region_node.features.consent.notices import Notice
from region_node.features.consent.receipts import Receipts
from region_node.features.consent.service import Asked
from region_node.rulings.standing import GivenConsent, PastAnswer
from region_node.rulings.wording import REASON_TEXTS

_STAFF = frozenset({Method.CLI, Method.IMPORT})


class NoticeResource(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what is shown, and what the digest is of; the sections are its parts."""

    ref: str
    sha256: str
    language: str
    text: str
    sections: dict[str, str]


class ReasonResource(msgspec.Struct, frozen=True, kw_only=True):
    reason: Reason
    text: str


class LawResource(msgspec.Struct, frozen=True, kw_only=True):
    """What law says here. `recalled`: it rests on memory, not on a source that was read."""

    ground: Ground
    reasons: list[ReasonResource]
    articles: list[str]
    certainty: Certainty
    recalled: bool
    pack_version: str


class AnswerResource(msgspec.Struct, frozen=True, kw_only=True):
    """The person's last answer; `seq` is the entry that recorded it."""

    state: str
    since: datetime
    expires_at: datetime | None
    seq: int
    notice: str
    by_guardian: bool


class ConsentResource(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be asked for; `ask` says whether to ask now, `allowed` whether it is done now."""

    purpose: Purpose
    category: DataCategory | None
    allowed: bool
    ask: bool
    objected: bool
    law: LawResource
    answer: AnswerResource | None
    notice: NoticeResource


class ConsentList(msgspec.Struct, frozen=True, kw_only=True):
    jurisdiction: str
    country: str
    guardian: bool
    restricted: bool
    signals: list[str]
    items: list[ConsentResource]


class RecordedResource(msgspec.Struct, frozen=True, kw_only=True):
    """What an act came to.

    Attributes:
        recorded: Entries that were added; 0 where things stood so already.
        seq: The person's last entry, with its `hash`; the receipt is of it.
        replicated: Whether every datacenter of the region's group has it already.
    """

    recorded: int
    seq: int
    hash: str
    receipt: str
    replicated: bool


class EntryResource(msgspec.Struct, frozen=True, kw_only=True):
    """`by` is who answered: you, guardian, staff or system."""

    seq: int
    at: datetime
    stored_at: datetime
    state: str
    purpose: Purpose | None
    category: DataCategory | None
    recipient: str
    notice: str
    notice_sha256: str
    method: Method
    by: str
    expires_at: datetime | None
    age_band: str
    pack_version: str
    previous: str
    hash: str


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[EntryResource]
    next_cursor: str | None


class ReceiptResource(msgspec.Struct, frozen=True, kw_only=True):
    """`receipt` is a compact JWS; the keys to verify it stand in /v1/jwks.json."""

    seq: int
    receipt: str


def notice_resource(notice: Notice) -> NoticeResource:
    return NoticeResource(
        ref=notice.ref,
        sha256=notice.sha256,
        language=notice.language,
        text=notice.text,
        sections=dict(notice.sections),
    )


def consent_resource(asked: Asked, text: Text) -> ConsentResource:
    return ConsentResource(
        purpose=asked.topic.purpose,
        category=asked.topic.category,
        allowed=asked.footing.present.effect in PASSES,
        ask=asked.ask,
        objected=asked.objected,
        law=_law(asked.footing.ground, asked.footing.asked, text),
        answer=answer_resource(asked.answer) if asked.answer else None,
        notice=notice_resource(asked.notice),
    )


def _law(ground: Ground, ruling: Ruling, text: Text) -> LawResource:
    reasons = [ReasonResource(reason=reason, text=text(REASON_TEXTS[reason])) for reason in ruling.reasons]
    return LawResource(
        ground=ground,
        reasons=reasons,
        articles=list(ruling.articles),
        certainty=ruling.certainty,
        recalled=ruling.recalled,
        pack_version=ruling.pack_version,
    )


def answer_resource(answer: GivenConsent | PastAnswer) -> AnswerResource:
    if isinstance(answer, PastAnswer):
        return AnswerResource(
            state=answer.state,
            since=answer.at,
            expires_at=None,
            seq=answer.seq,
            notice="",
            by_guardian=False,
        )
    return AnswerResource(
        state="given",
        since=answer.given_at,
        expires_at=answer.expires_at,
        seq=answer.seq,
        notice=answer.notice,
        by_guardian=answer.by_guardian,
    )


def recorded_resource(recorded: Recorded, last: Entry, receipts: Receipts) -> RecordedResource:
    return RecordedResource(
        recorded=len(recorded.entries),
        seq=last.seq,
        hash=last.hash,
        receipt=receipts.sign(last),
        replicated=recorded.replicated,
    )


def entry_resource(entry: Entry) -> EntryResource:
    draft = entry.draft
    said: dict[str, Any] = {
        name: getattr(draft, name)
        for name in ("purpose", "category", "recipient", "notice", "notice_sha256", "method", "expires_at")
    }
    return EntryResource(
        seq=entry.seq,
        at=entry.received_at,
        stored_at=entry.stored_at,
        state=draft.state.value,
        by=_by(draft.method),
        age_band=entry.age_band,
        pack_version=entry.pack_version,
        previous=entry.previous,
        hash=entry.hash,
        **said,
    )


def _by(method: Method) -> str:
    if method is Method.GUARDIAN:
        return "guardian"
    if method is Method.SYSTEM:
        return "system"
    return "staff" if method in _STAFF else "you"
