"""The ports of egress: where it finds out what there is, who may have it, and what went before."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from federation.catalogue import EventType
from federation.outgoing import (
    STATES,
    Aggregate,
    Debt,
    Person,
    Reach,
    Records,
    Send,
    State,
    TakeBack,
    Terms,
    mark_name,
    telling,
)
from policies.vocabulary import Purpose, Region


class Ground(Protocol):
    """Rulings on one person, by their standing and the law of the moment at which it was asked for."""

    @property
    def is_known(self) -> bool:
        """Whether there is such a person; nothing is allowed of one who was erased."""

    def terms(self, event: EventType, destination: Region) -> Terms: ...

    def smallest_group(self, destination: Region) -> int:
        """The fewest people whose figures together may leave for *destination*."""


class Grounds(Protocol):
    async def of(self, person: Person) -> Ground:
        """Read from the ledger now, nothing remembered. Of who is not there, nothing is allowed."""


class Source(Protocol):
    """The aggregates of one kind, at home."""

    async def load(self, person: Person, aggregate_id: str) -> State | None:
        """As it is now; None where it is gone, or its owner shows it to nobody."""

    async def ids(self, person: Person, after: str) -> tuple[Sequence[str], str]:
        """A page of ids, and the place where the next one begins: empty after the last."""


class Audiences(Protocol):
    async def regions(self, event: EventType, person: Person, state: State) -> frozenset[Region]:
        """Where somebody may see it, this region included."""

    async def reachable(self, person: Person) -> frozenset[Region]:
        """Where anything of the person could go to."""


class Peers(Protocol):
    def takes(self, region: Region, event: EventType) -> bool:
        """Whether *region* may be sent such an event at all."""

    def held(self, region: Region, event: EventType) -> bool:
        """Whether it is kept back for now. What takes back never is."""


class Owed(Protocol):
    """A part of what a region is owed: of one tenant, and of some of its people."""

    def debts(self, beyond: str = "") -> AsyncIterator[Debt]:
        """In the order of people and aggregates, read page by page; of people whose ids follow *beyond*."""

    async def questions(self, most: int) -> Sequence[TakeBack]:
        """Those without a receipt whose time to be asked again has come."""


class Book(Protocol):
    """The home's records of what it sent; where they cannot be read or written, every method raises."""

    async def next_number(self, person: Person) -> int:
        """A send number above all that were given before, by whatever process."""

    async def last_number(self, person: Person) -> int: ...

    async def sends(self, aggregate: Aggregate) -> Sequence[Send]: ...

    async def sent_ids(self, person: Person, kind: str, after: str) -> tuple[Sequence[str], str]:
        """Ids of aggregates that were ever sent, in pages as those of `Source.ids`."""

    async def reaches(self, person: Person) -> Sequence[Reach]: ...

    async def record(self, person: Person, records: Records) -> None: ...

    async def settle(self, debt: Debt) -> None:
        """It is paid, unless a later one has taken its place."""

    async def asked(self, person: Person, number: int, region: Region) -> Sequence[TakeBack]:
        """What *region* was asked for under a send number: one, or one for each purpose."""

    async def missing(self, person: Person) -> Sequence[TakeBack]:
        """Those without a receipt."""

    def owed(self, region: Region, now: datetime) -> Sequence["Owed"]:
        """The parts in which debts of *region* lie; nothing is read before one of them is asked."""

    def people(self) -> AsyncIterator[Person]:
        """Everybody of whom something was ever sent; a walk over whole tables."""

    async def forget(self, person: Person) -> None:
        """Remove what is kept of a person that every region has erased."""


def terms_of(ground: Ground, purpose: Purpose, destination: Region) -> frozenset[str]:
    """What may go to *destination* under *purpose*, as ``kind:field``."""
    return frozenset(
        mark_name(event.kind, field)
        for event in STATES.values()
        if event.purpose is purpose
        for field in telling(event, ground.terms(event, destination).fields)
    )
