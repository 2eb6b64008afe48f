"""Rules of challenges for tests: June 2026 on everybody's own clock, and what differs from it."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st
from msgspec.structs import replace

from region_node.efforts import Quantity
from region_node.features.challenges.handicaps import masters_groups
from region_node.features.challenges.model import Entrant, Gates, Least, Metric, Rules, Window

JUNE = Window(first_day=date(2026, 6, 1), last_day=date(2026, 6, 30))
ADULT = Entrant(age=30, joined_at=datetime(2026, 6, 2, tzinfo=UTC))


def rules(metric=Metric.DISTANCE, window=JUNE, **facts):
    if metric is Metric.DAYS:
        facts.setdefault("least_per_day", Least(quantity=Quantity.MOVING_TIME, amount=1_800_000))
    return Rules(metric=metric, window=window, **facts)


WINDOWS = st.sampled_from(
    [JUNE, replace(JUNE, zone="Pacific/Auckland"), replace(JUNE, last_day=date(2026, 6, 9), grace_hours=0)]
)


def soundly(drawn):
    if drawn.metric is Metric.DAYS:
        day = Least(quantity=Quantity.DISTANCE, amount=2_500_000)
        return replace(drawn, least_per_day=day, most_per_day=None, age_groups=())
    counted = drawn.metric is Metric.WORKOUTS
    return replace(drawn, age_groups=() if counted else drawn.age_groups)


RULES = st.builds(
    Rules,
    metric=st.sampled_from(Metric),
    window=WINDOWS,
    sports=st.sampled_from([frozenset(), frozenset({"running", "walking"})]),
    least=st.sampled_from([None, Least(quantity=Quantity.DISTANCE, amount=500_000)]),
    most_per_day=st.sampled_from([None, 2_000, 3_000_000]),
    most_per_person=st.sampled_from([None, 5_000, 9_000_000]),
    from_joining=st.booleans(),
    gates=st.builds(Gates, by_hand=st.booleans(), longest_gap_s=st.sampled_from([None, 30])),
    age_groups=st.sampled_from([(), masters_groups()]),
).map(soundly)
