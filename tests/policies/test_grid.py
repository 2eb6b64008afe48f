import pytest

from policies.grid import combinations_of
from policies.leaves import CATEGORY_CONSENT, CONSENT, OBJECTED

BOTH = CONSENT | CATEGORY_CONSENT


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(0, {0}, id="nothing"),
        pytest.param(CONSENT, {0, CONSENT}, id="one-thing"),
        pytest.param(CATEGORY_CONSENT, {0, CATEGORY_CONSENT}, id="a-category-alone"),
        pytest.param(BOTH, {0, CONSENT, BOTH}, id="a-category-is-never-without-its-purpose"),
        pytest.param(
            CONSENT | OBJECTED, {0, CONSENT, OBJECTED, CONSENT | OBJECTED}, id="two-that-do-not-touch"
        ),
        pytest.param(
            CATEGORY_CONSENT | OBJECTED,
            {0, CATEGORY_CONSENT, OBJECTED, CATEGORY_CONSENT | OBJECTED},
            id="a-category-and-another",
        ),
    ],
)
def test_everything_that_can_be_true_of_a_person_and_nothing_else(asked, expected):
    found = list(combinations_of(asked))
    assert expected == set(found)
    assert len(expected) == len(found)
