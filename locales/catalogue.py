"""Keeps the catalogues in step with the sources: extract the template, update the catalogues, check them.

Works on a source tree (the repository), not on an installed package: a message id is where its mark is.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from locales.supported import CATALOGUE_LOCALES, babel_id
from locales.translator import DOMAIN, PLACEHOLDER

PACKAGES = ("cli", "region_node", "federation", "policies", "locales")

KEYWORDS = {"N_": None, "NP_": (1, 2)}
"""The marks of `locales.messages`: a text, and a text with its plural."""


def pack_name(stream: IO[bytes], *_marks: Any, **_options: Any) -> Iterator[tuple[int, None, str, list[str]]]:
    """Find the name in a policy pack, which stands in texts that people read; called by Babel."""
    yield 1, None, tomllib.loads(stream.read().decode("utf-8"))["name"], []


METHODS = [("**.py", "python"), ("packs/*.toml", "locales.catalogue:pack_name")]
"""How texts are found in the files of a package."""

_HEADER = "# Texts of Meridian. The message id is the English text; change it in the sources."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a template or catalogue."""

    file: str
    msgid: str
    problem: str


def template_path(root: Path) -> Path:
    return root / "locales" / "messages.pot"


def catalogue_path(root: Path, locale: str) -> Path:
    return root / "locales" / babel_id(locale) / "LC_MESSAGES" / f"{DOMAIN}.po"


def extract(root: Path) -> Catalog:
    """Collect the marked texts of all packages below *root*, in the order of files and lines.

    Places are named by file only: with line numbers every edit of a source would change the template.
    """
    template = _empty()
    for package in PACKAGES:
        found = extract_from_dir(root / package, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
        for file, _line, msgid, comments, _context in sorted(found, key=lambda one: (one[0], one[1])):
            template.add(msgid, None, [(f"{package}/{file}", None)], auto_comments=comments)  # type: ignore[list-item]  # Babel writes a place without a line
    return template


def write_template(root: Path) -> int:
    """Write the template; return how many texts it has."""
    template = extract(root)
    _write(template_path(root), template)
    return len(template)


def update(root: Path) -> dict[str, int]:
    """Bring every catalogue up to the template; return how many texts each one still lacks.

    Texts that are no longer in the sources are dropped, and nothing is guessed from similar ones: a wrong
    translation that looks right is worse than none.
    """
    template = _read(template_path(root))
    missing = {}
    for locale in CATALOGUE_LOCALES:
        path = catalogue_path(root, locale)
        catalogue = _read(path, locale) if path.exists() else _empty(locale)
        catalogue.update(template, no_fuzzy_matching=True)
        _write(path, catalogue)
        missing[locale] = sum(not _is_complete(message, catalogue) for message in _texts(catalogue))
    return missing


def check(root: Path) -> list[Fault]:
    """Return everything that is wrong: a template that is not current, then each catalogue's offenders."""
    current = extract(root)
    faults = list(_stale("locales/messages.pot", current, _read(template_path(root))))
    for locale in CATALOGUE_LOCALES:
        path = catalogue_path(root, locale)
        file = path.relative_to(root).as_posix()
        if not path.exists():
            faults.append(Fault(file=file, msgid="", problem="is missing"))
            continue
        catalogue = _read(path, locale)
        faults += _stale(file, current, catalogue)
        faults += _plural_faults(file, locale, catalogue)
        for message in _texts(catalogue):
            faults += [
                Fault(file=file, msgid=_label(message), problem=problem)
                for problem in _message_faults(message, catalogue)
            ]
    return faults


def _stale(file: str, current: Catalog, written: Catalog) -> Iterator[Fault]:
    now = {_key(message) for message in _texts(current)}
    then = {_key(message) for message in _texts(written)}
    for msgid, _plural in sorted(now - then):
        yield Fault(
            file=file, msgid=msgid, problem="is marked in the sources but not here: run the extraction"
        )
    for msgid, _plural in sorted(then - now):
        yield Fault(
            file=file, msgid=msgid, problem="is here but no longer in the sources: run the extraction"
        )


def _plural_faults(file: str, locale: str, catalogue: Catalog) -> Iterator[Fault]:
    """Without the forms of the language every count would be worded by another language's rule."""
    count, expression = get_plural(Locale.parse(babel_id(locale)))
    if (catalogue.num_plurals, catalogue.plural_expr) != (count, expression):
        yield Fault(file=file, msgid="", problem=f"has other plural forms than the {count} of the language")


def _message_faults(message: Message, catalogue: Catalog) -> Iterator[str]:
    if message.fuzzy:
        yield "is marked fuzzy"
    if not _is_complete(message, catalogue):
        yield "has no complete translation"
        return
    allowed = [_placeholders(text) for text in _as_tuple(message.id)]
    for text in _as_tuple(message.string):
        if _placeholders(text) not in allowed:
            wanted = ", ".join(sorted(set().union(*allowed))) or "none"
            yield f"has other placeholders in {text!r}: wanted {wanted}"


def _is_complete(message: Message, catalogue: Catalog) -> bool:
    forms = _as_tuple(message.string)
    wanted = catalogue.num_plurals if message.pluralizable else 1
    return len(forms) == wanted and all(forms)


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))


def _texts(catalogue: Catalog) -> Iterable[Message]:
    return (message for message in catalogue if message.id)


def _key(message: Message) -> tuple[str, str]:
    forms = _as_tuple(message.id)
    return forms[0], forms[1] if message.pluralizable else ""


def _label(message: Message) -> str:
    return _key(message)[0]


def _as_tuple(text: str | Iterable[str] | None) -> tuple[str, ...]:
    if text is None:
        return ()
    return (text,) if isinstance(text, str) else tuple(text)


def _empty(locale: str | None = None) -> Catalog:
    return Catalog(locale=babel_id(locale) if locale else None, domain=DOMAIN, charset="utf-8", fuzzy=False)


def _read(path: Path, locale: str | None = None) -> Catalog:
    if not path.exists():
        return _empty(locale)
    with path.open("rb") as stream:
        return read_po(stream, locale=babel_id(locale) if locale else None, domain=DOMAIN, charset="utf-8")


def _write(path: Path, catalogue: Catalog) -> None:
    """Write with a header of our own: Babel's has dates, so that a file would change though no text did."""
    headers = ["Content-Type: text/plain; charset=utf-8"]
    if catalogue.locale:
        headers += [f"Language: {catalogue.locale}", f"Plural-Forms: {catalogue.plural_forms}"]
    lines = [_HEADER, 'msgid ""', 'msgstr ""', *(f'"{header}\\n"' for header in headers), "", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write("\n".join(lines).encode())
        write_po(stream, catalogue, width=110, omit_header=True, ignore_obsolete=True)
