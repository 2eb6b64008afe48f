"""The token bucket, its memory and what it tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from region_node.errors import TooManyRequests
from region_node.http.declare import RateClass
from region_node.http.rate import ADDRESS_FACTOR, AddressHasher, Buckets, Quota, RateLimiter


class Clock:
    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def taken(buckets, clock, pauses_s, key="a"):
    times = []
    for pause_s in pauses_s:
        clock.now_s += pause_s
        if buckets.take(key).allowed:
            times.append(clock.now_s)
    return times


@given(
    st.integers(min_value=1, max_value=30),
    st.lists(st.floats(min_value=0, max_value=40), min_size=1, max_size=120),
)
def test_no_window_ever_holds_more_than_twice_the_limit_and_the_average_is_the_limit(limit, pauses_s):
    clock = Clock()
    buckets = Buckets(Quota(limit=limit, window_s=60), clock=clock)
    times = taken(buckets, clock, pauses_s)
    for start in times:
        assert sum(start <= time < start + 60 for time in times) <= 2 * limit
    elapsed_s = clock.now_s - 1000
    assert len(times) <= limit + elapsed_s * limit / 60 + 1


def test_a_quiet_caller_may_use_the_whole_allowance_at_once_and_then_waits():
    clock = Clock()
    buckets = Buckets(Quota(limit=5, window_s=60), clock=clock)
    standings = [buckets.take("a") for _ in range(6)]
    assert [4, 3, 2, 1, 0, 0] == [standing.remaining for standing in standings]
    assert [True] * 5 + [False] == [standing.allowed for standing in standings]
    assert 12 == pytest.approx(standings[-1].retry_after_s)
    clock.now_s += standings[-1].retry_after_s
    assert buckets.take("a").allowed
    assert not buckets.take("a").allowed


def test_being_refused_costs_nothing():
    clock = Clock()
    buckets = Buckets(Quota(limit=1, window_s=10), clock=clock)
    buckets.take("a")
    refused = [buckets.take("a") for _ in range(50)]
    assert {False} == {standing.allowed for standing in refused}
    clock.now_s += 10
    assert buckets.take("a").allowed


def test_keys_do_not_touch_each_other():
    buckets = Buckets(Quota(limit=1), clock=Clock())
    assert buckets.take("a").allowed
    assert buckets.take("b").allowed


def test_memory_is_bounded_and_the_least_recent_goes_first():
    buckets = Buckets(Quota(limit=1), clock=Clock(), max_keys=3)
    for key in "abcd":
        buckets.take(key)
    assert 3 == len(buckets)
    assert buckets.take("a").allowed
    assert not buckets.take("d").allowed


def test_an_address_has_room_for_several_accounts_but_not_for_signing_in():
    limiter = RateLimiter(
        {RateClass.DEFAULT: Quota(limit=2), RateClass.SIGN_IN: Quota(limit=2)}, clock=Clock()
    )
    default, sign_in = limiter.of(RateClass.DEFAULT), limiter.of(RateClass.SIGN_IN)
    for _ in range(2 * ADDRESS_FACTOR):
        default.take_address("192.0.2.1")
    for _ in range(2):
        sign_in.take_address("192.0.2.1")
    for one in (default, sign_in):
        with pytest.raises(TooManyRequests) as refused:
            one.take_address("192.0.2.1")
        assert refused.value.retry_after_s > 0
    assert limiter.of(RateClass.NONE) is None


def test_the_header_fields_name_the_policy_the_rest_and_the_reset():
    limiter = RateLimiter({RateClass.UPLOAD: Quota(limit=4, window_s=60)}, clock=Clock()).of(RateClass.UPLOAD)
    assert '"upload";q=4;w=60' == limiter.account_policy
    assert '"upload";r=3;t=15' == limiter.field(limiter.take_account("eu_1"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:0db8:0:2::1", "2001:db8:0:2::2", True),
        ("::1", "::2", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "192.0.2.1", True),
    ],
)
def test_an_ipv6_subscriber_is_one_address(one, other, same):
    hasher = AddressHasher()
    assert same is (hasher.key(one) == hasher.key(other))


def test_no_address_is_kept_and_keys_change_with_each_start():
    assert b"192.0.2.1" not in AddressHasher().key("192.0.2.1")
    assert AddressHasher().key("192.0.2.1") != AddressHasher().key("192.0.2.1")
