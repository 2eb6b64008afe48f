"""How often somebody may try to sign in to one account, whether it exists or not."""

import time

from region_node.http.rate import Buckets, Quota


class SignInThrottle:
    """Counts attempts per keyed hash of an address, in memory, bounded; each node for itself."""

    def __init__(self, attempts_per_minute: int) -> None:
        self._buckets = Buckets(Quota(limit=attempts_per_minute), clock=time.monotonic)

    def wait_s(self, key: str) -> float:
        standing = self._buckets.take(key)
        return 0.0 if standing.allowed else standing.retry_after_s
