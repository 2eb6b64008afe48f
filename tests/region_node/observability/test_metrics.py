"""Metrics: one registry per node, labels that name nobody."""

import pytest

from region_node.observability.metrics import PERSONAL_LABELS, Metrics


def test_two_nodes_in_a_process_count_apart():
    one, other = Metrics(), Metrics()
    one.recorder("/v1/things", "GET")(200, 0.01)
    assert b'route="/v1/things"' in one.exposition()
    assert b'route="/v1/things"' not in other.exposition()


def test_a_request_is_counted_and_timed():
    metrics = Metrics()
    record = metrics.recorder("/v1/things", "GET")
    for status in (200, 200, 404):
        record(status, 0.02)
    document = metrics.exposition().decode()
    assert 'meridian_http_requests_total{method="GET",route="/v1/things",status="200"} 2.0' in document
    assert 'meridian_http_requests_total{method="GET",route="/v1/things",status="404"} 1.0' in document
    assert (
        'meridian_http_request_duration_seconds_bucket{le="0.025",method="GET",route="/v1/things"} 3.0'
        in document
    )


def test_what_is_under_way_is_read_when_asked():
    metrics = Metrics()
    metrics.in_flight = 7
    assert b"meridian_http_requests_in_flight 7.0" in metrics.exposition()


@pytest.mark.parametrize("label", sorted(PERSONAL_LABELS))
def test_a_label_that_could_name_a_person_is_refused(label):
    with pytest.raises(ValueError, match=label):
        Metrics().counter("things", "Things.", label)


def test_other_parts_declare_their_own():
    metrics = Metrics()
    metrics.counter("imports", "Files imported.", "outcome").labels("imported").inc()
    metrics.gauge("queue_depth", "Waiting.").set(3)
    metrics.histogram("decode_seconds", "Decoding.", buckets=(1, 2)).observe(1.5)
    document = metrics.exposition().decode()
    assert 'meridian_imports_total{outcome="imported"} 1.0' in document
    assert "meridian_queue_depth 3.0" in document
    assert 'meridian_decode_seconds_bucket{le="2.0"} 1.0' in document
