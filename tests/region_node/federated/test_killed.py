"""A region that is killed after any of its writes has, when the parcel came again, what it would have had."""

from pathlib import Path

import pytest

from federation.inbound import Way
from federation.receipts import read_receipt
from federation.topology import Lane
from region_node.federated.tables import PROJECTION_KEYS, PROJECTIONS
from region_node.storage.engine import KEYS, SHARED
from tests.support.dying import die, killed
from tests.support.envelopes import KEYRING
from tests.support.federation import EU
from tests.support.receiving import erased, handed, receiving, retracted, workout

MOST_WRITES = 12
MAKERS = {"workout": workout, "retracted": retracted, "erased": erased}
NUMBERS = {"workout": (1, 1), "retracted": (2, 1), "erased": (2, 1)}
"""Send number, and number in the lane."""


async def take(directory: Path, what: str, writes: int) -> None:
    """Take one parcel in, and die once *writes* of its writes are on disk."""
    async with receiving(directory) as region:
        count_down(region.engine, writes)
        await region.hand(parcel(what))


def parcel(what):
    sent, number = NUMBERS[what]
    return handed(MAKERS[what](sent), number)


def count_down(engine, left):
    def counted(method):
        async def call(*arguments):
            nonlocal left
            outcome = await method(*arguments)
            left -= 1
            if left <= 0:
                die()
            return outcome

        return call

    for name in ("write", "claim", "swap", "release"):
        setattr(engine, name, counted(getattr(engine, name)))


async def left_by(region, what):
    """What is seen, how many keys and rows there are, whether it was marked, what receipts say."""
    way, _ = parcel(what)
    keys, _ = await region.engine.scan(KEYS, PROJECTION_KEYS, None, 9)
    rows, _ = await region.engine.scan(SHARED, PROJECTIONS, None, 9)
    marked = await region.arrivals.has(Way(EU, way.lane), [1])
    pull = await region.network.receiver(EU, region.here).pull(Lane.RETRACTION)
    receipts = {read_receipt(one.body, KEYRING).removed for one in await pull.next(9, 0.0)}
    seen = [one and one.data for one in await region.shown()]
    return seen, len(keys), len(rows), marked, receipts


@pytest.mark.parametrize("what", MAKERS)
async def test_it_has_effect_once_wherever_it_was_killed(tmp_path, what):
    async def prepared(name):
        async with receiving(tmp_path / name) as region:
            if what != "workout":
                await region.hand(parcel("workout"))

    await prepared("whole")
    async with receiving(tmp_path / "whole") as region:
        await region.hand(parcel(what))
        expected = await left_by(region, what)
    for writes in range(1, MOST_WRITES):
        await prepared(str(writes))
        if not killed(take, tmp_path / str(writes), what, writes):
            break
        async with receiving(tmp_path / str(writes)) as region:
            await region.hand(parcel(what))
            assert expected == await left_by(region, what), writes
    else:
        raise AssertionError("it never got through")
    assert writes > 3
