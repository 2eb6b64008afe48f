from collections import defaultdict

import pytest

from policies.documents import FaultyDocuments
from policies.thresholds import load_thresholds
from policies.vocabulary import DataCategory
from region_node.packs import shipped_packs, shipped_thresholds


def test_the_figures_are_those_of_the_law():
    figures = defaultdict(dict)
    for one in shipped_thresholds():
        figures[one.jurisdiction][one.id] = one.people
    american = {"bulk-health": 10_000, "bulk-geolocation": 1_000, "bulk-identifiers": 100_000}
    chinese = {
        "standard-contract": 100_000,
        "security-assessment": 1_000_000,
        "security-assessment-sensitive": 10_000,
    }
    assert {"us": american, "us-ca": american, "cn": chinese} == figures
    assert figures.keys() <= shipped_packs().by_jurisdiction.keys()


def test_a_threshold_for_health_counts_its_kinds():
    health = next(one for one in shipped_thresholds() if one.id == "bulk-health")
    assert {DataCategory.HEALTH, DataCategory.HEART_RATE, DataCategory.BODY_WEIGHT} == health.categories


def test_every_mistake_is_named():
    text = 'schema = 2\n[[thresholds]]\njurisdiction = "us"\ncategories = ["gold"]\npeople = 0\nextra = 1'
    with pytest.raises(FaultyDocuments) as refused:
        load_thresholds(text)
    said = str(refused.value)
    for part in ("schema", "gold", "people", "id: is missing", "consequence", "ref", "extra: is not known"):
        assert part in said
