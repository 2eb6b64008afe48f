"""The reader's language, negotiated once per header value."""

from functools import lru_cache

from locales.negotiation import MAX_HEADER_CHARS, negotiate
from locales.supported import SOURCE_LOCALE
from locales.translator import Translator, translator_for


@lru_cache(maxsize=512)
def _negotiated(header: str, own: str) -> Translator:
    return translator_for(negotiate(header, default=own))


def reader(accept_language: str | None, own: str = SOURCE_LOCALE) -> Translator:
    """The translator for a header value; where it asks for nothing we have, of the *own* language."""
    return _negotiated((accept_language or "")[:MAX_HEADER_CHARS], own)
