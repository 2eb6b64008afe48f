"""The checksum of FIT files (CRC-16, polynomial 0xA001 reflected), over lanes of an array at once."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_LANE_WORDS = 256
_SHORT_WORDS = 512


@cache
def _two_bytes() -> NDArray[np.uint16]:
    """State after two zero bytes, for each of the 65,536 states."""
    state = np.arange(65_536, dtype=np.uint32)
    for _ in range(16):
        state = (state >> np.uint32(1)) ^ (state & np.uint32(1)) * np.uint32(0xA001)
    return state.astype(np.uint16)


@cache
def _one_lane() -> list[int]:
    """State after as many zero bytes as a lane has, for each state."""
    table = _two_bytes()
    for _ in range(_LANE_WORDS.bit_length() - 1):
        table = table[table]
    return [int(state) for state in table]


def fit_crc(data: bytes | memoryview, state: int = 0) -> int:
    """Checksum of *data*, going on from *state*: pieces may be given one after the other.

    The checksum is linear: lanes start from zero and their results are joined by moving each on over the
    bytes that follow it.
    """
    odd = len(data) % 2
    words = np.frombuffer(data, dtype="<u2", count=len(data) // 2)
    table = _two_bytes()
    if len(words) < _SHORT_WORDS:
        for word in words.tolist():
            state = int(table[state ^ word])
    else:
        lanes = -(-len(words) // _LANE_WORDS)
        padded = np.zeros(lanes * _LANE_WORDS, dtype=np.uint16)
        padding = len(padded) - len(words)
        padded[padding:] = words
        padded[padding] ^= np.uint16(state)
        steps = np.ascontiguousarray(padded.reshape(lanes, _LANE_WORDS).T)
        states = np.zeros(lanes, dtype=np.uint16)
        for step in steps:
            states = table[states ^ step]
        state = 0
        move_on = _one_lane()
        for lane in states.tolist():
            state = move_on[state] ^ lane
    if odd:
        state ^= data[-1]
        for _ in range(8):
            state = (state >> 1) ^ (0xA001 if state & 1 else 0)
    return state
