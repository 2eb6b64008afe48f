"""Requests as the API shows them to whom they are about."""

from datetime import datetime

import msgspec

from locales.translator import Translator
from region_node.features.rights.model import Request, State
from region_node.features.rights.notices import extension_notice, lifting_notice


class RequestResource(msgspec.Struct, frozen=True, kw_only=True):
    """`due_at` is when the answer is due under `law`; `archive_url` leads to a zip until `archive_until`.

    Notices are in the reader's language. `lifting_receipt` is a JWS (RFC 7515), as that of an erasure.
    """

    request_id: str
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    law: str
    extended_because: str
    extension_notice: str
    lifting_notice: str
    lifting_receipt: str
    refused_because: str
    archive_url: str
    archive_bytes: int
    archive_until: datetime | None


class RequestList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[RequestResource]
    next_cursor: str | None


def request_resource(request: Request, translator: Translator) -> RequestResource:
    """*request* as its person sees it."""
    ready = request.archive_until is not None
    return RequestResource(
        request_id=request.request_id,
        kind=request.kind.value,
        state=request.state.value,
        opened_at=request.opened_at,
        due_at=request.due_at,
        law=request.law,
        extended_because=request.extension.reason if request.extension else "",
        extension_notice=extension_notice(request, translator),
        lifting_notice=lifting_notice(request, translator),
        lifting_receipt=request.lifting.receipt if request.lifting else "",
        refused_because=request.reason if request.state is State.REFUSED else "",
        archive_url=f"/v1/rights/requests/{request.request_id}/archive" if ready else "",
        archive_bytes=request.archive_bytes,
        archive_until=request.archive_until,
    )
