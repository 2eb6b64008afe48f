"""The fullest rows that challenges and achievements write, and workouts in memory to count."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from policies.vocabulary import Purpose
from region_node.features.achievements.badges import BADGES
from region_node.features.achievements.model import Award, Day, Moment, SportDay, StreakRule, Totals
from region_node.features.achievements.progress import Progress
from region_node.features.achievements.store import AchievementStore
from region_node.features.achievements.streaks import Run
from region_node.features.challenges.judging import Verdict
from region_node.features.challenges.model import Contribution, Entrant, Participation, Score
from region_node.features.challenges.store import ChallengeStore
from region_node.features.challenges.wording import Exclusion
from region_node.features.workouts.sports import SPORTS
from region_node.ids import jurisdiction_of, new_id

LAST_DAY = date(2026, 12, 31)
MOST = 2**62
EXCUSED = 200


@dataclass
class Workouts:
    """Fills `EffortSource`."""

    standing: dict = field(default_factory=dict)
    reads: list = field(default_factory=list)

    async def between(self, person_id, begin, end):
        self.reads.append((person_id, begin, end))
        for one in self.standing.values():
            if one.started_at is not None and begin <= one.started_at < end:
                yield one


def fullest_sports():
    most = Totals(distance=MOST, climb=MOST, moving_time=MOST, workouts=MOST)
    return {sport: SportDay(total=most, best=most) for sport in sorted(SPORTS)}


def fullest_progress():
    last = Moment(at_ms=MOST, offset_s=50_400)
    awards = tuple(
        Award(badge_id=badge.id, tier=tier, day=LAST_DAY)
        for badge in BADGES
        for tier in range(1, len(badge.tiers) + 1)
    )
    return Progress(
        rule=StreakRule(rest_days=6),
        through=LAST_DAY,
        points=MOST,
        active_days=100_000,
        sports=fullest_sports(),
        streak=Run(length=100_000, day=LAST_DAY, last=last, weeks=10_000, days_in_week=7),
        longest_streak=100_000,
        awards=awards,
    )


async def fill_scores(stores, tenant, person_id):
    """A day and a year with every sport and badge; a verdict with every reason, and one that counts."""
    jurisdiction = jurisdiction_of(person_id)
    achievements = AchievementStore(stores.of(tenant, jurisdiction, Purpose.ANALYSIS))
    last = Moment(at_ms=MOST, offset_s=50_400)
    day = Day(day=LAST_DAY, points=240, active=True, sports=fullest_sports(), first=last, last=last)
    await achievements.put_day(person_id, LAST_DAY, day)
    await achievements.put_progress(person_id, LAST_DAY.year, fullest_progress())
    challenges = ChallengeStore(stores.of(tenant, jurisdiction, Purpose.CHALLENGE))
    excused = frozenset(new_id() for _ in range(EXCUSED))
    participation = Participation(
        challenge_id=new_id(),
        pseudonym="p" * 40,
        version=MOST,
        entrant=Entrant(age=120, joined_at=datetime.now(UTC), excused=excused),
        score=Score(value=MOST, reached_ms=MOST),
        team_id=new_id(),
    )
    await challenges.put(person_id, participation)
    contribution = Contribution(day=LAST_DAY, amount=MOST, ended_ms=MOST)
    for verdict in (
        Verdict(version=MOST, reasons=tuple(Exclusion)),
        Verdict(version=MOST, contribution=contribution),
    ):
        await challenges.put_verdict(person_id, participation.challenge_id, new_id(), verdict)
