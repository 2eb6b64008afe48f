"""Requests for a person's rights: what may be asked, and the states that an answer goes through."""

from datetime import datetime
from enum import StrEnum

import msgspec

from policies.deadlines import Pause

MAX_DETAILS_CHARS = 4000
MAX_REASON_CHARS = 500
OWN = "own"
"""The channel of a request that the person made, signed in, at the API."""

GUARDIAN = "guardian"
STAFF = "staff"


class Kind(StrEnum):
    """Which right. Values are stored: add, never rename."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"

    @property
    def brings_archive(self) -> bool:
        return self in {Kind.ACCESS, Kind.PORTABILITY}


class State(StrEnum):
    """Where a request stands. Values are stored: add, never rename."""

    OPEN = "open"
    IDENTITY_VERIFIED = "identity-verified"
    APPROVED = "approved"
    WORKING = "working"
    COMPLETE = "complete"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_end(self) -> bool:
        return self in {State.COMPLETE, State.REFUSED, State.WITHDRAWN}


_NEXT = {
    State.OPEN: {State.IDENTITY_VERIFIED, State.REFUSED, State.WITHDRAWN},
    State.IDENTITY_VERIFIED: {State.APPROVED, State.REFUSED, State.WITHDRAWN},
    State.APPROVED: {State.WORKING, State.COMPLETE, State.REFUSED, State.WITHDRAWN},
    State.WORKING: {State.COMPLETE},
}


class WrongState(Exception):
    """The step does not follow from where the request stands; `state` says where that is."""

    def __init__(self, state: State) -> None:
        super().__init__(f"the request is {state}")
        self.state = state


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """How it was made sure who asks; `by` is an operator's id, or empty for a signed-in person."""

    how: str
    by: str
    at: datetime


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """`by` are the ids of those who agreed: one person for their own data, two of the staff otherwise.

    `act_id` names the act that staff have signed; `meridian operator proof` shows it.
    """

    by: tuple[str, ...]
    at: datetime
    act_id: str = ""


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """`due_before` is what the deadline was; the person is told of it with the reason."""

    due_before: datetime
    reason: str
    by: str
    at: datetime


class Lifting(msgspec.Struct, frozen=True, kw_only=True):
    """That a restriction ends: `by` said so, with the reason that the person reads, where it was staff.

    It ends at `not_before` at the earliest. `receipt` is signed, and there once it has.
    """

    by: str
    told_at: datetime
    not_before: datetime
    reason: str = ""
    lifted_by: str = ""
    lifted_at: datetime | None = None
    receipt: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request; it holds ids and instants, and no value of the person's.

    Attributes:
        channel: Who asked: `OWN`, `GUARDIAN` or `STAFF`; `asked_by` is their id.
        due_at: When the answer is due by law, extension included; `law` is the article.
        paused_from: Since when the clock stands, where the law lets it; None while it runs.
        reason: Why it was refused or is held up.
        archive: Name of the sealed object with the export, until `archive_until`.
    """

    request_id: str
    person_id: str
    kind: Kind
    state: State
    version: int
    channel: str
    asked_by: str
    opened_at: datetime
    due_at: datetime
    law: str = ""
    language: str = "en"
    identity: Identity | None = None
    approval: Approval | None = None
    extension: Extension | None = None
    lifting: Lifting | None = None
    paused_from: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    reason: str = ""
    ended_at: datetime | None = None
    archive: str = ""
    archive_bytes: int = 0
    archive_sha256: str = ""
    """Digest of the archive's manifest, which lists the digests of its files."""

    archive_until: datetime | None = None

    def moved(self, state: State, **changes: object) -> "Request":
        """This request one step on.

        Raises:
            WrongState
        """
        if state not in _NEXT.get(self.state, set()):
            raise WrongState(self.state)
        return self.changed(state=state, **changes)

    def changed(self, **changes: object) -> "Request":
        return msgspec.structs.replace(self, version=self.version + 1, **changes)
