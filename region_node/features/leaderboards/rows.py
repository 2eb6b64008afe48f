"""Rows of one width in ascending order, packed into blocks: positions are found without walking over them.

A Python object for each row would cost more than the row: of a million entries, two sorted lists of bytes
(sortedcontainers 2.4) took 184 to 216 bytes each, a packed row takes its own length and an eighth at most.
Blocks are found by their first rows, positions by a Fenwick tree over the blocks' lengths
(Fenwick, "A new data structure for cumulative frequency tables", 1994), so all operations
take a number of steps that grows with the logarithm of the rows, except for one block's bytes that are moved.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

FULL = 1024
"""Rows of a block before it is cut in two."""
LOADED = FULL * 3 // 4
"""Rows of a block at the start: room for the next ones, without a cut for each."""


class SortedRows:
    """A set of rows of `width` bytes. One thread at a time."""

    __slots__ = ("_blocks", "_counts", "_firsts", "_length", "_tree", "_width")

    def __init__(self, width: int, rows: Iterable[bytes] = ()) -> None:
        """*rows* in any order and none twice; put in at once, which is faster than one by one."""
        self._width = width
        ordered = sorted(rows)
        chunks = [ordered[begin : begin + LOADED] for begin in range(0, len(ordered), LOADED)]
        self._length = len(ordered)
        self._firsts = [chunk[0] for chunk in chunks]
        self._blocks = [bytearray(b"".join(chunk)) for chunk in chunks]
        self._count_anew()

    def __len__(self) -> int:
        return self._length

    def add(self, row: bytes) -> None:
        """A row that is there already is left."""
        if len(row) != self._width:
            raise ValueError(f"a row has {self._width} bytes")
        number = max(0, bisect_right(self._firsts, row) - 1)
        if not self._blocks:
            self._blocks, self._firsts = [bytearray(row)], [row]
            self._length = 1
            self._count_anew()
            return
        block = self._blocks[number]
        at = self._within(number, row) * self._width
        if block[at : at + self._width] == row:
            return
        block[at:at] = row
        self._firsts[number] = min(row, self._firsts[number])
        self._length += 1
        self._count(number, 1)
        if self._counts[number] > FULL:
            self._cut(number)

    def remove(self, row: bytes) -> bool:
        """Whether it was there."""
        number = bisect_right(self._firsts, row) - 1
        if number < 0:
            return False
        block = self._blocks[number]
        at = self._within(number, row) * self._width
        if block[at : at + self._width] != row:
            return False
        del block[at : at + self._width]
        self._length -= 1
        if block:
            self._firsts[number] = bytes(block[: self._width])
            self._count(number, -1)
        else:
            del self._blocks[number], self._firsts[number]
            self._count_anew()
        return True

    def below(self, bound: bytes) -> int:
        """How many rows are less than *bound*, which may be shorter than a row."""
        number = bisect_left(self._firsts, bound) - 1
        if number < 0:
            return 0
        return self._before(number) + self._within(number, bound)

    def first_from(self, bound: bytes) -> bytes | None:
        """The first row that is not less than *bound*."""
        number = bisect_right(self._firsts, bound) - 1
        if number < 0:
            return self._firsts[0] if self._firsts else None
        at = self._within(number, bound)
        if at < self._counts[number]:
            return bytes(self._blocks[number][at * self._width : (at + 1) * self._width])
        return self._firsts[number + 1] if number + 1 < len(self._firsts) else None

    def slice(self, position: int, most: int) -> list[bytes]:
        """At most *most* rows in order from *position* (from 0) on."""
        found: list[bytes] = []
        number, at = self._block_of(position)
        while number < len(self._blocks) and len(found) < most:
            block = self._blocks[number]
            end = min(self._counts[number], at + most - len(found))
            found += [bytes(block[n * self._width : (n + 1) * self._width]) for n in range(at, end)]
            number, at = number + 1, 0
        return found

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            for begin in range(0, len(block), self._width):
                yield bytes(block[begin : begin + self._width])

    def _within(self, number: int, bound: bytes) -> int:
        """How many rows of a block are less than *bound*."""
        block, width = self._blocks[number], self._width
        low, high = 0, self._counts[number]
        while low < high:
            middle = (low + high) // 2
            if block[middle * width : (middle + 1) * width] < bound:
                low = middle + 1
            else:
                high = middle
        return low

    def _cut(self, number: int) -> None:
        block = self._blocks[number]
        # Rows that come in ascending order would leave every block half empty, were it cut in the middle.
        last = number == len(self._blocks) - 1
        keep = (LOADED if last else FULL // 2) * self._width
        rest = bytearray(block[keep:])
        self._blocks[number] = bytearray(block[:keep])
        self._blocks.insert(number + 1, rest)
        self._firsts.insert(number + 1, bytes(rest[: self._width]))
        self._count_anew()

    def _count_anew(self) -> None:
        self._counts = [len(block) // self._width for block in self._blocks]
        self._tree = [0, *self._counts]
        for index in range(1, len(self._tree)):
            parent = index + (index & -index)
            if parent < len(self._tree):
                self._tree[parent] += self._tree[index]

    def _count(self, number: int, change: int) -> None:
        self._counts[number] += change
        index = number + 1
        while index < len(self._tree):
            self._tree[index] += change
            index += index & -index

    def _before(self, number: int) -> int:
        """How many rows the blocks before this one have."""
        total, index = 0, number
        while index:
            total += self._tree[index]
            index -= index & -index
        return total

    def _block_of(self, position: int) -> tuple[int, int]:
        """The block with the row at *position*, and where in it; the number of blocks where there is none."""
        number, step = 0, 1 << len(self._tree).bit_length()
        while step:
            if number + step < len(self._tree) and self._tree[number + step] <= position:
                number += step
                position -= self._tree[number]
            step >>= 1
        return number, position
