"""Does a workout count, and for how much? With every reason why not, at once. Pure."""

from datetime import date, datetime

import msgspec

from region_node.efforts import MILLI, Effort, Quantity, instant_ms
from region_node.features.challenges.gates import closed_gates
from region_node.features.challenges.model import Contribution, Entrant, Metric, Rules
from region_node.features.challenges.wording import Exclusion


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Of one version of a workout: what it brings, or why it does not count."""

    version: int
    contribution: Contribution | None = None
    reasons: tuple[Exclusion, ...] = ()

    @property
    def precedence(self) -> tuple[bool, int]:
        """Of two on one workout the greater holds: the newer, but nothing beats one that was in time."""
        return Exclusion.TOO_LATE not in self.reasons, self.version


def judge(rules: Rules, entrant: Entrant, effort: Effort) -> Verdict:
    day = rules.window.day_of(effort)
    amount = counted_amount(rules, effort)
    reasons = _out_of_scope(rules, entrant, effort, day)
    if amount is None:
        reasons.append(Exclusion.NO_FIGURE)
    if _too_little(rules, effort):
        reasons.append(Exclusion.TOO_LITTLE)
    if effort.workout_id not in entrant.excused:
        reasons += closed_gates(rules.gates, effort)
    if reasons or day is None or amount is None or effort.ended_at is None:
        return Verdict(version=effort.version, reasons=tuple(reasons))
    contribution = Contribution(day=day, amount=amount, ended_ms=instant_ms(effort.ended_at))
    return Verdict(version=effort.version, contribution=contribution)


def deleted(rules: Rules, version: int, at: datetime) -> Verdict:
    """What stands in the place of a workout that is gone, for versions of it that are heard of later."""
    late = (Exclusion.TOO_LATE,) if at >= rules.window.closes_at else ()
    return Verdict(version=version, reasons=(Exclusion.DELETED, *late))


def counted_amount(rules: Rules, effort: Effort) -> int | None:
    """What the workout adds; for `Metric.DAYS`, what it adds to its day."""
    if rules.metric is Metric.DAYS:
        quantity = rules.least_per_day.quantity if rules.least_per_day else Quantity.WORKOUTS
    else:
        quantity = Quantity(rules.metric)
    return effort.amount(quantity)


def _out_of_scope(rules: Rules, entrant: Entrant, effort: Effort, day: date | None) -> list[Exclusion]:
    started_at = effort.started_at
    excluded = {
        Exclusion.NO_START: started_at is None,
        Exclusion.OTHER_SPORT: bool(rules.sports) and effort.sport not in rules.sports,
        Exclusion.OUTSIDE_WINDOW: started_at is not None and day is None,
        Exclusion.BEFORE_JOINING: rules.from_joining
        and started_at is not None
        and started_at < entrant.joined_at,
        Exclusion.TOO_LATE: effort.received_at >= rules.window.closes_at,
        Exclusion.DUPLICATE: bool(effort.duplicate_of),
    }
    return [reason for reason, holds in excluded.items() if holds]


def _too_little(rules: Rules, effort: Effort) -> bool:
    return rules.least is not None and (effort.amount(rules.least.quantity) or 0) < rules.least.amount


def day_target(rules: Rules) -> int:
    """What has to come together on a day for `Metric.DAYS`."""
    return rules.least_per_day.amount if rules.least_per_day else MILLI
