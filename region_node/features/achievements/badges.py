"""The badges that everybody can earn (formula version 1). Ids are stored: add, never rename.

A single workout may fall short of its distance by half a percent: devices measure a course so much shorter
now and then, and 21.0 km on the wrist of somebody who ran a half marathon should not cost the badge.
"""

from locales.messages import N_
from region_node.efforts import MILLI, Quantity
from region_node.features.achievements.model import Badge, BadgeKind

SHORT_PERMILLE = 5
"""How much shorter a single distance may be measured."""

KM = 1000 * MILLI
HOUR = 3600 * MILLI
RUNNING = frozenset({"running"})
CYCLING = frozenset({"cycling"})
SWIMMING = frozenset({"swimming"})
ON_FOOT = frozenset({"running", "walking", "hiking", "mountaineering", "snowshoeing"})

BADGES = (
    Badge(
        id="workouts",
        name=N_("Workouts"),
        kind=BadgeKind.TOTAL,
        tiers=tuple(n * MILLI for n in (1, 10, 50, 100, 500, 1000)),
    ),
    Badge(
        id="active-days", name=N_("Active days"), kind=BadgeKind.ACTIVE_DAYS, tiers=(7, 30, 100, 365, 1000)
    ),
    Badge(id="streak", name=N_("Streak"), kind=BadgeKind.STREAK, tiers=(3, 7, 14, 30, 100, 365)),
    Badge(id="points", name=N_("Points"), kind=BadgeKind.POINTS, tiers=(150, 1_500, 7_500, 30_000, 75_000)),
    Badge(
        id="climb",
        name=N_("Metres climbed"),
        kind=BadgeKind.TOTAL,
        quantity=Quantity.CLIMB,
        tiers=tuple(n * MILLI for n in (1_000, 8_849, 20_000, 50_000, 100_000)),
    ),
    Badge(
        id="hours",
        name=N_("Hours in motion"),
        kind=BadgeKind.TOTAL,
        quantity=Quantity.MOVING_TIME,
        tiers=tuple(n * HOUR for n in (10, 50, 100, 500, 1000)),
    ),
    Badge(
        id="on-foot",
        name=N_("Distance on foot"),
        kind=BadgeKind.TOTAL,
        quantity=Quantity.DISTANCE,
        sports=ON_FOOT,
        tiers=tuple(n * KM for n in (50, 250, 1_000, 5_000, 10_000)),
    ),
    Badge(
        id="by-bike",
        name=N_("Distance by bike"),
        kind=BadgeKind.TOTAL,
        quantity=Quantity.DISTANCE,
        sports=CYCLING,
        tiers=tuple(n * KM for n in (100, 1_000, 5_000, 10_000, 40_075)),
    ),
    Badge(
        id="swimming",
        name=N_("Distance swum"),
        kind=BadgeKind.TOTAL,
        quantity=Quantity.DISTANCE,
        sports=SWIMMING,
        tiers=tuple(n * KM for n in (5, 25, 100, 500)),
    ),
    Badge(
        id="long-run",
        name=N_("Longest run"),
        kind=BadgeKind.SINGLE,
        quantity=Quantity.DISTANCE,
        sports=RUNNING,
        tiers=(5 * KM, 10 * KM, 21_097_500, 42_195 * MILLI),
    ),
    Badge(
        id="long-ride",
        name=N_("Longest ride"),
        kind=BadgeKind.SINGLE,
        quantity=Quantity.DISTANCE,
        sports=CYCLING,
        tiers=(50 * KM, 100 * KM, 160_934_400, 200 * KM),
    ),
    Badge(
        id="big-climb",
        name=N_("A thousand metres up"),
        kind=BadgeKind.SINGLE,
        quantity=Quantity.CLIMB,
        tiers=(1_000 * MILLI, 2_000 * MILLI),
        hidden=True,
    ),
)
