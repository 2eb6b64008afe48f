"""What keeps the code easy to read: small modules, output through one door, a reason for every exception."""

import ast
import re
import statistics

import pytest

from tests.support.sources import ROOT, code_files, comments_of, files_of_tests, name_of, nodes

MODULE_LINES = 300
TEST_LINES = 400
LONGER_FOR_A_REASON: dict[str, str] = {}
MOST_UNDER_LINES = 120
OPT_OUTS = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma|fmt:\s*off|ruff:)(?P<rest>.*)")
A_REASON = re.compile(r"(\s-\s|#\s*)\s*[A-Za-z][\w' -]{3,}")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
ASSERTING = re.compile(r"^(test_|_?assert|_?expect|_?check|_?require|_?refuses)")


def lines_of(path):
    return path.read_text().count("\n")


def too_long(files, most):
    return [
        f"{name_of(path)}: {lines_of(path)} lines"
        for path in files
        if lines_of(path) > most and name_of(path) not in LONGER_FOR_A_REASON
    ]


def opt_outs_without_reason(path):
    """Opt-outs that name no rule, or give no reason in words, on their line."""
    for line, comment in comments_of(path):
        found = OPT_OUTS.search(comment)
        named = found is None or re.match(r"(:\s*[A-Z]|\[)", found["rest"]) or "nosec" in comment
        if found and not (named and (A_REASON.search(found["rest"]) or A_REASON.search(before(comment)))):
            yield f"{name_of(path)}:{line}: {comment}"


def before(comment):
    """What stands before the opt-out in the same comment: some tools want theirs to be the last."""
    return comment[: OPT_OUTS.search(comment).start()]


def asserts(function, helpers=frozenset()):
    """Whether a test asserts, expects an error, or calls what does (by its name, or in the same file)."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        name = called_name(node) if isinstance(node, ast.Call) else ""
        if name in {"raises", "warns", "fail", "call_and_validate", *helpers} or ASSERTING.match(name):
            return True
    return False


def without_assertion(path):
    functions = list(nodes(path, ast.FunctionDef | ast.AsyncFunctionDef))
    helpers = {one.name for one in functions if not one.name.startswith("test_") and asserts(one)}
    tests = [one for one in functions if one.name.startswith("test_")]
    yield from (f"{name_of(path)}::{one.name}" for one in tests if not asserts(one, helpers))


def called_name(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def test_modules_are_small():
    assert [] == too_long(code_files(), MODULE_LINES)
    assert [] == too_long(files_of_tests(), TEST_LINES)
    assert [] == [name for name in LONGER_FOR_A_REASON if lines_of(ROOT / name) <= MODULE_LINES]


def test_most_modules_are_short():
    assert statistics.median(lines_of(path) for path in code_files() if lines_of(path)) < MOST_UNDER_LINES


@pytest.mark.parametrize("word", ["print", "breakpoint", "exec", "eval"])
def test_nothing_goes_around_the_output(word):
    assert [] == [
        f"{name_of(path)}:{call.lineno}"
        for path in code_files()
        for call in nodes(path, ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id == word
    ]


def test_every_opt_out_names_its_rule_and_its_reason():
    every = [*code_files(), *files_of_tests()]
    assert [] == [found for path in every for found in opt_outs_without_reason(path)]


def test_nothing_is_left_open():
    every = [*code_files(), *files_of_tests()]
    open_ends = [
        f"{name_of(path)}:{line}"
        for path in every
        for line, text in comments_of(path)
        if LEFT_OPEN.search(text)
    ]
    assert [] == open_ends


def test_every_test_asserts_something():
    assert [] == [found for path in files_of_tests() for found in without_assertion(path)]


@pytest.mark.parametrize(
    "bare", ["noqa", "noqa: E501", "type: ignore", "type: ignore[arg-type]", "nosec B608"]
)
def test_a_planted_bare_opt_out_is_found(tmp_path, monkeypatch, bare):
    monkeypatch.setattr("tests.support.sources.ROOT", tmp_path)
    planted = tmp_path / "planted.py"
    planted.write_text(f"one = 1  # {bare}\n")
    assert [f"planted.py:1: # {bare}"] == list(opt_outs_without_reason(planted))
    planted.write_text(f"one = 1  # {bare} - the reason in words\n")
    expected = 0 if ":" in bare.replace("type:", "") or "[" in bare or "nosec" in bare else 1
    assert expected == len(list(opt_outs_without_reason(planted)))


def test_a_planted_test_without_an_assertion_is_found():
    bare, whole = ast.parse("def test_a():\n    run()\n\ndef test_b():\n    assert run()\n").body
    assert [False, True] == [asserts(bare), asserts(whole)]
