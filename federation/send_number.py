"""Numbers that order what is sent about a person to a destination, whatever way it arrives.

They are the write timestamps of projections: 63 bits, with the epoch of the active region above the
count, so that whatever a region sends that has taken over outranks what the one before it sent.
"""

COUNT_BITS = 43
EPOCH_BITS = 20
MAX_COUNT = (1 << COUNT_BITS) - 1
MAX_EPOCH = (1 << EPOCH_BITS) - 1


def send_number(epoch: int, count: int) -> int:
    """Raises ValueError outside of what fits; *count* begins with 1."""
    if not 0 <= epoch <= MAX_EPOCH or not 1 <= count <= MAX_COUNT:
        raise ValueError(f"no send number of epoch {epoch} and count {count}")
    return (epoch << COUNT_BITS) | count


def epoch_of(number: int) -> int:
    return number >> COUNT_BITS


def count_of(number: int) -> int:
    return number & MAX_COUNT
