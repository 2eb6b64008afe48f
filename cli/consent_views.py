"""Ledgers as documents for programs and as tables for people."""

from datetime import datetime

import msgspec
from rich.table import Table

from cli.consent_checks import Checked
from cli.output import stdout
from region_node.consent_wiring import ConsentParts
from region_node.features.consent.law import PASSES
from region_node.features.consent.ledger import Recorded
from region_node.features.consent.model import Entry
from region_node.features.consent.resources import AnswerResource, answer_resource
from region_node.features.consent.service import Asked
from region_node.ids import jurisdiction_of
from region_node.rulings.standing import Standing

EXPORT_HOW = (
    "hash = SHA-256, in hex, of the entry without its member 'hash', as UTF-8 JSON, members sorted by name at"
    " every level, no spaces; 'previous' is the hash of the entry before, 64 zeros in the first"
)


class AskedDocument(msgspec.Struct, frozen=True, kw_only=True):
    purpose: str
    category: str | None
    ground: str
    allowed: bool
    ask: bool
    objected: bool
    answer: AnswerResource | None
    articles: tuple[str, ...]
    certainty: str
    recalled: bool
    notice: str


class StandingDocument(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    tenant: str
    jurisdiction: str
    country: str
    subdivision: str | None
    version: int
    guardian: str
    restricted: bool
    legal_hold: bool
    signals: tuple[str, ...]
    items: list[AskedDocument]


class EntryDocument(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    received_at: datetime
    stored_at: datetime
    state: str
    purpose: str | None
    category: str | None
    recipient: str
    notice: str
    notice_sha256: str
    method: str
    actor: str
    expires_at: datetime | None
    age_band: str
    pack_version: str
    previous: str
    hash: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """`before` asks for the next page; None when this was the last."""

    person: str
    items: list[EntryDocument]
    before: int | None


class RecordedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What an act added; nothing where things stood so already."""

    person: str
    recorded: list[EntryDocument]
    version: int
    replicated: bool

    @classmethod
    def of(cls, recorded: Recorded) -> "RecordedDocument":
        return cls(
            person=recorded.standing.person_id,
            recorded=[entry_document(entry) for entry in recorded.entries],
            version=recorded.standing.version,
            replicated=recorded.replicated,
        )


class NoticeDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`matches` is null where there was nothing to compare with."""

    ref: str
    sha256: str
    text: str
    matches: bool | None


def standing_document(tenant: str, standing: Standing, view: list[Asked]) -> StandingDocument:
    return StandingDocument(
        person=standing.person_id,
        tenant=tenant,
        jurisdiction=jurisdiction_of(standing.person_id),
        country=standing.country,
        subdivision=standing.subdivision,
        version=standing.version,
        guardian=standing.guardian_id,
        restricted=standing.restricted,
        legal_hold=standing.legal_hold,
        signals=standing.signals,
        items=[_asked(asked) for asked in view],
    )


def _asked(asked: Asked) -> AskedDocument:
    ruling = asked.footing.asked
    return AskedDocument(
        purpose=asked.topic.purpose.value,
        category=asked.topic.category,
        ground=asked.footing.ground.value,
        allowed=asked.footing.present.effect in PASSES,
        ask=asked.ask,
        objected=asked.objected,
        answer=answer_resource(asked.answer) if asked.answer else None,
        articles=ruling.articles,
        certainty=ruling.certainty.value,
        recalled=ruling.recalled,
        notice=asked.notice.ref.rpartition("/")[0],
    )


def entry_document(entry: Entry) -> EntryDocument:
    draft = entry.draft
    return EntryDocument(
        seq=entry.seq,
        received_at=entry.received_at,
        stored_at=entry.stored_at,
        state=draft.state.value,
        purpose=draft.purpose,
        category=draft.category,
        recipient=draft.recipient,
        notice=draft.notice,
        notice_sha256=draft.notice_sha256,
        method=draft.method.value,
        actor=draft.actor,
        expires_at=draft.expires_at,
        age_band=entry.age_band,
        pack_version=entry.pack_version,
        previous=entry.previous,
        hash=entry.hash,
    )


async def export_document(consent: ConsentParts, tenant: str, person_id: str) -> dict[str, object]:
    """The chain as it was hashed, what it comes to, and every text that it names."""
    store = consent.ledger.store(tenant, person_id)
    entries = [entry async for entry in store.entries(person_id)]
    latest = await store.latest(person_id)
    refs = sorted({entry.draft.notice for entry in entries if entry.draft.notice})
    notices = {ref: found for ref in refs if (found := consent.law.notices.notice(ref))}
    return {
        "tenant": tenant,
        "person": person_id,
        "how": EXPORT_HOW,
        "head": {"version": latest.version, "hash": latest.head} if latest else None,
        "standing": latest.standing if latest else None,
        "entries": entries,
        "notices": {ref: {"sha256": one.sha256, "text": one.text} for ref, one in notices.items()},
    }


def show_standing(document: StandingDocument) -> None:
    place = document.subdivision or document.country
    stdout.print(
        f"{document.person}  {document.jurisdiction}, {place}  entry {document.version}", markup=False
    )
    marks = {"restricted": document.restricted, "legal hold": document.legal_hold}
    marks |= {f"guardian {document.guardian}": bool(document.guardian)}
    marks |= dict.fromkeys(document.signals, True)
    for mark, holds in marks.items():
        if holds:
            stdout.print(mark, markup=False)
    table = Table("purpose", "rests on", "answer", "since", "ends", "allowed", "law")
    for item in document.items:
        answer = item.answer
        said = answer.state if answer else "none"
        table.add_row(
            item.purpose + (f": {item.category}" if item.category else ""),
            item.ground,
            f"{said}, objected" if item.objected else said,
            f"{answer.since:%Y-%m-%d}" if answer else "",
            f"{answer.expires_at:%Y-%m-%d}" if answer and answer.expires_at else "",
            "yes" if item.allowed else "no",
            "; ".join(item.articles) + (" (from memory)" if item.recalled else ""),
        )
    stdout.print(table)


def show_history(document: History) -> None:
    table = Table("entry", "received (UTC)", "what", "purpose", "notice", "how", "by", "hash")
    for item in document.items:
        parts = (item.purpose, item.category, item.recipient)
        table.add_row(
            str(item.seq),
            f"{item.received_at:%Y-%m-%d %H:%M:%S}",
            item.state,
            ": ".join(part for part in parts if part),
            item.notice,
            item.method,
            item.actor,
            item.hash[:12],
        )
    stdout.print(table)
    if document.before is not None:
        stdout.print(f"more: --before {document.before}", markup=False)


def show_recorded(document: RecordedDocument) -> None:
    if not document.recorded:
        stdout.print("it stands so already; nothing was recorded")
    for item in document.recorded:
        what = " ".join(part for part in (item.state, item.purpose, item.category) if part)
        stdout.print(f"entry {item.seq}: {what}  {item.hash}", markup=False, soft_wrap=True)
    if not document.replicated:
        stdout.print("another datacenter is away: accepted here and flagged")


def show_notice(document: NoticeDocument) -> None:
    stdout.print(document.text, markup=False, soft_wrap=True)
    stdout.print(f"\n{document.ref}  sha256 {document.sha256}", markup=False, soft_wrap=True)
    if document.matches is not None:
        stdout.print("the digest matches" if document.matches else "the digest is another one")


def show_checked(document: Checked) -> None:
    for one in document.findings:
        where = f"entry {one.seq}" if one.seq else "the standing"
        note = f" ({one.note})" if one.note else ""
        stdout.print(f"{one.tenant} {one.person}: {where}: {one.fault}{note}", markup=False, soft_wrap=True)
    summary = f"{document.people} ledgers, {document.entries} entries, {len(document.findings)} findings"
    stdout.print(summary + (f", {document.erased} erased" if document.erased else ""))
