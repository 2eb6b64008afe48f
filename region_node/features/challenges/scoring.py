"""From workouts to scores of people and teams. Pure.

A score is a function of the workouts that count, each in its newest version from before the closing, and
of nothing else: in whatever order they came, were edited or went, it is the one that counting anew gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from region_node.efforts import MILLI, Effort
from region_node.features.challenges.handicaps import factor_for
from region_node.features.challenges.judging import Verdict, day_target, deleted, judge
from region_node.features.challenges.model import (
    UNIT,
    Aggregate,
    Contribution,
    Entrant,
    Metric,
    Rules,
    Score,
    Team,
)


@dataclass(slots=True)
class Tally:
    """The workouts of one person in one challenge, as they were judged; a verdict is a row in the store.

    A verdict stays for a workout that is gone, so that what comes late finds that it does.
    """

    rules: Rules
    entrant: Entrant
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def put(self, effort: Effort) -> bool:
        """Whether the verdict on the workout is another one now.

        False for a version that is not newer, or that came after the challenge had closed where one stands.
        """
        return self._put(effort.workout_id, judge(self.rules, self.entrant, effort))

    def drop(self, workout_id: str, version: int, at: datetime) -> bool:
        """As `put`; *version* is that of the deletion, *at* when it was asked for."""
        return self._put(workout_id, deleted(self.rules, version, at))

    @property
    def score(self) -> Score:
        counted = (verdict.contribution for verdict in self.verdicts.values())
        return score_of(self.rules, self.entrant, (one for one in counted if one is not None))

    def _put(self, workout_id: str, verdict: Verdict) -> bool:
        standing = self.verdicts.get(workout_id)
        if standing is not None and verdict.precedence <= standing.precedence:
            return False
        self.verdicts[workout_id] = verdict
        return True


def score_of(rules: Rules, entrant: Entrant, contributions: Iterable[Contribution]) -> Score:
    """In the order of the workouts' ends; above a limit nothing is added, so it only grows on the way."""
    days: dict[date, int] = {}
    total, score = 0, Score()
    factor = factor_for(entrant.age, rules.age_groups)
    for one in sorted(contributions, key=lambda one: (one.ended_ms, one.day, one.amount)):
        before = days.get(one.day, 0)
        days[one.day] = before + one.amount
        total += _worth(rules, days[one.day]) - _worth(rules, before)
        value = total * factor // UNIT
        if rules.most_per_person is not None:
            value = min(value, rules.most_per_person)
        if value > score.value:
            score = Score(value=value, reached_ms=one.ended_ms)
    return score


def team_score(team: Team, members: Mapping[str, Score]) -> Score:
    """Of the members by pseudonym; it was reached when the last one that counts had reached theirs."""
    best = sorted(members.items(), key=lambda member: (-member[1].value, member[1].reached_ms, member[0]))
    counting = [score for _, score in best[: team.counting or None] if score.value]
    total = sum(score.value for score in counting)
    if team.aggregate is Aggregate.MEAN:
        total //= max(1, len(members) if not team.counting else team.counting)
    return Score(value=total, reached_ms=max((s.reached_ms for s in counting), default=0) if total else 0)


def _worth(rules: Rules, amount: int) -> int:
    """What the whole of a day comes to."""
    if rules.metric is Metric.DAYS:
        return MILLI if amount >= day_target(rules) else 0
    return amount if rules.most_per_day is None else min(amount, rules.most_per_day)
