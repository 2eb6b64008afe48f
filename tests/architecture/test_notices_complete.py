"""Notices: one for everything that people are asked, in every language, and never changed once it is out."""

import tomllib
from pathlib import Path

import pytest

from locales.supported import SUPPORTED
from policies.documents import FaultyDocuments
from policies.vocabulary import DataCategory, Purpose
from region_node.features.consent.notices import SECTIONS, load_notices, shipped_notices

RELEASED = tomllib.loads((Path(__file__).parent / "released_notices.toml").read_text())
APART = {(Purpose.ANALYSIS, DataCategory.HEALTH)}


def all_notices():
    for topic in shipped_notices().topics:
        for version in topic.versions:
            yield from version.notices.values()


def test_there_is_one_for_every_purpose_and_for_what_law_wants_asked_apart():
    topics = {(topic.purpose, topic.category) for topic in shipped_notices().topics}
    assert {(purpose, None) for purpose in Purpose} | APART == topics


def test_each_is_there_in_every_language_with_every_section():
    for topic in shipped_notices().topics:
        assert set(SUPPORTED) == topic.current.notices.keys()
    assert [] == [one.ref for one in all_notices() if set(SECTIONS) != one.sections.keys()]


def test_a_published_version_is_what_it_was_when_it_was_published():
    advice = "never change a published text: add a version, and its digests to released_notices.toml"
    assert RELEASED == {one.ref: one.sha256 for one in all_notices()}, advice


def test_no_text_is_shared_between_languages():
    texts = [one.text for one in all_notices()]
    assert len(texts) == len(set(texts))


def planted(**changes):
    text = dict.fromkeys(SECTIONS, "words")
    lines = ['id = "planted"', 'purpose = "chat"', 'judged_by = "free-text"', "[[versions]]"]
    facts = {"number": 1, "asks_again": True} | changes.pop("version", {})
    lines += [f"{name} = {str(value).lower()}" for name, value in facts.items()]
    for language in changes.pop("languages", SUPPORTED):
        lines.append(f"[versions.texts.{language}]")
        lines += [f'{name} = "{value}"' for name, value in (text | changes).items() if value]
    return {"planted.toml": "\n".join(lines)}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"languages": ("en", "de", "ru")}, "texts.pt-BR: is missing"),
        ({"law": ""}, "law: is missing"),
        ({"whose": "nobody's"}, "whose: is not known"),
        ({"version": {"number": 2}}, "not numbered 1, 2, 3"),
        ({"version": {"asks_again": False}}, "though nobody was asked before"),
    ],
)
def test_a_faulty_notice_is_refused_and_says_why(changes, fault):
    load_notices(planted())
    with pytest.raises(FaultyDocuments, match=fault):
        load_notices(planted(**changes))
