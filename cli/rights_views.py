"""Requests and receipts as documents for programs and as text for people."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table

from cli.output import stdout
from locales.translator import translator_for
from region_node.features.rights.model import Approval, Extension, Identity, Lifting, Request
from region_node.features.rights.notices import extension_notice, lifting_notice
from region_node.features.rights.receipts import Receipt, read_receipt
from region_node.features.rights.store import Due, Proof


class RequestDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`paused` says that the clock stands still, where the law lets it.

    `notices` are what the person reads of it, in their language: for a letter, where they asked by one.
    """

    request_id: str
    person_id: str
    kind: str
    state: str
    channel: str
    asked_by: str
    opened_at: datetime
    due_at: datetime
    law: str
    paused: bool
    identity: Identity | None
    approval: Approval | None
    extension: Extension | None
    lifting: Lifting | None
    notices: list[str]
    reason: str
    details: str
    ended_at: datetime | None


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """`receipt_link` is for the person: it opens the receipt, and is shown this once."""

    request: RequestDocument
    receipt_link: str


class ReceiptDocument(msgspec.Struct, frozen=True, kw_only=True):
    receipt: Receipt
    signed: str
    verified: bool
    disks_cleared_at: datetime | None


def request_document(request: Request, details: str = "") -> RequestDocument:
    names = ("request_id", "person_id", "channel", "asked_by", "opened_at", "due_at", "law")
    more = ("identity", "approval", "extension", "lifting", "reason", "ended_at")
    translator = translator_for(request.language)
    told = (extension_notice(request, translator), lifting_notice(request, translator))
    return RequestDocument(
        **{name: getattr(request, name) for name in (*names, *more)},
        kind=request.kind.value,
        state=request.state.value,
        paused=request.paused_from is not None,
        notices=[text for text in told if text],
        details=details,
    )


def receipt_document(proof: Proof, jwks: Mapping[str, Any]) -> ReceiptDocument:
    """Raises SignatureBroken."""
    return ReceiptDocument(
        receipt=read_receipt(proof.receipt, jwks),
        signed=proof.receipt,
        verified=True,
        disks_cleared_at=proof.cleared_at,
    )


def show_request(document: RequestDocument) -> None:
    stdout.print(f"{document.kind} {document.request_id}: {document.state}", markup=False)
    pause = ", the clock stands still" if document.paused else ""
    stdout.print(f"due {document.due_at:%Y-%m-%d} under {document.law}{pause}", markup=False)
    if document.approval:
        act = f" (act {document.approval.act_id})" if document.approval.act_id else ""
        stdout.print(f"approved by {', '.join(document.approval.by)}{act}", markup=False, soft_wrap=True)
    for text in (document.reason, document.details, *document.notices):
        if text:
            stdout.print(text, markup=False, soft_wrap=True)


def show_due(found: Iterable[Due]) -> None:
    table = Table("due", "kind", "state", "request", "since", box=None)
    for one in found:
        since = f"{one.opened_at:%Y-%m-%d}"
        table.add_row(f"{one.due_at:%Y-%m-%d}", one.kind, one.state, one.request_id, since)
    stdout.print(table)


def show_approved(approved: Approved) -> None:
    show_request(approved.request)
    if approved.receipt_link:
        stdout.print(f"for the person: /v1/rights/receipts/{approved.receipt_link}", soft_wrap=True)


def show_receipt(document: ReceiptDocument) -> None:
    receipt = document.receipt
    stdout.print(f"{receipt.kind} {receipt.request_id}: complete, signature verified", markup=False)
    for step in receipt.steps:
        stdout.print(f"{step.at:%Y-%m-%d %H:%M:%S} {step.step}", markup=False)
    if receipt.act_id:
        stdout.print(f"signed by two: meridian operator proof {receipt.act_id}", markup=False)
    counts = ", ".join(f"{kind}: {count}" for kind, count in sorted(receipt.rows.items()))
    stdout.print(f"files: {receipt.objects}; entries by table: {counts}", markup=False, soft_wrap=True)
    cleared = document.disks_cleared_at
    by = f"{receipt.disks_by:%Y-%m-%d}" if receipt.disks_by else "-"
    stdout.print(f"disks cleared: {f'{cleared:%Y-%m-%d}' if cleared else f'by {by}'}", markup=False)
    if receipt.key_epoch_destroyed_by:
        until = f"{receipt.key_epoch_destroyed_by:%Y-%m-%d}"
        stdout.print(f"key epoch {receipt.key_epoch} is destroyed by {until}", markup=False)
