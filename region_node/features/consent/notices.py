"""The texts by which people are asked: files that ship, a version of them never changed once it is out.

An entry of the ledger holds a notice's id, version and language and the digest of its text, so that the exact
words that somebody was shown can be found, and proved, for as long as the entry stands.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from locales.supported import SUPPORTED
from policies.documents import Reading, Table
from policies.vocabulary import DataCategory, Purpose

SECTIONS = ("title", "what", "data", "who", "where", "how_long", "withdraw", "law")
HIGHEST_VERSION = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One version in one language; `sections` are named and ordered as in SECTIONS."""

    id: str
    version: int
    language: str
    sections: Mapping[str, str]

    @property
    def ref(self) -> str:
        """Id, version and language, as entries name it: ``leaderboard/1/de``."""
        return f"{self.id}/{self.version}/{self.language}"

    @property
    def text(self) -> str:
        """What the person is shown: the sections, an empty line between them."""
        return "\n\n".join(self.sections[name] for name in SECTIONS)

    @property
    def sha256(self) -> str:
        """The digest of the text in UTF-8, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """`asks_again`: it means something else than those before, so that consents to them count no more."""

    number: int
    asks_again: bool
    notices: Mapping[str, Notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is asked with one notice: a purpose, or one category for it in a step of its own.

    `judged_by` is the category by which the law of the purpose is looked up.
    """

    id: str
    purpose: Purpose
    category: DataCategory | None
    judged_by: DataCategory
    versions: tuple[Version, ...]

    @property
    def current(self) -> Version:
        return self.versions[-1]

    @property
    def floor(self) -> int:
        """The oldest version whose consents still count."""
        return max(version.number for version in self.versions if version.asks_again)


@dataclass(frozen=True)
class Catalogue:
    """All topics, in the order of purposes, what is asked for a category after its purpose."""

    topics: tuple[Topic, ...]

    @cached_property
    def _by_id(self) -> Mapping[str, Topic]:
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def floors(self) -> Mapping[str, int]:
        """By notice, the oldest version whose consents still count."""
        return {topic.id: topic.floor for topic in self.topics}

    def topic(self, purpose: Purpose, category: DataCategory | None = None) -> Topic | None:
        wanted = (purpose, category)
        return next((topic for topic in self.topics if (topic.purpose, topic.category) == wanted), None)

    def notice(self, ref: str) -> Notice | None:
        """Find ``id/version/language``, of any version that was ever published."""
        notice_id, _, rest = ref.partition("/")
        number, _, language = rest.partition("/")
        topic = self._by_id.get(notice_id)
        found = next((one for one in topic.versions if str(one.number) == number), None) if topic else None
        return found.notices.get(language) if found else None


@cache
def shipped_notices() -> Catalogue:
    """Return the notices that ship, read once per process.

    Raises:
        FaultyDocuments: a file is wrong or a language is missing; every mistake is named.
    """
    folder = resources.files("region_node.features.consent") / "texts"
    files = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir()}
    return load_notices({name: text for name, text in files.items() if name.endswith(".toml")})


def load_notices(files: Mapping[str, str]) -> Catalogue:
    """Raises FaultyDocuments."""
    reading = Reading()
    topics = [_topic(reading.document(name, text)) for name, text in sorted(files.items())]
    reading.finish()
    order = list(Purpose)
    return Catalogue(tuple(sorted(topics, key=lambda topic: (order.index(topic.purpose), topic.id))))


def _topic(document: Table) -> Topic:
    notice_id = document.text("id")
    versions = tuple(_version(notice_id, entry) for entry in document.tables("versions"))
    if [version.number for version in versions] != list(range(1, len(versions) + 1)) or not versions:
        document.fault("versions", "are not numbered 1, 2, 3 without a gap")
    elif not versions[0].asks_again:
        document.fault("versions[0].asks_again", "is false, though nobody was asked before")
    topic = Topic(
        id=notice_id,
        purpose=document.choice("purpose", Purpose),
        category=document.choice("category", DataCategory) if document.has("category") else None,
        judged_by=document.choice("judged_by", DataCategory),
        versions=versions,
    )
    document.close()
    return topic


def _version(notice_id: str, entry: Table) -> Version:
    number = entry.whole("number", 1, HIGHEST_VERSION)
    texts = dict(entry.named_tables("texts"))
    for language in SUPPORTED:
        if language not in texts:
            entry.fault(f"texts.{language}", "is missing")
    notices = {
        language: Notice(id=notice_id, version=number, language=language, sections=_sections(text))
        for language, text in texts.items()
    }
    version = Version(number=number, asks_again=entry.flag("asks_again"), notices=notices)
    entry.close()
    return version


def _sections(text: Table) -> Mapping[str, str]:
    sections = {name: text.text(name) for name in SECTIONS}
    text.close()
    return sections
