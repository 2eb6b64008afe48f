from io import BytesIO

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from locales.supported import CATALOGUE_LOCALES, SUPPORTED, babel_id
from locales.translator import Translator, read_catalogue, texts_of, translator_for
from locales.values import Term, Territory

RUSSIAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "{count} workout"
msgid_plural "{count} workouts"
msgstr[0] "{count} тренировка"
msgstr[1] "{count} тренировки"
msgstr[2] "{count} тренировок"

msgid "{count} club"
msgid_plural "{count} clubs"
msgstr[0] "{count} клуб"
msgstr[1] ""
msgstr[2] ""

msgid "Hello {name}"
msgstr "Привет, {name}"

#, fuzzy
msgid "Guessed"
msgstr "Угадано"

msgid "Not yet"
msgstr ""
"""  # noqa: E501 - a header is one line


@pytest.fixture(scope="module")
def russian():
    catalogue = read_po(BytesIO(RUSSIAN.encode()), locale="ru", domain="meridian")
    return Translator(locale="ru", texts=texts_of(catalogue))


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "0 тренировок"),
        (1, "1 тренировка"),
        (2, "2 тренировки"),
        (5, "5 тренировок"),
        (11, "11 тренировок"),
        (21, "21 тренировка"),
        (112, "112 тренировок"),
        (1234, "1\xa0234 тренировки"),
    ],
)
def test_counts_take_the_form_of_the_language(russian, n, expected):
    assert russian.plural("{count} workout", "{count} workouts", n) == expected


@pytest.mark.parametrize(("n", "expected"), [(0, "0 workouts"), (1, "1 workout"), (1234, "1,234 workouts")])
def test_english_needs_no_catalogue(n, expected):
    assert translator_for("en").plural("{count} workout", "{count} workouts", n) == expected


def test_a_text_is_translated_and_filled(russian):
    assert russian.text("Hello {name}", name="Оля") == "Привет, Оля"


@pytest.mark.parametrize("msgid", ["Guessed", "Not yet", "Never seen"])
def test_what_is_not_surely_translated_is_english(russian, msgid):
    assert russian.text(msgid) == msgid


def test_a_half_translated_count_is_english(russian):
    assert russian.plural("{count} club", "{count} clubs", 5) == "5 clubs"


def test_a_value_is_never_read_as_a_pattern():
    english = translator_for("en")
    assert english.text("Hello {name}", name="{secret}", secret="x") == "Hello {secret}"


@pytest.mark.parametrize("pattern", ["{name.__class__}", "{name[0]}", "{name!r}", "{0}", "{name:>9}"])
def test_only_plain_names_are_replaced(pattern):
    assert translator_for("en").text(pattern, name="x") == pattern


def test_a_missing_value_leaves_its_placeholder():
    assert translator_for("en").text("{a} {b}", a="x") == "x {b}"


def test_numbers_are_written_the_way_of_the_language():
    german = translator_for("de")
    assert german.text("{n}", n=1234.5) == "1.234,5"
    assert german.text("{n}", n="1234.5") == "1234.5"
    assert german.text("{n}", n=True) == "True"


@settings(derandomize=True, deadline=None)
@given(st.text(), st.text())
def test_any_text_and_value_is_taken(msgid, value):
    assert translator_for("de").text("x" + msgid, value=value) is not None


@pytest.mark.parametrize("locale", ["fr", "de_DE", "../de", ""])
def test_only_supported_locales_have_a_translator(locale):
    with pytest.raises(ValueError, match="not a supported locale"):
        translator_for(locale)


def test_a_translator_is_made_once():
    assert translator_for("ru") is translator_for("ru")


@pytest.mark.parametrize("locale", SUPPORTED)
def test_every_supported_locale_has_a_translator(locale):
    assert translator_for(locale).text("\x00 no such text") == "\x00 no such text"


@pytest.mark.parametrize("locale", CATALOGUE_LOCALES)
def test_the_forms_of_a_catalogue_are_those_of_cldr(locale):
    index = texts_of(read_catalogue(locale)).plural_index
    rule = Locale.parse(babel_id(locale)).plural_form
    index_of_tag: dict[str, set[int]] = {}
    for n in [*range(2000), 10**6, 10**6 + 1, 2 * 10**6]:
        index_of_tag.setdefault(rule(n), set()).add(index(n))
    assert all(len(indexes) == 1 for indexes in index_of_tag.values())


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de", "Die Datei ist leer"), ("pt-BR", "O arquivo está vazio"), ("ru", "Файл пуст")],
)
def test_shipped_catalogues_are_found(locale, expected):
    assert translator_for(locale).text("The file is empty") == expected


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "Brazil in Germany"), ("de", "Brasilien in Deutschland"), ("ru", "Бразилия in Германия")],
)
def test_countries_and_terms_inside_a_text_are_in_the_readers_language_too(locale, expected):
    said = translator_for(locale).text("{law} in {country}", law=Term("Brazil"), country=Territory("DE"))
    assert said == expected
