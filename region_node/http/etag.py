"""Entity tags and the conditions made with them (RFC 9110, sections 8.8.3 and 13)."""

from collections.abc import Iterator

MAX_TAGS = 100

CODINGS = ("zstd", "gzip")
"""Content codings; each makes another representation, and so another tag: `v1+gzip` of `v1`."""


def quoted(opaque: str) -> str:
    """A strong entity tag.

    Raises:
        ValueError: *opaque* has characters that a tag cannot hold.
    """
    if not all("!" <= char <= "~" and char != '"' for char in opaque):
        raise ValueError("an entity tag holds printable ASCII without quotes and spaces")
    return f'"{opaque}"'


def matches_strongly(header: str, opaque: str) -> bool:
    """If-Match: whether *header* names exactly this version; weak tags never do, ``*`` always does."""
    if header.strip() == "*":
        return True
    return any(_names(tag, opaque) and not weak for weak, tag in tags(header))


def matches_weakly(header: str, opaque: str) -> bool:
    """If-None-Match: whether *header* names this version, weakly or not."""
    if header.strip() == "*":
        return True
    return any(_names(tag, opaque) for _, tag in tags(header))


def _names(tag: str, opaque: str) -> bool:
    version, plus, coding = tag.rpartition("+")
    return tag == opaque or (bool(plus) and version == opaque and coding in CODINGS)


def tags(header: str) -> Iterator[tuple[bool, str]]:
    """Each tag of a list as (weak, opaque); what follows a mistake in the list is not read.

    A comma may stand inside a tag, so the list is not split at commas.
    """
    rest = header.strip(" \t,")
    for _ in range(MAX_TAGS):
        weak = rest.startswith("W/")
        if weak:
            rest = rest[2:]
        if not rest.startswith('"'):
            return
        opaque, end, rest = rest[1:].partition('"')
        if not end:
            return
        yield weak, opaque
        following = rest.lstrip(" \t")
        if not following.startswith(","):
            return
        rest = following.lstrip(" \t,")
