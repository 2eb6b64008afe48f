"""Points and levels (formula version 1).

A formula of our own, on purpose a plain one: one point for each full minute in motion, and one for every 10 m
of climb, which cost about as much as a minute of walking (Naismith's rule of 1892: an hour for 2,000 ft, so
10 m a minute); at most 240 a day, so that nobody is drawn into doing too much. What a machine moves brings
none.

A level takes 150 points more than the one before it: as many as the minutes of moderate activity a week
that the World Health Organization recommends to adults (guidelines of 2020). Level 1 is everybody's from
the start.
"""

from math import isqrt

from region_node.efforts import IMPLAUSIBLE, MILLI, NOT_BY_OWN_POWER, TIME_IN_DOUBT, Effort, Quantity

MINUTE = 60 * MILLI
CLIMB_POINT = 10 * MILLI
MOST_A_DAY = 240
LEVEL_STEP = 150
E_BIKING = "e_biking"


def earns(effort: Effort) -> bool:
    """Whether a workout counts at all: once, with a known start, plausible, and by one's own power."""
    return not (
        effort.started_at is None
        or effort.duplicate_of
        or effort.warnings & (IMPLAUSIBLE | TIME_IN_DOUBT)
        or effort.sport in NOT_BY_OWN_POWER
    )


def points_of(effort: Effort) -> int:
    """Before the limit of the day. A motor that helps halves them."""
    if not earns(effort):
        return 0
    minutes = (effort.amount(Quantity.MOVING_TIME) or 0) // MINUTE
    points = minutes + (effort.amount(Quantity.CLIMB) or 0) // CLIMB_POINT
    return points // 2 if effort.sport == E_BIKING else points


def level_of(points: int) -> int:
    """Level n begins at 75 n (n - 1) points: 0, 150, 450, 900, 1,500 ..."""
    # n(n-1) <= points/75, solved for the greatest whole n.
    return (1 + isqrt(1 + 4 * (2 * points // LEVEL_STEP))) // 2


def level_begins(level: int) -> int:
    return LEVEL_STEP * level * (level - 1) // 2
