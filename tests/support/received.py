"""The fullest rows that a region writes of what came in."""

from federation.adapters.memory_bus import MemoryNetwork
from federation.inbound import Way
from federation.topology import Lane
from region_node.federated.arrivals import MAX_RANGES
from tests.support.federation import BR, EU, US
from tests.support.receiving import Handed, Receiving, erased, handed, retracted, workout

WIDE = "\U0001f3c3"
LONGEST = "x" * 80
LARGEST_NUMBER = 2**53


async def fill_received(stores):
    network = MemoryNetwork()
    for origin in (EU, BR, US):
        await network.sender(origin).prepare([EU, BR, US])
    region = Receiving(stores.engine, stores.ring, network, wrapped_for=min(stores.held))
    subject = f"eu_{'x' * 77}"
    of = {"aggregateid": LONGEST, "subject": subject}
    network.brokers[US].away = True
    await region.hand(
        handed(workout(1, WIDE * 200, **of), 1),
        handed(retracted(2, id="r" * 80, **of), 2),
        handed(erased(3, id="e" * 80, subject=subject), 3),
    )
    way, bad = handed(workout(4, **of), LARGEST_NUMBER)
    await region.ingress.take(way, [Handed(bad.subject, b'{"id":"%s"}' % LONGEST.encode(), bad.number)])
    numbers = range(LARGEST_NUMBER - 2 * MAX_RANGES + 2, LARGEST_NUMBER, 2)
    await region.arrivals.mark(Way(EU, Lane.BULK), numbers)
