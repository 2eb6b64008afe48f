"""Handicaps by age group: a transparent formula of our own.

The published tables (World Masters Athletics, age factors of 2015 and later, by Jones and others) hold for
one race over one distance, run by a man or a woman. A challenge adds up weeks, and this platform does
not ask for the sex. So the groups are those of masters athletics, five years each from 35, and the
expected share of one's best falls by 0.8 % a year from 35 on, taken in the middle of the group. For
comparison: it gives 0.856 at 53, where the tables of 2006 have 0.8536 for men over 5 km.

Handicaps are part of a challenge's rules, so whoever founds one may set other factors, or none.
A score with a handicap tells those who know the distance which group its owner is in; whoever joins is told
so.
"""

from collections.abc import Iterable

from region_node.features.challenges.model import UNIT, AgeGroup

FIRST_AGE, LAST_AGE, GROUP_YEARS = 35, 90, 5
DECLINE_PER_YEAR = 8
"""Thousandths of one's best."""
MOST_FACTOR = 2 * UNIT


def masters_groups() -> tuple[AgeGroup, ...]:
    """The formula above; below 35 nothing changes."""
    return tuple(
        AgeGroup(from_age=age, factor=_factor(age + GROUP_YEARS // 2))
        for age in range(FIRST_AGE, LAST_AGE + 1, GROUP_YEARS)
    )


def factor_for(age: int, groups: Iterable[AgeGroup]) -> int:
    """Thousandths; 1000 below the first group, and where there are none."""
    reached = [group for group in groups if group.from_age <= age]
    return max(reached, key=lambda group: group.from_age).factor if reached else UNIT


def _factor(age: int) -> int:
    share = UNIT - DECLINE_PER_YEAR * (age - FIRST_AGE)
    return min(MOST_FACTOR, (UNIT * UNIT + share // 2) // share)
