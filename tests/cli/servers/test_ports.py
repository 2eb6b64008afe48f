"""Ports stay the same from one start to the next unless somebody else took them."""

import socket

import pytest

from cli.servers.ports import LOOPBACK, claim_ports, free_port, is_free, recorded_ports


@pytest.fixture
def occupied():
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(occupied):
    assert not is_free(LOOPBACK, occupied)


def test_claimed_ports_differ_and_come_again(tmp_path):
    record = tmp_path / "ports.json"
    wanted = {"client": 0, "monitoring": 0, "storage": 0}
    first = claim_ports(record, LOOPBACK, wanted)
    assert len(set(first.values())) == len(wanted)
    assert claim_ports(record, LOOPBACK, wanted) == first == recorded_ports(record)


def test_a_port_asked_for_is_given_and_the_recorded_one_forgotten(tmp_path):
    record = tmp_path / "ports.json"
    claim_ports(record, LOOPBACK, {"client": 0})
    asked = free_port()
    assert claim_ports(record, LOOPBACK, {"client": asked}) == {"client": asked}


def test_a_recorded_port_that_was_taken_is_replaced(tmp_path, occupied):
    record = tmp_path / "ports.json"
    record.write_text(f'{{"client": {occupied}}}')
    assert claim_ports(record, LOOPBACK, {"client": 0})["client"] != occupied


def test_a_broken_record_counts_as_none(tmp_path):
    record = tmp_path / "ports.json"
    record.write_text("[")
    assert recorded_ports(record) == {}
