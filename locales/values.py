"""Values for the placeholders of a text that have to be put into the reader's language themselves."""

from dataclasses import dataclass

from locales.formatting import territory_name
from locales.translator import Translator


@dataclass(frozen=True, slots=True)
class Term:
    """A marked text inside another, such as the name of a law."""

    msgid: str

    def written_by(self, translator: Translator) -> str:
        return translator.text(self.msgid)


@dataclass(frozen=True, slots=True)
class Territory:
    """A country by its ISO 3166 code."""

    country: str

    def written_by(self, translator: Translator) -> str:
        return territory_name(self.country, translator.locale)
