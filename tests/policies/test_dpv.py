"""The register in terms of the Data Privacy Vocabulary: a process for each activity and ground."""

from dataclasses import dataclass

from policies.dpv import CATEGORY_IRIS, LEGAL_BASIS_IRIS, register_document
from policies.vocabulary import DataCategory, LegalBasis, Purpose


@dataclass(frozen=True)
class Ground:
    category: DataCategory
    basis: LegalBasis
    articles: tuple[str, ...]


@dataclass(frozen=True)
class Activity:
    jurisdiction: str = "eu"
    purpose: Purpose = Purpose.ANALYSIS
    grounds: tuple[Ground, ...] = ()
    retention: tuple = ()


BY_CONTRACT = Ground(DataCategory.SCORE, LegalBasis.CONTRACT, ("Art. 6(1)(b)",))
BY_CONSENT = Ground(DataCategory.HEALTH, LegalBasis.EXPLICIT_CONSENT, ("Art. 9(2)(a)",))


def test_each_process_has_the_data_and_articles_of_its_own_ground():
    document = register_document([Activity(grounds=(BY_CONTRACT, BY_CONSENT))], "")
    said = [
        (
            [one["@id"] for one in process["dpv:hasPersonalData"]],
            process["dpv:hasLegalBasis"]["@id"],
            process["dpv:hasLegalBasis"]["dct:source"],
        )
        for process in document["@graph"]
    ]
    assert said == [
        ([CATEGORY_IRIS[one.category]], LEGAL_BASIS_IRIS[one.basis], list(one.articles))
        for one in (BY_CONTRACT, BY_CONSENT)
    ]


def test_a_controller_is_named_where_there_is_one():
    named, nameless = (
        register_document([Activity(grounds=(BY_CONTRACT,))], name)["@graph"][0] for name in ("Acme", "")
    )
    assert "Acme" == named["dpv:hasDataController"]["dct:title"]
    assert "dpv:hasDataController" not in nameless
