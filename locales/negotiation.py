"""Which of our languages a client gets: RFC 9110 (section 12.5.4) weights, RFC 4647 look-up.

Header values come from anybody: what is not understood is passed over, never an error.
"""

import re
from collections.abc import Sequence

from locales.supported import SOURCE_LOCALE, SUPPORTED

MAX_HEADER_CHARS = 1000
"""What comes after that many characters is not looked at."""

MAX_RANGES = 20

_RANGE = re.compile(
    r"(?P<tag>\*|[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8}){0,5})"
    r"(?:\s*;\s*[qQ]\s*=\s*(?P<q>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)


def negotiate(
    header: str | None, *, supported: Sequence[str] = SUPPORTED, default: str = SOURCE_LOCALE
) -> str:
    """Return the supported locale that *header*, an Accept-Language value, prefers.

    ``de-AT`` falls back to ``de``, and ``pt`` or ``pt-PT`` finds ``pt-BR``: a sister is better than a foreign
    language. ``*`` is any locale not named otherwise, *default* first. A weight of 0 excludes a locale.
    """
    wishes = _wishes(header or "")
    for tag in (tag for tag, weight in wishes if weight > 0):
        excluded = _excluded(wishes, supported)
        if tag == "*":
            named = {_match(other, supported) for other, _ in wishes if other != "*"}
            candidates = [default, *supported]
            found = next((one for one in candidates if one not in named | excluded), None)
        else:
            found = _match(tag, [one for one in supported if one not in excluded])
        if found is not None:
            return found
    return default


def _wishes(header: str) -> list[tuple[str, float]]:
    """Return language ranges with their weights, the heaviest first, equal ones in the order they came."""
    parts = header[:MAX_HEADER_CHARS].split(",")[:MAX_RANGES]
    found = (_RANGE.fullmatch(part.strip()) for part in parts)
    wishes = [(one["tag"].replace("_", "-").lower(), float(one["q"] or 1)) for one in found if one]
    return sorted(wishes, key=lambda wish: -wish[1])


def _excluded(wishes: list[tuple[str, float]], supported: Sequence[str]) -> set[str]:
    """Return the locales that a weight of 0 names and no other range asks for."""
    refused = {tag for tag, weight in wishes if weight == 0}
    asked = {tag for tag, weight in wishes if weight > 0}
    return {one for one in supported if _ranges_of(one) & refused and not _ranges_of(one) & asked}


def _ranges_of(locale: str) -> set[str]:
    """Return the ranges that name *locale*: itself and all that are shorter."""
    subtags = locale.lower().split("-")
    return {"-".join(subtags[:end]) for end in range(1, len(subtags) + 1)}


def _match(tag: str, supported: Sequence[str]) -> str | None:
    """Shorten *tag* until a locale is named; then take any locale of its language."""
    by_name = {one.lower(): one for one in supported}
    subtags = tag.split("-")
    for end in range(len(subtags), 0, -1):
        if found := by_name.get("-".join(subtags[:end])):
            return found
    return next((one for name, one in by_name.items() if name.split("-")[0] == subtags[0]), None)
