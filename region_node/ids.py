"""Identifiers. A person's begins with the jurisdiction they belong to; all others say nothing."""

import hashlib

from ulid import ULID

SEPARATOR = "_"


def name_of(owner: str) -> str:
    """Under which a conditional row about *owner* lies, whose id it must not show.

    Cassandra keeps the keys of conditional rows in files of its own for longer than the rows.
    """
    return hashlib.sha256(owner.encode()).hexdigest()


def new_id() -> str:
    """26 lower-case characters, ordered by the time of making (ULID)."""
    return str(ULID()).lower()


def new_person_id(jurisdiction: str) -> str:
    return f"{jurisdiction}{SEPARATOR}{new_id()}"


def jurisdiction_of(person_id: str) -> str:
    """The jurisdiction that a person's id names; an id without one belongs to nobody."""
    jurisdiction, separator, rest = person_id.partition(SEPARATOR)
    if not separator or not rest:
        raise ValueError("not a person's id")
    return jurisdiction
