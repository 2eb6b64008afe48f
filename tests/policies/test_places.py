import pytest

from policies.places import Place, UnknownPlace, Whereabouts, find_place

PLACES = [
    ("DE", None, "eu/de"),
    ("de", None, "eu/de"),
    ("DE", "DE-BY", "eu/de"),
    ("GB", "GB-SCT", "gb"),
    ("US", "US-CA", "us-ca"),
    ("us", "us-ca", "us-ca"),
    ("US", "US-NY", "us"),
    ("CA", "CA-QC", "ca-qc"),
    ("CA", "CA-ON", "ca"),
]

UNKNOWN = [
    pytest.param("AR", None, Whereabouts.NO_PACK, id="a-country-without-a-pack"),
    pytest.param("RE", None, Whereabouts.NO_PACK, id="an-overseas-territory-is-its-own-country-in-iso"),
    pytest.param("", None, Whereabouts.NO_PACK, id="nothing"),
    pytest.param("DEU", None, Whereabouts.NO_PACK, id="alpha-3"),
    pytest.param("EU", None, Whereabouts.NO_PACK, id="a-jurisdiction-is-no-country"),
    pytest.param("US", None, Whereabouts.SUBDIVISION_NEEDED, id="the-state-decides"),
    pytest.param("CA", None, Whereabouts.SUBDIVISION_NEEDED, id="the-province-decides"),
    pytest.param("US", "US-ZZ", Whereabouts.SUBDIVISION_UNKNOWN, id="no-such-state"),
    pytest.param("US", "CA-QC", Whereabouts.SUBDIVISION_UNKNOWN, id="of-another-divided-country"),
    pytest.param("DE", "FR-75", Whereabouts.SUBDIVISION_UNKNOWN, id="of-another-country"),
    pytest.param("DE", "Bayern", Whereabouts.SUBDIVISION_UNKNOWN, id="no-code"),
]


@pytest.mark.parametrize(("country", "subdivision", "name"), PLACES)
def test_a_place_leads_to_its_law(packs, country, subdivision, name):
    place = find_place(packs, country, subdivision)
    assert isinstance(place, Place)
    assert place.name == name


@pytest.mark.parametrize(("country", "subdivision", "why"), UNKNOWN)
def test_a_place_without_law_says_why(packs, country, subdivision, why):
    place = find_place(packs, country, subdivision)
    assert isinstance(place, UnknownPlace)
    assert place.why is why
