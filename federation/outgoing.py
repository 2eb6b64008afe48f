"""What egress knows of what it sends.

Words: an aggregate is what an event is about; a send is the record that a projection of it went, or may
have gone, to a region; a reach says what of a purpose did; a take-back is owed until its receipt came.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    def kinds(self) -> frozenset[str]:
        """Of what anything ever went, or may have gone."""
        return frozenset(what.partition(":")[0] for what in self.marks.keys() - {LOOKED, LESS})

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
