"""Regions in one process: each has a broker of its own, which can be out of reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.adapters.memory_broker import subject_fits
from federation.adapters.memory_bus import MemoryNetwork
from federation.errors import BusUnavailable
from federation.topology import Lane
from tests.support.federation import BR, EU, US
from tests.support.lanes import send_many, subject_of

PART = st.from_regex(r"[a-z]{1,3}", fullmatch=True)


async def test_an_origin_that_is_away_keeps_what_it_has_and_others_work_on():
    network = MemoryNetwork()
    sender, other = network.sender(EU), network.sender(BR)
    for one in (sender, other):
        await one.prepare([US])
    await send_many(sender, 3, in_flight=1)
    pull = await network.receiver(US, EU).pull(Lane.BULK)
    network.brokers[EU].away = True
    for call in (pull.next(1, 0.1), sender.send(subject_of(), b"one", "1"), sender.lag(US, Lane.BULK)):
        with pytest.raises(BusUnavailable):
            await call
    assert 0 == (await other.lag(US, Lane.BULK)).waiting
    network.brokers[EU].away = False
    assert [1, 2, 3] == [parcel.number for parcel in await pull.next(5, 0.1)]


@given(parts=st.lists(PART, min_size=1, max_size=6), at=st.integers(0, 5))
def test_patterns_stand_for_what_they_stand_for_on_a_server(parts, at):
    subject = ".".join(parts)
    starred = ".".join("*" if number == at else part for number, part in enumerate(parts))
    assert subject_fits(starred, subject)
    assert subject_fits(subject, subject)
    assert subject_fits(f"{parts[0]}.>", subject) == (len(parts) > 1)
    assert not subject_fits(f"{subject}.>", subject)
    assert not subject_fits(f"{subject}.*", subject)
    assert not subject_fits("0.>", subject)
