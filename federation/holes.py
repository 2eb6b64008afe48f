"""Which numbers of a lane a region has had, and which it never will.

Numbers have no gaps when they are given. One that is missing here may still come: what was handed to a link
that broke comes again, behind others. It will not come any more once the origin says that it keeps nothing
below a higher number; then it was erased on purpose, or has grown too old and is a hole.
"""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec


class Heard(msgspec.Struct):
    """What was received of one lane of one origin, as ranges (first, last) in order, never touching.

    To be kept in the store of the receiver: a number is marked after it was handled and before it is
    acknowledged.
    """

    ranges: list[tuple[int, int]] = []

    def mark(self, number: int) -> None:
        """Count *number* as received; repeating it changes nothing."""
        at = bisect_right(self.ranges, (number, float("inf")))
        first, last = number, number
        begin = at
        if at and self.ranges[at - 1][1] >= number - 1:
            begin = at - 1
            first, last = self.ranges[begin][0], max(number, self.ranges[begin][1])
        end = at
        if at < len(self.ranges) and self.ranges[at][0] <= last + 1:
            last = max(last, self.ranges[at][1])
            end = at + 1
        self.ranges[begin:end] = [(first, last)]

    def has(self, number: int) -> bool:
        at = bisect_right(self.ranges, (number, float("inf")))
        return bool(at) and number <= self.ranges[at - 1][1]

    def told(self, first_kept: int, erased: Iterable[int] = ()) -> list[tuple[int, int]]:
        """Take in what a beacon says; return the ranges that are lost, each only once.

        Whoever gets a range back asks the origin to publish again.
        """
        for number in erased:
            self.mark(number)
        lost = []
        expected = 1
        for first, last in [*self.ranges, (first_kept, first_kept)]:
            end = min(first, first_kept) - 1
            if expected <= end:
                lost.append((expected, end))
            expected = max(expected, last + 1)
        if first_kept > 1:
            self._fill(first_kept - 1)
        return lost

    def _fill(self, up_to: int) -> None:
        later = [(first, last) for first, last in self.ranges if last > up_to]
        if later and later[0][0] <= up_to + 1:
            self.ranges[:] = [(1, later[0][1]), *later[1:]]
        else:
            self.ranges[:] = [(1, up_to), *later]
