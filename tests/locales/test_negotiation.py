import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locales.negotiation import MAX_HEADER_CHARS, negotiate
from locales.supported import SUPPORTED

CASES = [
    pytest.param(None, "en", id="no-header"),
    pytest.param("", "en", id="empty"),
    pytest.param("de", "de", id="exact"),
    pytest.param("DE", "de", id="in-any-case"),
    pytest.param("de-AT", "de", id="shortened"),
    pytest.param("de-CH-1996", "de", id="shortened-twice"),
    pytest.param("pt", "pt-BR", id="a-language-finds-its-variant"),
    pytest.param("pt-PT", "pt-BR", id="a-sister-rather-than-a-foreign-language"),
    pytest.param("pt_BR", "pt-BR", id="underscore-of-old-clients"),
    pytest.param("fr", "en", id="unsupported"),
    pytest.param("fr, ru", "ru", id="the-second-wish"),
    pytest.param("en;q=0.5, ru", "ru", id="weight-before-order"),
    pytest.param("ru;q=0.5, de;q=0.5", "ru", id="order-among-equals"),
    pytest.param("de-AT,de;q=0.8", "de", id="both-lead-to-one"),
    pytest.param("*", "en", id="any-is-the-default"),
    pytest.param("de;q=0.2, *;q=0.9", "en", id="any-other-before-it"),
    pytest.param("en;q=0.1, *", "de", id="any-but-what-is-named"),
    pytest.param("de;q=0, *", "en", id="any-but-what-is-refused"),
    pytest.param("en;q=0, *", "de", id="any-but-the-default"),
    pytest.param("*;q=0", "en", id="all-refused-gets-the-default"),
    pytest.param("pt;q=0, pt-BR", "pt-BR", id="refused-in-general-asked-for-in-particular"),
    pytest.param("de;q=0, de-AT;q=0.5, ru;q=0.1", "ru", id="refused-is-no-fallback"),
    pytest.param("de;q=2, ru;q=0.3", "ru", id="weight-out-of-range-is-passed-over"),
    pytest.param(";;,,=,de;;q=1,ru;q=.5,\x00,ru ; q=0.3", "ru", id="garbage-is-passed-over"),
    pytest.param("x" * MAX_HEADER_CHARS + ",de", "en", id="beyond-the-limit"),
    pytest.param(",".join(["fr"] * 20 + ["de"]), "en", id="too-many-wishes"),
]


@pytest.mark.parametrize(("header", "expected"), CASES)
def test_the_reader_gets_the_best_of_our_languages(header, expected):
    assert negotiate(header) == expected


def test_the_default_is_the_callers():
    assert negotiate("fr", default="de") == "de"
    assert negotiate("*", default="ru") == "ru"


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet=st.sampled_from("deptruBR-_*;q=0.1, \t\0é")) | st.text())
def test_any_header_gives_a_supported_locale(header):
    assert negotiate(header) in SUPPORTED
