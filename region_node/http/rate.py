"""How often a caller may ask: a token bucket per account and per address, kept by the node in memory.

The bucket is kept as one number per key, the theoretical arrival time of the generic cell rate algorithm
(ITU-T I.371): no timers, no refilling. Header fields: draft-ietf-httpapi-ratelimit-headers (-08 and later).
Each node counts for itself; a caller of n nodes gets up to n times as much.
"""

import hmac
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import msgspec

from region_node.errors import TooManyRequests
from region_node.http.declare import RateClass

MAX_KEYS = 100_000
ADDRESS_FACTOR = 10
"""So many accounts may share an address (a club house, a mobile carrier) before they slow each other down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`limit` requests in `window_s`, all at once if the caller was quiet before."""

    limit: int
    window_s: float = 60.0


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a caller stands after a request: `reset_s` until the bucket is full again."""

    allowed: bool
    remaining: int
    reset_s: float
    retry_after_s: float


class Buckets:
    """The buckets of one quota.

    At `max_keys` the least recently used one is forgotten, which gives its owner a full bucket: memory is
    bounded even against somebody with very many addresses.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, quota: Quota, *, clock: Callable[[], float], max_keys: int = MAX_KEYS) -> None:
        self.quota = quota
        self._interval_s = quota.window_s / quota.limit
        self._clock = clock
        self._max_keys = max_keys
        self._arrivals: OrderedDict[bytes | str, float] = OrderedDict()

    def take(self, key: bytes | str) -> Standing:
        now = self._clock()
        ahead_s = max(self._arrivals.get(key, now) - now, 0.0) + self._interval_s
        over_s = ahead_s - self.quota.window_s
        # A billionth forgives the rounding of many small additions.
        if over_s > 1e-9 * self.quota.window_s:
            return Standing(False, 0, ahead_s - self._interval_s, over_s)
        self._arrivals[key] = now + ahead_s
        self._arrivals.move_to_end(key)
        if len(self._arrivals) > self._max_keys:
            self._arrivals.popitem(last=False)
        remaining = math.floor(-over_s / self._interval_s + 1e-6)
        return Standing(True, remaining, ahead_s, 0.0)

    def __len__(self) -> int:
        return len(self._arrivals)


class AddressHasher:
    """Turns an address into a key that names it only while this process lives; no address is kept."""

    def __init__(self) -> None:
        key = secrets.token_bytes(32)

        @lru_cache(maxsize=4096)
        def digest(prefix: str) -> bytes:
            return hmac.digest(key, prefix.encode(), "sha256")[:16]

        self._digest = digest

    def key(self, address: str) -> bytes:
        """One key per IPv4 address, and one per IPv6 /64: a subscriber owns all of it."""
        if ":" in address and "." not in address:
            address = ":".join(_groups(address)[:4])
        return self._digest(address)


def _groups(address: str) -> list[str]:
    head, gap, tail = address.partition("%")[0].partition("::")
    left = head.split(":") if head else []
    right = tail.split(":") if tail else []
    zeros = ["0"] * (8 - len(left) - len(right)) if gap else []
    return [group.lstrip("0") or "0" for group in [*left, *zeros, *right]]


class RateLimiter:
    """Both limits of every class.

    Args:
        quotas: Per account and class; an address gets `ADDRESS_FACTOR` times as much, except for signing in,
            where nobody has an account yet.
        clock: Monotonic seconds.
    """

    def __init__(self, quotas: Mapping[RateClass, Quota], *, clock: Callable[[], float]) -> None:
        self.addresses = AddressHasher()
        self._by_class = {
            kind: ClassLimiter(kind, quota, self.addresses, clock) for kind, quota in quotas.items()
        }

    def of(self, kind: RateClass) -> "ClassLimiter | None":
        return None if kind is RateClass.NONE else self._by_class[kind]


class ClassLimiter:
    def __init__(
        self, kind: RateClass, quota: Quota, addresses: AddressHasher, clock: Callable[[], float]
    ) -> None:
        factor = 1 if kind is RateClass.SIGN_IN else ADDRESS_FACTOR
        by_address = Quota(limit=quota.limit * factor, window_s=quota.window_s)
        self._name = kind.value
        self._addresses = addresses
        self._account_buckets = Buckets(quota, clock=clock)
        self._address_buckets = Buckets(by_address, clock=clock)
        self.account_policy = _policy(kind, quota)
        self.address_policy = _policy(kind, by_address)

    def take_address(self, address: str) -> Standing:
        """Raises: TooManyRequests."""
        return _allowed(self._address_buckets.take(self._addresses.key(address)), self, self.address_policy)

    def take_account(self, account: str) -> Standing:
        """Raises: TooManyRequests."""
        return _allowed(self._account_buckets.take(account), self, self.account_policy)

    def field(self, standing: Standing) -> str:
        """The value of `RateLimit`."""
        return f'"{self._name}";r={standing.remaining};t={math.ceil(standing.reset_s)}'


def _policy(kind: RateClass, quota: Quota) -> str:
    """The value of `RateLimit-Policy`."""
    return f'"{kind.value}";q={quota.limit};w={math.ceil(quota.window_s)}'


def _allowed(standing: Standing, limiter: ClassLimiter, policy: str) -> Standing:
    if not standing.allowed:
        problem = TooManyRequests(retry_after_s=standing.retry_after_s)
        problem.headers = {"ratelimit-policy": policy, "ratelimit": limiter.field(standing)}
        raise problem
    return standing
