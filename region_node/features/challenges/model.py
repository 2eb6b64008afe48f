"""Rules of a challenge, as data: what counts, when, how much of it, and for whom. Pure.

Rules are facts of nobody: they lie in the authority region and are known to every region that takes part.
What they make of a person's workouts is worked out at the person's home, which alone sees them.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from region_node.efforts import Effort, Quantity

EARLIEST_CLOCK, LATEST_CLOCK = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
"""A date begins first on Kiritimati and ends last on Baker Island."""
UNIT = 1000
"""Factors are whole thousandths."""


class Metric(StrEnum):
    """What is added up. Values are stored: add, never rename."""

    DISTANCE = "distance"
    CLIMB = "climb"
    MOVING_TIME = "moving-time"
    WORKOUTS = "workouts"
    DAYS = "days"
    """Consistency: days on which enough was done, whatever more."""


class Aggregate(StrEnum):
    """How scores of members become that of their team."""

    SUM = "sum"
    MEAN = "mean"
    """By all members, so that a large team is not the better one by its size."""


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which workouts are in time: those that start on one of its days, and count whole.

    Attributes:
        zone: An IANA name: days are those of its clock, for everybody. Empty: days are those of the clock
            where the workout began, so that a challenge starts at everybody's own midnight.
        grace_hours: For so long after the last day has ended everywhere, what was done in time may still be
            uploaded or corrected.
    """

    first_day: date
    last_day: date
    zone: str = ""
    grace_hours: int = 48

    def day_of(self, effort: Effort) -> date | None:
        """The day that it counts for; None outside of the window."""
        if effort.started_at is None:
            return None
        day = effort.started_at.astimezone(ZoneInfo(self.zone)).date() if self.zone else effort.local_day
        return day if day is not None and self.first_day <= day <= self.last_day else None

    @property
    def opens_at(self) -> datetime:
        """Where its first day begins first; UTC."""
        return self._midnight(self.first_day, EARLIEST_CLOCK)

    @property
    def ends_at(self) -> datetime:
        """Where its last day ends last; UTC."""
        return self._midnight(self.last_day + timedelta(days=1), LATEST_CLOCK)

    @property
    def closes_at(self) -> datetime:
        """From here on nothing changes the scores but withdrawals; UTC."""
        return self.ends_at + timedelta(hours=self.grace_hours)

    def _midnight(self, day: date, clock: timezone) -> datetime:
        place = ZoneInfo(self.zone) if self.zone else clock
        return datetime(day.year, day.month, day.day, tzinfo=place).astimezone(UTC)


class Least(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least so much: thousandths of metres, seconds or workouts."""

    quantity: Quantity
    amount: int


class Gates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a workout has to stand up to; what is faster than anybody ever was never counts."""

    by_hand: bool = False
    """Figures that were typed in count as well."""
    indoor: bool = True
    longest_gap_s: int | None = None
    """A workout with a longer time without a position, or where nobody looked, does not count."""


class AgeGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From this age on scores are multiplied by `factor` thousandths, until the next group begins."""

    from_age: int
    factor: int


class Team(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`counting` is how many of the best members count; 0: all of them."""

    aggregate: Aggregate = Aggregate.SUM
    most_members: int = 50
    counting: int = 0


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amounts are thousandths of the metric's unit; `None` is no limit.

    Attributes:
        sports: FIT profile names; empty for all of them.
        least: What a single workout needs to count at all.
        least_per_day: What makes a day count, for `Metric.DAYS`.
        most_per_day: More of a day does not count: nobody should win by doing too much.
        most_per_person: More of a person does not count, alone or in a team.
        from_joining: What was done before joining does not count.
        age_groups: Handicaps; by the age in the year of the first day, for the whole of the challenge.
    """

    metric: Metric
    window: Window
    sports: frozenset[str] = frozenset()
    least: Least | None = None
    least_per_day: Least | None = None
    most_per_day: int | None = None
    most_per_person: int | None = None
    from_joining: bool = False
    gates: Gates = Gates()
    age_groups: tuple[AgeGroup, ...] = ()
    team: Team | None = None


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part, as their home knows them.

    Attributes:
        age: The year of the challenge's first day less the year of birth: packs let no more of a birth date
            be seen for a challenge, and masters athletics counts years likewise.
        excused: Workouts that a moderator has let through the gates, after an appeal.
    """

    age: int
    joined_at: datetime
    excused: frozenset[str] = frozenset()


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What one workout brings: `amount` thousandths of what is added up, on a day of the challenge."""

    day: date
    amount: int
    ended_ms: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """`value` in thousandths, `reached_ms` the end of the workout that it was reached with; 0 at 0."""

    value: int = 0
    reached_ms: int = 0


class Participation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's part in a challenge, at their home. Others may see no more than `pseudonym` and `score`.

    `version` grows with every change of these; `team_id` is empty for who takes part alone.
    """

    challenge_id: str
    pseudonym: str
    version: int
    entrant: Entrant
    score: Score = Score()
    team_id: str = ""
