"""Ids of requests, such as ``rq-eu-01k...``: which law a request goes by, and nobody.

A person's id is a jurisdiction, an underscore and a ULID; the residency auditor reports that shape wherever
it finds it away from the person's home. An officer's audit entry, the act that approves an erasure and the
proof that outlives the person name a request and must name nobody, so its id has another shape: hyphens and a
lead of its own. It keeps the jurisdiction, by which the store is found, and the order of making.
"""

import re

from region_node.ids import new_id

LEAD = "rq"
PATTERN = rf"{LEAD}-([a-z]{{2}}(?:-[a-z0-9]{{1,3}})?)-[0-7][0-9a-hjkmnp-tv-z]{{25}}"
_ID = re.compile(PATTERN)


def new_request_id(jurisdiction: str) -> str:
    return f"{LEAD}-{jurisdiction}-{new_id()}"


def is_request_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def jurisdiction_of_request(request_id: str) -> str:
    """The jurisdiction that a request's id names. Raises ValueError for what is no such id."""
    found = _ID.fullmatch(request_id)
    if found is None:
        raise ValueError("not a request's id")
    return found[1]
