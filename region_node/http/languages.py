"""The reader's language, negotiated once per header value."""

from functools import lru_cache

from locales.negotiation import MAX_HEADER_CHARS, negotiate
from locales.translator import Translator, translator_for


@lru_cache(maxsize=512)
def _negotiated(header: str) -> Translator:
    return translator_for(negotiate(header))


def reader(accept_language: str | None) -> Translator:
    """The translator for a header value; anything that is not understood reads English."""
    return _negotiated((accept_language or "")[:MAX_HEADER_CHARS])
