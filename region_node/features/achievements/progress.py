"""From days to points, badges and streaks: one step a day. Pure.

A progress is what all days up to one come to. It is small and can be kept, so that after a change of an old
workout counting begins at the last progress kept before its day, not at the first workout: the end is the
same.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from region_node.features.achievements.badges import BADGES, SHORT_PERMILLE
from region_node.features.achievements.model import (
    FORMULAS,
    Award,
    Badge,
    BadgeKind,
    Day,
    SportDay,
    StreakRule,
    Totals,
)
from region_node.features.achievements.points import level_of
from region_node.features.achievements.streaks import Run, after

_PERMILLE = 1000


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`through` is the last day that is in it. Of other formulas, or another rule, it is worth nothing."""

    formulas: str = FORMULAS
    rule: StreakRule = StreakRule()
    through: date | None = None
    points: int = 0
    active_days: int = 0
    sports: dict[str, SportDay] = {}
    streak: Run = Run()
    longest_streak: int = 0
    awards: tuple[Award, ...] = ()

    @property
    def level(self) -> int:
        return level_of(self.points)

    def fits(self, rule: StreakRule) -> bool:
        """Whether counting may go on from here."""
        return self.formulas == FORMULAS and self.rule == rule


def progress_of(days: Iterable[Day], rule: StreakRule, badges: Sequence[Badge] = BADGES) -> Progress:
    """Of all days of a person, in any order."""
    return go_on(Progress(rule=rule), days, badges)


def go_on(progress: Progress, days: Iterable[Day], badges: Sequence[Badge] = BADGES) -> Progress:
    """The progress with the days that lie after it; those that are in it already are left out."""
    for day in sorted(days, key=lambda day: day.day):
        if progress.through is None or day.day > progress.through:
            progress = _step(progress, day, badges)
    return progress


def value_of(badge: Badge, progress: Progress) -> int:
    """How far somebody is, in the unit of the badge's tiers."""
    if badge.kind is BadgeKind.POINTS:
        return progress.points
    if badge.kind is BadgeKind.STREAK:
        return progress.longest_streak
    if badge.kind is BadgeKind.ACTIVE_DAYS:
        return progress.active_days
    counted = [one for sport, one in progress.sports.items() if not badge.sports or sport in badge.sports]
    if badge.kind is BadgeKind.SINGLE:
        return max((one.best.of(badge.quantity) for one in counted), default=0)
    return sum(one.total.of(badge.quantity) for one in counted)


def tiers_of(badge: Badge, progress: Progress) -> int:
    """How many tiers are reached."""
    value = value_of(badge, progress)
    short = SHORT_PERMILLE if badge.kind is BadgeKind.SINGLE else 0
    return sum(value * _PERMILLE >= tier * (_PERMILLE - short) for tier in badge.tiers)


def _step(progress: Progress, day: Day, badges: Sequence[Badge]) -> Progress:
    streak = after(progress.streak, day, progress.rule)
    stepped = msgspec.structs.replace(
        progress,
        through=day.day,
        points=progress.points + day.points,
        active_days=progress.active_days + day.active,
        sports=progress.sports | _sums(progress.sports, day.sports),
        streak=streak,
        longest_streak=max(progress.longest_streak, streak.length),
    )
    new = [
        Award(badge_id=badge.id, tier=tier, day=day.day)
        for badge in badges
        for tier in range(tiers_of(badge, progress) + 1, tiers_of(badge, stepped) + 1)
    ]
    return msgspec.structs.replace(stepped, awards=(*progress.awards, *new)) if new else stepped


def _sums(known: dict[str, SportDay], added: dict[str, SportDay]) -> dict[str, SportDay]:
    nothing = SportDay(total=Totals(), best=Totals())
    sums = {}
    for sport, one in added.items():
        before = known.get(sport, nothing)
        sums[sport] = SportDay(total=before.total.plus(one.total), best=before.best.or_more(one.best))
    return sums
