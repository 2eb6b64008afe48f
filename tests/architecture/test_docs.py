"""What the documents name exists, and what is generated is current."""

import re

import pytest

from cli.reference import every_command, reference
from tests.support.sources import ROOT, files_of_tests, name_of

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "locales").glob("*.md")])
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(
    r"^\| (?P<capability>[^|]+) \| (?P<works>yes|no|partly) \| (?P<command>[^|]*) ?\|$", re.MULTILINE
)
RECORD = re.compile(r"^# (?P<number>\d+)\. .+\n\n\*(Accepted|Replaced by)")
PARTS = ("**Situation.**", "**Decision.**", "**Consequence.**")


def make_targets():
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def unknown_commands(text):
    """Commands in backticks that neither the Makefile nor `meridian` has."""
    commands = {one.name for one in every_command()}
    for command in re.findall(r"`((?:make|meridian) [^`]+)`", text):
        words = command.split()
        known = (
            words[1] in make_targets() if words[0] == "make" else any(command.startswith(n) for n in commands)
        )
        if not known:
            yield command


def test_the_command_reference_is_current():
    assert reference() == (DOCS / "cli.md").read_text(), "run `make docs`"


def test_every_link_inside_the_documents_leads_somewhere():
    broken = [
        f"{name_of(page)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert [] == broken


def test_every_test_that_is_named_exists():
    written = {name_of(path): path.read_text() for path in files_of_tests()}
    named = TEST.findall((DOCS / "invariants.md").read_text())
    assert len(named) > 20
    assert [] == [f"{path}::{name}" for path, name in named if f"def {name}(" not in written.get(path, "")]


def test_the_roadmap_names_a_command_that_exists_for_all_that_works():
    text = (DOCS / "roadmap.md").read_text()
    rows = list(ROW.finditer(text))
    assert len(rows) == text.count("\n| ") - 1
    assert [] == [row["capability"] for row in rows if row["works"] != "no" and "`" not in row["command"]]
    assert [] == list(unknown_commands("".join(row["command"] for row in rows)))


def test_contributing_names_commands_that_exist():
    assert [] == list(unknown_commands((ROOT / "CONTRIBUTING.md").read_text().replace("`Example: ", "")))


def test_decisions_are_numbered_whole_and_without_gaps():
    pages = sorted((DOCS / "adr").glob("[0-9]*.md"))
    texts = [page.read_text() for page in pages]
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [int(RECORD.match(text)["number"]) for text in texts] == list(range(1, len(pages) + 1))
    assert [] == [
        page.name for page, text in zip(pages, texts, strict=True) if not all(part in text for part in PARTS)
    ]


def unknown_words(page):
    """Commands and options after a prompt that `meridian` does not have."""
    commands = {one.name: one.options for one in every_command()}
    for said in re.findall(r"^\$ (?:\w+=\S+ )?(meridian .+)$", page.replace("\\\n", " "), re.MULTILINE):
        name = max((one for one in commands if f"{said} ".startswith(f"{one} ")), key=len, default="")
        words = {word.partition("=")[0] for word in re.findall(r"(?<=\s)--[a-z][\w=-]*", said)}
        yield from ([said] if not name else sorted(words - commands[name] - {"--config"}))


def test_the_walk_for_officers_uses_commands_and_options_that_exist():
    assert [] == list(unknown_words((DOCS / "compliance.md").read_text()))


def test_a_planted_option_in_the_walk_is_found():
    planted = "$ meridian residency audit \\\n    --planted x\n$ meridian planted\n"
    assert ["--planted", "meridian planted"] == list(unknown_words(planted))


@pytest.mark.parametrize("planted", ["`make planted`", "`meridian planted --now`"])
def test_a_planted_command_that_does_not_exist_is_found(planted):
    assert [planted.strip("`")] == list(unknown_commands(planted))
