"""Are rules of a challenge sound? Every mistake at once, for the one who founds it. Pure."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from locales.messages import N_
from region_node.errors import Mistake
from region_node.features.challenges.handicaps import MOST_FACTOR
from region_node.features.challenges.model import UNIT, Metric, Rules, Team, Window

LONGEST_DAYS = 366
FURTHEST_AHEAD_DAYS = 2 * 366
LONGEST_GRACE_HOURS = 14 * 24
MOST_AGE_GROUPS = 30
MOST_MEMBERS = 1000
OLDEST = 120
_WITH_HANDICAP = {Metric.DISTANCE, Metric.CLIMB, Metric.MOVING_TIME}


def mistakes_in(rules: Rules, *, sports: AbstractSet[str], today: date) -> list[Mistake]:
    """*sports* are those that workouts may have; *today* is the UTC date."""
    return [
        *_window(rules.window, today),
        *_what_counts(rules, sports),
        *_handicaps(rules),
        *_team(rules.team),
    ]


def _window(window: Window, today: date) -> Iterator[Mistake]:
    at = "#/window"
    if window.last_day < window.first_day:
        yield Mistake(pointer=f"{at}/last_day", detail=N_("The last day is before the first."))
    if (window.last_day - window.first_day).days >= LONGEST_DAYS:
        detail = N_("A challenge lasts at most {days} days.")
        yield Mistake(pointer=f"{at}/last_day", detail=detail, params={"days": LONGEST_DAYS})
    if window.last_day < today:
        yield Mistake(pointer=f"{at}/last_day", detail=N_("The challenge would be over already."))
    if window.first_day > today + timedelta(days=FURTHEST_AHEAD_DAYS):
        yield Mistake(
            pointer=f"{at}/first_day", detail=N_("The challenge would begin too far in the future.")
        )
    if not 0 <= window.grace_hours <= LONGEST_GRACE_HOURS:
        detail = N_("Between 0 and {hours} hours are possible.")
        yield Mistake(pointer=f"{at}/grace_hours", detail=detail, params={"hours": LONGEST_GRACE_HOURS})
    if window.zone and not _is_zone(window.zone):
        yield Mistake(pointer=f"{at}/zone", detail=N_("There is no such time zone."))


def _what_counts(rules: Rules, sports: AbstractSet[str]) -> Iterator[Mistake]:
    if rules.sports - sports:
        yield Mistake(pointer="#/sports", detail=N_("There is no such sport."))
    if (rules.metric is Metric.DAYS) != (rules.least_per_day is not None):
        detail = N_("Say how much makes a day count, if and only if days are counted.")
        yield Mistake(pointer="#/least_per_day", detail=detail)
    if rules.metric is Metric.DAYS and rules.most_per_day is not None:
        yield Mistake(pointer="#/most_per_day", detail=N_("A day counts once: it needs no limit."))
    limits = {
        "least/amount": rules.least.amount if rules.least else None,
        "least_per_day/amount": rules.least_per_day.amount if rules.least_per_day else None,
        "most_per_day": rules.most_per_day,
        "most_per_person": rules.most_per_person,
        "gates/longest_gap_s": rules.gates.longest_gap_s,
    }
    for name, limit in limits.items():
        if limit is not None and limit <= 0:
            yield Mistake(pointer=f"#/{name}", detail=N_("This has to be more than 0."))


def _handicaps(rules: Rules) -> Iterator[Mistake]:
    at = "#/age_groups"
    ages = [group.from_age for group in rules.age_groups]
    if ages and rules.metric not in _WITH_HANDICAP:
        yield Mistake(pointer=at, detail=N_("What is counted one by one has no handicap."))
    if len(ages) > MOST_AGE_GROUPS:
        detail = N_("At most {number} age groups are possible.")
        yield Mistake(pointer=at, detail=detail, params={"number": MOST_AGE_GROUPS})
    if sorted(set(ages)) != ages or any(not 0 <= age <= OLDEST for age in ages):
        yield Mistake(pointer=at, detail=N_("Age groups go from the youngest to the oldest, each age once."))
    for number, group in enumerate(rules.age_groups[:MOST_AGE_GROUPS]):
        if not UNIT // 2 <= group.factor <= MOST_FACTOR:
            detail = N_("A factor lies between {least} and {most} thousandths.")
            params = {"least": UNIT // 2, "most": MOST_FACTOR}
            yield Mistake(pointer=f"{at}/{number}/factor", detail=detail, params=params)


def _team(team: Team | None) -> Iterator[Mistake]:
    if team is None:
        return
    if not 2 <= team.most_members <= MOST_MEMBERS:  # noqa: PLR2004 - one alone is no team
        detail = N_("A team has between 2 and {most} members.")
        yield Mistake(pointer="#/team/most_members", detail=detail, params={"most": MOST_MEMBERS})
    if not 0 <= team.counting <= team.most_members:
        detail = N_("No more members can count than a team may have.")
        yield Mistake(pointer="#/team/counting", detail=detail)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
