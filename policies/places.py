"""From where a person lives to the law that protects them."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from policies.pack import AgeLimit, Overlay, Pack, PackSet
from policies.vocabulary import AgeRule, Jurisdiction

_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place whose law is known: its pack and, where a member state changes it, the overlay."""

    country: str
    subdivision: str | None
    pack: Pack = field(repr=False)
    overlay: Overlay | None = field(repr=False)

    @property
    def jurisdiction(self) -> Jurisdiction:
        return self.pack.jurisdiction

    @property
    def name(self) -> str:
        """The jurisdiction with its overlay: ``br``, ``eu/fr``."""
        return f"{self.jurisdiction}/{self.overlay.country.lower()}" if self.overlay else self.jurisdiction

    @property
    def ages(self) -> dict[AgeRule, AgeLimit]:
        """The age rules of the pack with the overlay's in the place of those that it changes."""
        return {**self.pack.ages, **(self.overlay.ages if self.overlay else {})}


class Whereabouts(StrEnum):
    """Why a place has no law here."""

    NO_PACK = "no-pack"
    SUBDIVISION_NEEDED = "subdivision-needed"
    SUBDIVISION_UNKNOWN = "subdivision-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPlace:
    """No pack covers the place. Nobody can live under a law that the platform does not know."""

    why: Whereabouts
    country: str
    subdivision: str | None


def find_place(packs: PackSet, country: str, subdivision: str | None = None) -> Place | UnknownPlace:
    """Return the law of an ISO 3166 *country* and, where its law differs inside, *subdivision* (``US-CA``).

    Codes are taken in either case. A subdivision of an undivided country is checked for its shape and
    country, and has no other effect.
    """
    country = country.upper()
    subdivision = subdivision.upper() if subdivision else None
    why = _why_unknown(packs, country, subdivision)
    if why is not None:
        return UnknownPlace(why=why, country=country, subdivision=subdivision)
    pack = packs.by_subdivision.get(subdivision or "") or packs.by_country[country]
    return Place(country=country, subdivision=subdivision, pack=pack, overlay=pack.overlays.get(country))


def _why_unknown(packs: PackSet, country: str, subdivision: str | None) -> Whereabouts | None:
    divided = country in packs.divided_countries
    if not _COUNTRY.fullmatch(country) or not (divided or country in packs.by_country):
        return Whereabouts.NO_PACK
    if subdivision is None:
        return Whereabouts.SUBDIVISION_NEEDED if divided else None
    fitting = _SUBDIVISION.fullmatch(subdivision) and subdivision.startswith(f"{country}-")
    if not fitting or (divided and subdivision not in packs.by_subdivision):
        return Whereabouts.SUBDIVISION_UNKNOWN
    return None
