"""Subjects of what goes abroad: ``fed.<origin>.<destination>.<lane>.<tenant>.<type>.<subject>``.

A broker sees these in the clear, permissions and erasure go by them, so each part is checked before it
is written and after it was read. Dots separate parts: those of a type become dashes.
"""

import re
from dataclasses import dataclass

from federation.topology import Lane
from policies.vocabulary import Region, parse_region

ROOT = "fed"
NOBODY = "_"
"""Stands for the subject or tenant of what is about no person, or of no tenant."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TYPE = re.compile(r"[a-z]+(\.[a-z]+)*")
_PARTS = 7


class SubjectBroken(ValueError):
    """A part is missing or has characters that a subject must not have; the message names the part only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedSubject:
    """Where something comes from, where it goes, and whose data it is.

    `person` is the owner of the data, `NOBODY` where there is none.

    Raises:
        SubjectBroken: when it is made of parts that cannot be written.
    """

    origin: Region
    destination: Region
    lane: Lane
    tenant: str
    type: str
    person: str

    def __post_init__(self) -> None:
        for name, shape in (("tenant", _TOKEN), ("person", _TOKEN), ("type", _TYPE)):
            if not shape.fullmatch(getattr(self, name)):
                raise SubjectBroken(f"{name} does not fit into a subject")
        for name in ("origin", "destination"):
            try:
                parse_region(getattr(self, name))
            except ValueError:
                raise SubjectBroken(f"{name} is no region") from None

    def __str__(self) -> str:
        kind = self.type.replace(".", "-")
        return f"{ROOT}.{self.origin}.{self.destination}.{self.lane}.{self.tenant}.{kind}.{self.person}"


def parse_subject(text: str) -> FederatedSubject:
    """Read what `str` has written.

    Raises:
        SubjectBroken: anything else.
    """
    parts = text.split(".")
    if len(parts) != _PARTS or parts[0] != ROOT:
        raise SubjectBroken("not a subject of federation")
    _, origin, destination, lane, tenant, kind, person = parts
    if lane not in set(Lane):
        raise SubjectBroken("lane is unknown")
    return FederatedSubject(
        origin=Region(origin),
        destination=Region(destination),
        lane=Lane(lane),
        tenant=tenant,
        type=kind.replace("-", "."),
        person=person,
    )


def of_person(origin: Region, destination: Region, lane: Lane, tenant: str, person: str) -> str:
    """The pattern of all that waits for a destination in a lane and is about *person*."""
    whole = FederatedSubject(
        origin=origin, destination=destination, lane=lane, tenant=tenant, type="any", person=person
    )
    return f"{ROOT}.{whole.origin}.{whole.destination}.{whole.lane}.{whole.tenant}.*.{whole.person}"
