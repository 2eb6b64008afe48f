"""The locales that ship complete; `locale check` fails when one of them is not."""

SUPPORTED = ("en", "de", "pt-BR", "ru")

SOURCE_LOCALE = "en"
"""The language the texts are written in: its message ids are the texts."""

CATALOGUE_LOCALES = tuple(locale for locale in SUPPORTED if locale != SOURCE_LOCALE)
"""Those with a catalogue of translations; the source needs none."""


def babel_id(locale: str) -> str:
    """Return the name that Babel and the catalogue folders use: ``pt-BR`` is ``pt_BR`` there."""
    return locale.replace("-", "_")
