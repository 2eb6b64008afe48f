"""What is missing is told once it can't come any more, once, and never while it still may."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from federation.holes import Heard

NUMBERS = st.lists(st.integers(1, 40), max_size=60)


def heard(*numbers):
    known = Heard()
    for number in numbers:
        known.mark(number)
    return known


def numbers_in(ranges):
    return {number for first, last in ranges for number in range(first, last + 1)}


@given(numbers=NUMBERS)
def test_what_was_marked_is_known_in_whatever_order(numbers):
    known = heard(*numbers)
    assert set(numbers) == numbers_in(known.ranges)
    assert [number in set(numbers) for number in range(45)] == [known.has(number) for number in range(45)]
    assert all(
        first[1] + 1 < second[0] for first, second in zip(known.ranges, known.ranges[1:], strict=False)
    )


@given(numbers=NUMBERS, first_kept=st.integers(1, 45), erased=st.sets(st.integers(1, 45)))
def test_lost_is_what_is_gone_at_the_origin_and_never_came_and_was_not_erased(numbers, first_kept, erased):
    known = heard(*numbers)
    lost = known.told(first_kept, erased)
    assert set(range(1, first_kept)) - set(numbers) - erased == numbers_in(lost)
    assert [] == known.told(first_kept)
    assert set(numbers) | erased | set(range(1, first_kept)) == numbers_in(known.ranges)


def test_what_may_still_come_is_not_lost():
    assert [] == heard(1, 2, 7, 9).told(3)


def test_a_region_that_never_heard_anything_has_lost_all_that_is_gone():
    assert [(1, 9)] == Heard().told(10)


def test_it_stays_small_however_much_was_received():
    known = heard(*range(1, 5000))
    assert [(1, 4999)] == known.ranges
    assert known == msgspec.json.decode(msgspec.json.encode(known), type=Heard)
