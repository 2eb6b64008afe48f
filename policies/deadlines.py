"""By when people and authorities have to be answered or told, and by which law."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.pack import Pack
from policies.sections import BreachClock
from policies.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of the law; None where it gives none, such as "without delay"."""

    value: int | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The times of a place. The EEA's member states change none of them.

    Attributes:
        dsr_days: To answer a data subject's request; a month is its shortest, 28.
        extension_days: What may be added, with a notice to the person; 0 where law allows none.
        breach_authority_hours: A business day is 24 h; from awareness, unless its source says otherwise.
        may_pause: The clock of a request stands still while identity or a clarification is awaited.
        authority: Who is told of a breach.
        followup_hours: To the fuller report, where the law wants two.
    """

    dsr_days: Figure
    extension_days: Figure
    breach_authority_hours: Figure
    breach_subjects_hours: Figure
    may_pause: bool
    authority: str
    followup_hours: int | None

    def figures(self) -> dict[str, int | None]:
        return {
            "dsr_days": self.dsr_days.value,
            "extension_days": self.extension_days.value,
            "breach_authority_hours": self.breach_authority_hours.value,
            "breach_subjects_hours": self.breach_subjects_hours.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which the clock of a request may stand still; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


def deadlines_of(pack: Pack) -> Deadlines:
    """Raises LookupError for a pack without deadlines: every pack that ships has them."""
    clocks = pack.sections.clocks
    if clocks is None:
        raise LookupError(f"the pack {pack.jurisdiction} has no [deadlines]")
    requests = clocks.requests
    return Deadlines(
        dsr_days=Figure(value=requests.days, source=requests.source),
        extension_days=Figure(value=requests.extension_days, source=requests.source),
        breach_authority_hours=_hours(clocks.breach_authority),
        breach_subjects_hours=_hours(clocks.breach_subjects),
        may_pause=requests.may_pause,
        authority=clocks.breach_authority.authority,
        followup_hours=clocks.breach_authority.followup_hours,
    )


def _hours(clock: BreachClock) -> Figure:
    return Figure(value=clock.hours, source=clock.source)


def due_at(
    deadlines: Deadlines, received_at: datetime, pauses: Iterable[Pause] = (), *, extended: bool = False
) -> datetime | None:
    """Return the end of the time to answer a request.

    A pause moves it by its length where law lets the clock stand still, if it began in time; times that
    overlap count once. None where law gives no figure, and while a pause lasts.
    """
    days = deadlines.dsr_days.value
    if days is None:
        return None
    due = received_at + timedelta(days=days + (deadlines.extension_days.value or 0) * extended)
    if not deadlines.may_pause:
        return due
    stood_until = received_at
    for pause in sorted(pauses, key=lambda pause: pause.since):
        start = max(pause.since, stood_until)
        if pause.since >= due:
            break
        if pause.until is None:
            return None
        due += max(pause.until - start, timedelta())
        stood_until = max(stood_until, pause.until)
    return due


def breach_due_at(figure: Figure, known_at: datetime) -> datetime | None:
    """Return by when a breach has to be told; None where law says "without delay" and gives no figure."""
    return None if figure.value is None else known_at + timedelta(hours=figure.value)
