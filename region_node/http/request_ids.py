"""One id per request, given by the client's side or made here; it is in the answer and in the log."""

from region_node.ids import new_id

HEADER = "x-request-id"
MIN_CHARS, MAX_CHARS = 8, 64


def request_id_of(inbound: str | None) -> str:
    """*inbound* if it can be nothing but an id, else a new ULID."""
    return inbound if inbound is not None and _is_id(inbound) else new_id()


def _is_id(text: str) -> bool:
    if not MIN_CHARS <= len(text) <= MAX_CHARS or not text.isascii():
        return False
    return text.replace("-", "").replace("_", "").isalnum()
