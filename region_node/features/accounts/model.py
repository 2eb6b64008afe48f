"""People and their sign-ins, as this feature speaks of them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from region_node.ids import jurisdiction_of

MAX_EMAIL_LENGTH = 254
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class PersonState(StrEnum):
    """`PENDING` until the login of the person is claimed: nobody can sign in before, nor when `CLOSED`."""

    PENDING = "pending"
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`place` is an ISO 3166 country, with the subdivision where law differs (`DE`, `US-CA`)."""

    person_id: str
    version: int
    state: PersonState
    created_at: datetime
    login_key: str
    age_assurance: str
    email: str
    display_name: str
    birth_date: date
    place: str
    language: str
    time_zone: str

    @property
    def jurisdiction(self) -> str:
        return jurisdiction_of(self.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What somebody says when signing up."""

    email: str
    password: str
    display_name: str
    birth_date: date
    country: str
    subdivision: str | None
    language: str
    time_zone: str
    guardian: bool = False
    """Says that a guardian will answer for them; asked of nobody who is old enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a sign-in gives: two tokens, and for how long the first holds."""

    person_id: str
    access_token: str
    refresh_token: str
    expires_in_s: int


def normalised_email(text: str) -> str | None:
    """The form under which an address is looked up, or None where it cannot be one.

    Letter case is folded in both parts: no provider that people use tells `Ana@` from `ana@`.
    """
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return folded if len(folded) <= MAX_EMAIL_LENGTH and _EMAIL.fullmatch(folded) else None
