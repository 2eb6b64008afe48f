"""What the demo calls a fault of the network of regions."""

import pytest

from cli.demo_convergence import Convergence
from cli.demo_report import faults_of_convergence

GOOD = {"events": 7, "retractions": 1, "waited_ms": 71.4, "receipts_complete": True}


def test_all_that_reached_its_region_is_no_fault():
    assert [] == faults_of_convergence(Convergence(**GOOD))


@pytest.mark.parametrize("wrong", [{"events": 0}, {"waited_ms": None}, {"receipts_complete": False}])
def test_what_did_not_arrive_is_one(wrong):
    assert 1 == len(faults_of_convergence(Convergence(**GOOD | wrong)))
