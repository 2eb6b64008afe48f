"""Every reason why a file or a sign-up is refused, and every warning, has a text in each language."""

import pytest

from locales.supported import CATALOGUE_LOCALES
from locales.translator import translator_for
from policies.signup import SignupReason
from region_node.features.accounts.problems import SIGN_UP_TEXTS
from region_node.features.workouts.importing.notices import DETAILS, NoticeCode
from region_node.features.workouts.importing.refusals import REFUSALS, Refusal
from tests.support.sources import modules_of


def leaves(kind):
    for child in kind.__subclasses__():
        if child.__module__.startswith("region_node."):
            yield from leaves(child)
            if "code" in vars(child):
                yield child


def untranslated(texts):
    for text in texts:
        for locale in CATALOGUE_LOCALES:
            if text not in translator_for(locale).texts.single:
                yield f"{locale}: {text}"


def offences(refusals):
    for kind in refusals:
        missing = [name for name in ("code", "title", "detail") if not getattr(kind, name, "")]
        yield from (f"{kind.__name__}: no {name}" for name in missing)
        given = [getattr(kind, name) for name in ("title", "detail") if name not in missing]
        yield from (f"{kind.__name__}: {found}" for found in untranslated(given))


def test_every_refusal_is_whole_and_translated():
    assert [] == list(offences(REFUSALS))


def test_every_refusal_that_a_module_declares_is_listed():
    modules_of("region_node")
    assert set(leaves(Refusal)) == set(REFUSALS)


def test_no_two_refusals_share_a_code():
    codes = [kind.code for kind in REFUSALS]
    assert len(codes) == len(set(codes))


def test_every_notice_has_a_text_and_every_text_a_notice():
    assert DETAILS.keys() == set(NoticeCode)
    assert [] == list(untranslated(DETAILS.values()))


def test_every_reason_against_a_sign_up_has_a_text():
    assert SIGN_UP_TEXTS.keys() == set(SignupReason) - {SignupReason.ALLOWED}
    assert [] == list(untranslated(SIGN_UP_TEXTS.values()))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"code": "planted", "detail": "d"}, "Planted: no title"),
        ({"code": "planted", "title": "Planted and in no catalogue"}, "Planted: no detail"),
        (
            {"code": "planted", "title": "Planted and in no catalogue"},
            "Planted: ru: Planted and in no catalogue",
        ),
    ],
)
def test_a_planted_refusal_with_a_gap_is_found(members, said):
    planted = type("Planted", (Refusal,), {**members, "__module__": "tests.planted"})
    assert said in list(offences([planted]))
