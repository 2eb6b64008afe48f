"""Where a person stands with the law: what rulings about them rest on, kept beside the ledger's last entry.

The consent ledger is the truth; a standing is what its entries come to, written in the same logged batch as
the entry that changed it, so that a ruling needs one read. `meridian consent verify` replays and compares.
"""

from datetime import date, datetime

import msgspec

from policies.vocabulary import DataCategory, Purpose
from region_node.storage.schema import Budget, Column, ColumnType, Table

STANDINGS = Table(
    name="standings",
    partition=("person_id",),
    columns={
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "version": Column(ColumnType.INT, DataCategory.NON_PERSONAL),
        "head": Column(ColumnType.BYTES, DataCategory.NON_PERSONAL),
        "body": Column(ColumnType.BYTES, DataCategory.DATE_OF_BIRTH, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=16_000),
)
"""`version` is the number of the ledger's last entry, `head` its hash."""


STANDING_WORK = "standing.changed"
"""The type of the pointer that goes into the batch of a change: what is kept on a consent has to follow."""


class GivenConsent(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that was given and not taken back; `category` and `recipient` where it names one.

    Whether it counts at a moment is for `policies.consent.lapse_of` to say.
    """

    purpose: Purpose
    given_at: datetime
    notice: str
    """Id, version and language of the text that was shown, such as ``leaderboard/3/de``."""

    category: DataCategory | None = None
    recipient: str | None = None
    expires_at: datetime | None = None
    by_guardian: bool = False
    seq: int = 0
    """Number of the ledger entry that gave it."""


class PastAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a consent that does not stand: `state` is the ledger's word, such as ``refused``."""

    purpose: Purpose
    at: datetime
    state: str
    seq: int
    category: DataCategory | None = None
    recipient: str | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a person that a ruling may depend on; instants are UTC.

    Attributes:
        version: Number of the ledger entry that it stands for; 0 before the first.
        country: ISO 3166, with `subdivision` where law differs inside.
        guardian_id: The person who answers for this one; empty where there is none.
        restricted: Processing is restricted: nothing but storage and the person's own rights.
        legal_hold: Nothing may be erased while it stands.
        signals_ended: Signals that the person took back; hearing them again changes nothing.
        past: The last answers to what is not consented to, so that nobody is asked again and again.
    """

    person_id: str
    version: int
    birth_date: date
    country: str
    subdivision: str | None = None
    consents: tuple[GivenConsent, ...] = ()
    objections: tuple[Purpose, ...] = ()
    signals: tuple[str, ...] = ()
    guardian_id: str = ""
    restricted: bool = False
    legal_hold: bool = False
    signals_ended: tuple[str, ...] = ()
    past: tuple[PastAnswer, ...] = ()
