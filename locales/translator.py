"""Turns message ids, which are the English texts, into the reader's language.

A text without a translation comes out in English: a person reads something rather than nothing. That this
does not happen in what ships is the business of ``meridian locale check``.
"""

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Protocol, runtime_checkable

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from locales.supported import CATALOGUE_LOCALES, SOURCE_LOCALE, SUPPORTED, babel_id

DOMAIN = "meridian"

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The translations of one locale, ready for look-up."""

    single: dict[str, str]
    plural: dict[tuple[str, str], tuple[str, ...]]
    plural_index: Callable[[int], int]


@runtime_checkable
class Localizable(Protocol):
    """A value that is written differently in each language; `locales.values` has those there are."""

    def written_by(self, translator: "Translator") -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """Texts of one locale. Cheap to pass around and safe to share between tasks and threads."""

    locale: str
    texts: Texts

    def text(self, msgid: str, /, **params: object) -> str:
        """Return *msgid* in this language with ``{name}`` replaced by *params*.

        Only plain names are replaced (no attributes, no formats), a value is never read as a pattern, and a
        placeholder without a value stays as it is. Integers and floats are written the way of the locale:
        pass a string where grouping would be wrong, such as a year or a code. Countries and terms are written
        in the reader's language when they come as values of `locales.values`.
        """
        return self._fill(self.texts.single.get(msgid, msgid), params)

    def plural(self, singular: str, plural: str, n: int, /, **params: object) -> str:
        """Return the form that the language's CLDR plural rule takes for *n*; ``{count}`` is *n*."""
        forms = self.texts.plural.get((singular, plural))
        if forms is None:
            return self._fill(singular if n == 1 else plural, {"count": n, **params})
        return self._fill(forms[self.texts.plural_index(abs(n))], {"count": n, **params})

    def _fill(self, text: str, params: dict[str, object]) -> str:
        if not params:
            return text
        return PLACEHOLDER.sub(lambda found: self._value(params, found), text)

    def _value(self, params: dict[str, object], found: re.Match[str]) -> str:
        value = params.get(found[1], found[0])
        if isinstance(value, int | float) and not isinstance(value, bool):
            return format_decimal(value, locale=parsed_locale(self.locale))
        return value.written_by(self) if isinstance(value, Localizable) else str(value)


@cache
def parsed_locale(locale: str) -> Locale:
    """Return Babel's data of a supported locale; parsing it takes longer than formatting does."""
    if locale not in SUPPORTED:
        raise ValueError(f"not a supported locale: {locale!r:.40}")
    return Locale.parse(babel_id(locale))


@lru_cache(maxsize=len(SUPPORTED))
def translator_for(locale: str) -> Translator:
    """Return the translator of a supported locale; its catalogue is read at first use.

    Raises:
        ValueError: The locale is not in ``SUPPORTED``: negotiate first.
    """
    parsed_locale(locale)
    if locale == SOURCE_LOCALE:
        texts = Texts(single={}, plural={}, plural_index=lambda n: int(n != 1))
    else:
        texts = texts_of(read_catalogue(locale))
    return Translator(locale=locale, texts=texts)


def read_catalogue(locale: str) -> Catalog:
    """Read the catalogue that ships for *locale*.

    Raises:
        ValueError: The locale has none.
    """
    if locale not in CATALOGUE_LOCALES:
        raise ValueError(f"no catalogue for {locale!r:.40}")
    name = babel_id(locale)
    source = resources.files("locales").joinpath(name, "LC_MESSAGES", f"{DOMAIN}.po")
    with source.open("rb") as stream:
        return read_po(stream, locale=name, domain=DOMAIN)


def texts_of(catalogue: Catalog) -> Texts:
    """Keep what is translated and certain: fuzzy and empty entries fall back to English."""
    single: dict[str, str] = {}
    plural: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple | list):
            forms = tuple(message.string) if isinstance(message.string, tuple | list) else ()
            if len(forms) == catalogue.num_plurals and all(forms):
                plural[message.id[0], message.id[1]] = forms
        elif isinstance(message.string, str) and message.string:
            single[message.id] = message.string
    return Texts(single=single, plural=plural, plural_index=gettext.c2py(catalogue.plural_expr))
