"""Two regions joined by each of the adapters."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from federation.adapters.memory_bus import MemoryNetwork
from federation.topology import LANE_LIMITS, Lane
from tests.support.federation import EU, US, places

MIB = 1024 * 1024
SMALL = {
    lane: replace(limits, max_bytes=MIB if lane is Lane.BULK else limits.max_bytes, ack_wait_s=1.0)
    for lane, limits in LANE_LIMITS.items()
}
ADAPTERS = ["memory", "nats"]


@dataclass
class Joined:
    """The sender of one region, its receiver by loopback, and that of the other region."""

    sender: Any
    abroad: Any
    at_home: Any


@pytest.fixture(params=ADAPTERS)
async def joined(request, tmp_path):
    if request.param == "memory":
        network = MemoryNetwork(SMALL)
        pair = Joined(network.sender(EU), network.receiver(US, EU), network.receiver(EU, EU))
        await pair.sender.prepare([EU, US])
        yield pair
        return
    async with places(tmp_path, EU, US) as regions:
        sender = await regions[EU].sender(limits=SMALL)
        await sender.prepare([EU, US])
        pair = Joined(sender, await regions[EU].receiver(US), await regions[EU].receiver(EU))
        try:
            yield pair
        finally:
            for one in (pair.sender, pair.abroad, pair.at_home):
                await one.close()
