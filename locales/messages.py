"""Marks texts for translation where they are written; nothing is translated here."""


def N_(text: str) -> str:  # noqa: N802 - the name that Babel's extraction looks for by default
    """Return *text* unchanged: it is a message id, looked up in a catalogue where a person reads it."""
    return text


def NP_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - the sister of N_
    """Return both texts unchanged: a message id with a count, for ``Translator.plural(*NP_(...), n)``."""
    return singular, plural
