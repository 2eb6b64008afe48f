"""Names and subjects of streams are part of the wire."""

import pytest

from federation.topology import LANE_LIMITS, Lane, federated_consumers, federated_streams
from policies.vocabulary import Region
from tests.support.federation import EU, US


def test_each_destination_and_lane_has_a_stream_and_one_consumer_of_all_of_it():
    streams, consumers = federated_streams(EU, [EU, US]), federated_consumers(EU, [EU, US])
    assert "FED_eu-central_us-west_retraction" in {stream.name for stream in streams}
    assert [(stream.name, stream.subjects) for stream in streams] == [
        (consumer.stream, (consumer.subject,)) for consumer in consumers
    ]
    assert 2 * len(Lane) == len({stream.name for stream in streams})


def test_names_of_regions_cannot_be_taken_for_one_another():
    near = [Region("us"), Region("us-west"), Region("us-west-bulk")]
    names = [stream.name for origin in near for stream in federated_streams(origin, near)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("lane", Lane)
def test_what_is_urgent_waits_less_for_an_acknowledgement_and_keeps_at_least_as_long(lane):
    urgent = LANE_LIMITS[Lane.RETRACTION]
    assert urgent.ack_wait_s <= LANE_LIMITS[lane].ack_wait_s
    assert urgent.max_age_s >= LANE_LIMITS[lane].max_age_s
    assert 2 * LANE_LIMITS[lane].batch == LANE_LIMITS[lane].max_in_hand
