"""What egress knows of what it sends, and the ports to where it finds that out.

Words: an aggregate is what an event is about; a send is the record that a projection of it went, or may
have gone, to a region; a reach says what of a purpose did; a take-back is owed until its receipt came.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from federation.catalogue import CATALOGUE, EventType, Scope
from policies.vocabulary import DataCategory, LegalBasis, Purpose, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    tenant: str
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """What projections are made of; `kind` as in the catalogue."""

    person: Person
    kind: str
    aggregate_id: str

    @property
    def event(self) -> EventType:
        """The type that says how things are, whatever happened: the last of its kind that was declared."""
        return STATES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An aggregate as it is now: every field of its type, but those that it has none of.

    Attributes:
        other: The other person that it names, where its audience is that one's region.
        people: How many people its figures are made of, where it is about many; 0 where it is about one.
    """

    version: int
    values: Mapping[str, Any]
    other: str = ""
    people: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What may go to a region, and on what ground; without fields, nothing may."""

    fields: frozenset[str] = frozenset()
    basis: LegalBasis | None = None
    consent_version: int = 0
    pack_version: str = ""


_FINDS = frozenset({DataCategory.IDENTIFIER, DataCategory.NON_PERSONAL})


class Ground(Protocol):
    """Rulings on one person, by their standing and the law of the moment at which it was asked for."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """That a projection went, or may have gone. `retracted` is the number by which it was taken back."""

    region: Region
    purpose: Purpose
    kind: str
    aggregate_id: str
    version: int
    fields: tuple[str, ...]
    basis: str
    consent_version: int
    pack_version: str
    number: int
    first_at: datetime
    at: datetime
    retracted: int = 0
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that is known of what went to a region under a purpose.

    Attributes:
        what: A field that went, as ``kind:field``; `LOOKED` or `LESS`.
        number: The send number of the last time.
        terms: With `LOOKED`: what might go then, as `terms_text` writes it.
        withdrawn: With `LOOKED`: the number up to which all of it was taken back; 0 where none was.
    """

    region: Region
    purpose: Purpose
    what: str
    number: int
    terms: str = ""
    withdrawn: int = 0
    at: datetime


LOOKED = ""
"""That a person's standing was looked at: whatever has changed until then is carried out, or owed."""

LESS = "-"
"""That less was sent than might go when it was looked at last: somebody has to look again."""


@dataclass(frozen=True, slots=True)
class Reach:
    """All marks of a region and purpose."""

    region: Region
    purpose: Purpose
    marks: Mapping[str, Mark]

    @property
    def withdrawn(self) -> int:
        looked = self.marks.get(LOOKED)
        return looked.withdrawn if looked else 0

    @property
    def terms(self) -> frozenset[str]:
        """What might go when it was looked at last."""
        looked = self.marks.get(LOOKED)
        return frozenset(filter(None, looked.terms.split(","))) if looked else frozenset()

    @property
    def there(self) -> frozenset[str]:
        """What may be there, at most."""
        fields = self.marks.keys() - {LOOKED, LESS}
        return frozenset(what for what in fields if self.marks[what].number > self.withdrawn)

    @property
    def was_ever(self) -> bool:
        """Whether anything ever went, or may have gone."""
        return bool(self.marks.keys() - {LOOKED, LESS})

    @property
    def is_behind(self) -> bool:
        """Whether something was sent by other terms since it was looked at."""
        looked, less = self.marks.get(LOOKED), self.marks.get(LESS)
        return looked is None or (less is not None and less.number > looked.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """What a region was asked to take back.

    Attributes:
        asked: How often it was asked again.
        next_at: When it is asked again.
        receipt: The signed word of the region; empty until it came.
    """

    person: Person
    region: Region
    scope: Scope
    number: int
    purpose: Purpose | None
    kind: str
    aggregate_id: str
    envelope_id: str
    since: datetime
    due_at: datetime
    next_at: datetime
    asked: int = 0
    receipt: bytes = b""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a region is still to be sent: an aggregate, or everything of a person where `kind` is empty.

    Attributes:
        number: The send number at which it came to be; of two, the later one stands.
        cursor: How far everything has been gone through; grows as bytes.
    """

    person: Person
    region: Region
    number: int
    since: datetime
    kind: str = ""
    aggregate_id: str = ""
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What becomes durable together. Of each thing the record with the highest number stands."""

    sends: Sequence[Send] = ()
    marks: Sequence[Mark] = ()
    take_backs: Sequence[TakeBack] = ()
    debts: Sequence[Debt] = ()

    def __bool__(self) -> bool:
        return any((self.sends, self.marks, self.take_backs, self.debts))


class Owed(Protocol):
    """A part of what a region is owed: of one tenant, and of some of its people."""

    def debts(self) -> AsyncIterator[Debt]:
        """In the order of people and aggregates, read page by page."""

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


def telling(event: EventType, fields: frozenset[str]) -> frozenset[str]:
    """*fields*, or none where an id is not among them, or nothing that tells more than ids do."""
    needed = {name for name, kind in event.fields.items() if kind is DataCategory.IDENTIFIER}
    tells = {name for name, kind in event.fields.items() if kind not in _FINDS}
    return fields if needed <= fields and (not tells or tells & fields) else frozenset()


def terms_text(terms: Collection[str]) -> str:
    return ",".join(sorted(terms))


def mark_name(kind: str, field: str) -> str:
    return f"{kind}:{field}"


def standing_sends(sends: Collection[Send], reaches: Collection[Reach]) -> dict[Region, Send]:
    """Those of one aggregate that were not taken back, alone or with their purpose."""
    withdrawn = {(reach.region, reach.purpose): reach.withdrawn for reach in reaches}
    return {
        send.region: send
        for send in sends
        if send.number > max(send.retracted, withdrawn.get((send.region, send.purpose), 0))
    }


STATES = {event.kind: event for event in CATALOGUE.values() if event.kind and event.retracts is None}
