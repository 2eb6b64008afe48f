"""When each region was heard from last: what leases of its projections rest on."""

import time
from collections.abc import Callable

from federation.beacons import Beacon
from federation.topology import Lane
from policies.vocabulary import Region


class Heartbeats:
    """Kept in memory: after a start nothing of a region is served before it was heard from.

    Counted on a monotonic clock of the reader, so that no clock of another region matters.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[Region, float] = {}

    def heard(self, beacon: Beacon, *, behind: int, attempt: int) -> None:
        """Count *beacon*, if nothing that is to be taken back was on its way when it was handed out.

        One that waited while retractions piled up behind it says nothing of these; one that is handed out
        again may have been overtaken by others that were lost with the same link.
        """
        sign = beacon.lanes.get(Lane.RETRACTION)
        if sign is not None and sign.first_kept > sign.last and not behind and attempt == 1:
            self._at[Region(beacon.origin)] = self._clock()

    def age_s(self, origin: Region) -> float | None:
        """Seconds since *origin* was heard; None where it was not since the start."""
        at = self._at.get(origin)
        return None if at is None else self._clock() - at
