"""The tree of problems."""

import pytest

from region_node import errors
from region_node.errors import GiveUp, Problem, all_problems


def test_a_code_is_given_once():
    with pytest.raises(TypeError, match="not_found"):
        type("Twin", (GiveUp,), {"code": "not_found", "status": 404, "title": "Twin"})


@pytest.mark.parametrize(
    "declared",
    [
        {"status": 404, "title": "No code"},
        {"code": "planted_without_status", "title": "No status"},
        {"code": "planted_without_title", "status": 404},
        {"code": "Planted-Style", "status": 404, "title": "Not snake case"},
        {"code": "planted_success", "status": 200, "title": "No error"},
    ],
    ids=["code", "status", "title", "style", "range"],
)
def test_an_undeclared_problem_fails_when_it_is_defined(declared):
    with pytest.raises(TypeError):
        type("Planted", (GiveUp,), declared)
    assert declared.get("code") not in all_problems()


def test_a_leaf_inherits_no_declaration():
    with pytest.raises(TypeError, match="does not declare code, status, title"):
        type("Bare", (errors.NotFound,), {})


def test_the_registry_has_each_leaf_under_its_code():
    assert all_problems()["forbidden"] is errors.Forbidden
    assert all(code == kind.code and issubclass(kind, Problem) for code, kind in all_problems().items())


def test_the_message_of_the_exception_tells_no_details():
    problem = errors.Conflict("The handle {handle} is taken.", handle="anna")
    assert "conflict" == str(problem)
