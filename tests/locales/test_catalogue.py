import pytest

from locales.catalogue import catalogue_path, check, extract, template_path, update, write_template
from locales.supported import CATALOGUE_LOCALES

SOURCE = """
from locales.messages import N_, NP_

TITLE = N_("The file is {size} too large")
COUNT = NP_("{count} lap", "{count} laps")
def unmarked(text): return text
OTHER = unmarked("Nobody reads this")
"""

TRANSLATED = {
    "de": ("Die Datei ist {size} zu groß", ["{count} Runde", "{count} Runden"]),
    "pt-BR": ("O arquivo excede em {size}", ["{count} volta", "{count} voltas"]),
    "ru": ("Файл больше на {size}", ["{count} круг", "{count} круга", "{count} кругов"]),
}


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def tree(tmp_path):
    """A source tree whose two texts are translated everywhere."""
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "thing.py").write_text(SOURCE, "utf-8")
    write_template(tmp_path)
    update(tmp_path)
    for locale, (title, forms) in TRANSLATED.items():
        path = catalogue_path(tmp_path, locale)
        edit(path, 'large"\nmsgstr ""', f'large"\nmsgstr "{title}"')
        for index, form in enumerate(forms):
            edit(path, f'msgstr[{index}] ""', f'msgstr[{index}] "{form}"')
    return tmp_path


def problems(tree):
    return [(fault.file.split("/")[1], fault.msgid, fault.problem) for fault in check(tree)]


def test_marked_texts_are_extracted_and_others_are_not(tree):
    assert {message.id for message in extract(tree) if message.id} == {
        "The file is {size} too large",
        ("{count} lap", "{count} laps"),
    }


def test_the_name_of_a_law_is_a_text_too(tmp_path):
    (tmp_path / "policies" / "packs").mkdir(parents=True)
    (tmp_path / "policies" / "packs" / "xx.toml").write_text('name = "Atlantis"\nlaws = ["Act 1"]\n', "utf-8")
    assert [message.id for message in extract(tmp_path) if message.id] == ["Atlantis"]


def test_a_complete_tree_has_no_faults(tree):
    assert problems(tree) == []


def test_updating_again_changes_no_byte(tree):
    paths = [template_path(tree), *(catalogue_path(tree, locale) for locale in CATALOGUE_LOCALES)]
    before = [path.read_bytes() for path in paths]
    write_template(tree)
    assert update(tree) == dict.fromkeys(CATALOGUE_LOCALES, 0)
    assert [path.read_bytes() for path in paths] == before


def test_a_new_text_is_named_until_it_is_extracted_and_translated(tree):
    edit(tree / "cli" / "thing.py", "COUNT", 'NEW = N_("A new text")\nCOUNT')
    stale = problems(tree)
    assert {(file, msgid) for file, msgid, _ in stale} == {
        ("messages.pot", "A new text"),
        ("de", "A new text"),
        ("pt_BR", "A new text"),
        ("ru", "A new text"),
    }
    assert all("not here: run the extraction" in problem for *_, problem in stale)
    write_template(tree)
    assert update(tree) == dict.fromkeys(CATALOGUE_LOCALES, 1)
    assert {problem for *_, problem in problems(tree)} == {"has no complete translation"}


def test_a_text_that_went_is_named_until_it_is_dropped(tree):
    edit(tree / "cli" / "thing.py", 'N_("The file is {size} too large")', '""')
    assert {problem.split(":")[0] for *_, problem in problems(tree)} == {
        "is here but no longer in the sources"
    }
    write_template(tree)
    update(tree)
    assert problems(tree) == []


def test_a_changed_text_is_not_guessed_from_the_old_one(tree):
    edit(tree / "cli" / "thing.py", "too large", "too big")
    write_template(tree)
    assert update(tree) == dict.fromkeys(CATALOGUE_LOCALES, 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("{size}", "", "has other placeholders in 'Die Datei ist  zu groß'", id="lost"),
        pytest.param("Datei ist {size}", "Datei ist {siez}", "has other placeholders", id="misspelt"),
        pytest.param("{count} Runden", "Runden", "has other placeholders in 'Runden'", id="lost-in-a-form"),
        pytest.param("{count} Runden", "", "has no complete translation", id="a-form-is-empty"),
        pytest.param("nplurals=2", "nplurals=3", "has other plural forms than the 2", id="other-forms"),
        pytest.param("#, python", "#, fuzzy, python", "is marked fuzzy", id="fuzzy"),
    ],
)
def test_a_faulty_translation_is_named(tree, old, new, expected):
    path = catalogue_path(tree, "de")
    text = path.read_text("utf-8")
    at = text.rindex(old)
    path.write_text(text[:at] + new + text[at + len(old) :], "utf-8")
    assert any(file == "de" and expected in problem for file, _, problem in problems(tree))


def test_a_missing_catalogue_is_named(tree):
    catalogue_path(tree, "ru").unlink()
    assert problems(tree) == [("ru", "", "is missing")]
