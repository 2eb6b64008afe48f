"""Who has to be told of a breach and by when, over all the places whose people it touches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from policies.authorities import Authority
from policies.deadlines import Deadlines, deadlines_of
from policies.pack import PackSet
from policies.source import Source
from policies.vocabulary import DataCategory, Jurisdiction

SENSITIVE = frozenset(
    {
        DataCategory.HEALTH,
        DataCategory.HEART_RATE,
        DataCategory.BODY_WEIGHT,
        DataCategory.WORKOUT_SAMPLES,
        DataCategory.PRECISE_LOCATION,
        DataCategory.CREDENTIAL,
    }
)
"""Taken to be sensitive everywhere, though laws differ in some: telling once too often harms nobody."""

AT_ONCE = datetime.min.replace(tzinfo=UTC)
"""Where among the instants that stands which has to be done without delay."""


class Recipient(StrEnum):
    """Whom a notice goes to. Values are stored: add, never rename."""

    AUTHORITY = "authority"
    FOLLOWUP = "authority-followup"
    """The fuller report to the same authority."""
    SUBJECTS = "subjects"


class State(StrEnum):
    OPEN = "open"
    LATE = "late"
    TOLD = "told"
    TOLD_LATE = "told-late"
    NOT_REQUIRED = "not-required"
    """Fewer people than the law asks for, and nothing sensitive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What is known of a breach; `establishment` is the member state of the main one, or empty."""

    people: Mapping[Jurisdiction, int]
    categories: frozenset[DataCategory]
    known_at: datetime
    establishment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One notice that is due; `due_at` is None where law gives no figure: without undue delay, so at once.

    `told_at` is when a notice went, `source` where the time stands, `page` where the authority says how.
    """

    jurisdiction: Jurisdiction
    recipient: Recipient
    name: str
    page: str
    people: int
    due_at: datetime | None
    told_at: datetime | None
    state: State
    source: Source


Told = Mapping[tuple[Jurisdiction, Recipient], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachLaw:
    packs: PackSet
    authorities: Mapping[str, Authority]

    def of(self, jurisdiction: Jurisdiction) -> tuple[Deadlines, Authority]:
        """Raises LookupError for a jurisdiction without a pack, its deadlines or an authority."""
        return deadlines_of(self.packs.by_jurisdiction[jurisdiction]), self.authorities[jurisdiction]


def schedule(affected: Affected, law: BreachLaw, told: Told, *, now: datetime) -> tuple[Deadline, ...]:
    """All notices of an incident, the next one first; what is due at once stands before what has a time.

    It is seen from *now*: a notice that went later has not gone yet.

    Raises:
        LookupError: People of a jurisdiction that *law* does not know.
    """
    found = []
    told_by_now = {whom: at for whom, at in told.items() if at <= now}
    for jurisdiction, people in affected.people.items():
        if people:
            place = _Place(jurisdiction, people, affected, *law.of(jurisdiction))
            found += place.deadlines(told_by_now, now)
    return tuple(sorted(found, key=_order))


@dataclass(frozen=True, slots=True)
class _Place:
    """An incident as one jurisdiction sees it."""

    jurisdiction: Jurisdiction
    people: int
    affected: Affected
    times: Deadlines
    authority: Authority

    def deadlines(self, told: Told, now: datetime) -> list[Deadline]:
        known_at = self.affected.known_at
        subjects_due = _after(known_at, self.times.breach_subjects_hours.value)
        begins = known_at
        if self.authority.after_subjects:
            begins = told.get((self.jurisdiction, Recipient.SUBJECTS)) or subjects_due or known_at
        dues = [
            (Recipient.AUTHORITY, _after(begins, self.times.breach_authority_hours.value)),
            (Recipient.SUBJECTS, subjects_due),
        ]
        if self.times.followup_hours is not None:
            dues.append((Recipient.FOLLOWUP, _after(begins, self.times.followup_hours)))
        return [self._deadline(recipient, due, told, now) for recipient, due in dues]

    def _deadline(self, recipient: Recipient, due_at: datetime | None, told: Told, now: datetime) -> Deadline:
        to_people = recipient is Recipient.SUBJECTS
        figure = self.times.breach_subjects_hours if to_people else self.times.breach_authority_hours
        told_at = told.get((self.jurisdiction, recipient))
        required = to_people or self._authority_is_told()
        return Deadline(
            jurisdiction=self.jurisdiction,
            recipient=recipient,
            name="" if to_people else self._name(),
            page="" if to_people else self.authority.page,
            people=self.people,
            due_at=due_at,
            told_at=told_at,
            state=_state(due_at, told_at, now) if required or told_at else State.NOT_REQUIRED,
            source=figure.source,
        )

    def _authority_is_told(self) -> bool:
        sensitive = self.authority.or_sensitive and bool(self.affected.categories & SENSITIVE)
        return sensitive or self.people >= self.authority.from_people

    def _name(self) -> str:
        return self.authority.members.get(self.affected.establishment, self.times.authority)


def _after(begins: datetime, hours: int | None) -> datetime | None:
    return None if hours is None else begins + timedelta(hours=hours)


def _state(due_at: datetime | None, told_at: datetime | None, now: datetime) -> State:
    if told_at is not None:
        return State.TOLD_LATE if due_at is not None and told_at > due_at else State.TOLD
    return State.LATE if due_at is not None and now > due_at else State.OPEN


def _order(deadline: Deadline) -> tuple[bool, datetime, str, str]:
    """Those that are done come last."""
    done = deadline.state not in {State.OPEN, State.LATE}
    return done, deadline.due_at or AT_ONCE, deadline.jurisdiction, deadline.recipient
