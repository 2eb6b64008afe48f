"""Entries of a consent ledger, and what binds each to the one before.

The hash of an entry is SHA-256 over its fields as JSON with sorted keys and no spaces, `hash` left out. Among
them stands a random salt that lies sealed with the rest: once the person's key is destroyed the chain of
hashes can still be followed, and nobody can find out by guessing what an entry said.
"""

import hashlib
import os
from datetime import date, datetime
from enum import StrEnum

import msgspec

from policies.ages import age_in_years
from policies.vocabulary import DataCategory, Purpose

SALT_BYTES = 16
NO_HASH = bytes(32)
"""What the first entry names as the one before."""

MAX_RECIPIENT_CHARS = 80
_BANDS = ((13, "under-13"), (16, "13-15"), (18, "16-17"))
_OLDEST_BAND = "18-plus"


class EntryState(StrEnum):
    """What an entry records. Values are stored and hashed: add, never rename."""

    BEGUN = "begun"
    """The ledger begins; `details` say what law and age go by."""

    CORRECTED = "corrected"
    """Birth date or residence were put right, as in BEGUN."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    CAME_OF_AGE = "came-of-age"
    """What a guardian gave ended, because the person now decides alone."""

    OBJECTED = "objected"
    OBJECTION_WITHDRAWN = "objection-withdrawn"
    SIGNAL = "signal"
    SIGNAL_ENDED = "signal-ended"
    RESTRICTED = "restricted"
    RELEASED = "released"
    """The restriction ended."""

    GUARDIAN_LINKED = "guardian-linked"
    GUARDIAN_ENDED = "guardian-ended"
    HOLD = "hold"
    HOLD_RELEASED = "hold-released"


class Method(StrEnum):
    """By which way an answer came. Values are stored and hashed: add, never rename."""

    API = "api"
    WEB = "web"
    CLI = "cli"
    IMPORT = "import"
    GUARDIAN = "guardian"
    GPC = "gpc"
    SIGN_UP = "sign-up"
    SYSTEM = "system"
    """The platform itself, as when a consent expires."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be recorded, before it has a place in a chain.

    Attributes:
        notice: Id, version and language of the text that was shown.
        notice_sha256: Of exactly that text, in hex.
        actor: Id of the person, guardian or operator who did it; empty for the platform.
        details: Further facts by name, such as the birth date that a ledger begins with.
    """

    state: EntryState
    method: Method
    actor: str = ""
    purpose: Purpose | None = None
    category: DataCategory | None = None
    recipient: str = ""
    notice: str = ""
    notice_sha256: str = ""
    expires_at: datetime | None = None
    details: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it stands in the chain; hashes and salt in hex, instants UTC to the millisecond."""

    tenant: str
    jurisdiction: str
    person_id: str
    seq: int
    received_at: datetime
    stored_at: datetime
    age_band: str
    pack_version: str
    draft: Draft
    salt: str
    previous: str
    hash: str = ""

    def digest(self) -> str:
        """The hash that this entry ought to have."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """The bytes that are hashed."""
        fields = {name: value for name, value in msgspec.structs.asdict(self).items() if name != "hash"}
        return msgspec.json.encode(fields, order="sorted")

    def closed(self) -> "Entry":
        """This entry with its hash."""
        return msgspec.structs.replace(self, hash=self.digest())


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger begins with: the facts by which law and age go."""

    birth_date: date
    country: str
    subdivision: str | None = None

    def details(self) -> dict[str, str]:
        """These facts as an entry keeps them."""
        facts = {"birth_date": self.birth_date.isoformat(), "country": self.country}
        return facts | ({"subdivision": self.subdivision} if self.subdivision else {})


def resident_of(details: dict[str, str]) -> Resident:
    """Read what `Resident.details` wrote. Raises KeyError or ValueError where it did not."""
    return Resident(
        birth_date=date.fromisoformat(details["birth_date"]),
        country=details["country"],
        subdivision=details.get("subdivision"),
    )


def new_salt() -> str:
    return os.urandom(SALT_BYTES).hex()


def age_band(birth_date: date, today: date) -> str:
    """Wide enough to say nothing of the day of birth."""
    years = age_in_years(birth_date, today)
    return next((band for below, band in _BANDS if years < below), _OLDEST_BAND)


def to_millisecond(moment: datetime) -> datetime:
    """Cut to what stores keep, so that an entry reads back as it was hashed."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
