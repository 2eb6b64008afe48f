"""One id per request, given by the client's side or made here; it is in the answer and in the log."""

from region_node.ids import new_id

HEADER = "x-request-id"
MIN_CHARS, MAX_CHARS = 8, 64


def request_id_of(inbound: str | None) -> str:
    """*inbound* if it can be nothing but an id, else a new ULID."""
    if inbound is not None and MIN_CHARS <= len(inbound) <= MAX_CHARS and inbound.isascii():
        if inbound.replace("-", "").replace("_", "").isalnum():
            return inbound
    return new_id()
