"""When a consent counts, how long it lasts, and when a person may be asked again; pure.

Figures that a law gives name it. The others are the platform's own and say so: they stand where laws ask for
"no longer than needed" or "not again and again" without a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from policies.ages import age_in_years
from policies.pack import AgeLimit
from policies.places import Place
from policies.vocabulary import AgeRule, DataCategory, Jurisdiction, Purpose

PLATFORM = "Meridian's own figure"
NO_ASKING_AFTER_REFUSAL = timedelta(days=183)
"""Half a year; the platform's own figure."""

MARKETING = frozenset({Purpose.MARKETING_EMAIL, Purpose.MARKETING_PUSH, Purpose.MARKETING_SMS})
JOINT_CONSENT = {"FR": "Loi 78-17 Art. 45: below 15 the child and a holder of parental authority together"}
"""Member states where a child below the age of consent and the guardian have to agree both."""

_TWO_YEARS = timedelta(days=730)


class Lapse(StrEnum):
    """Why a consent that was given counts no more. Values are stored: add, never rename."""

    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """The notice has a newer version that means something else."""

    CAME_OF_AGE = "came-of-age"
    """A guardian gave it, and the person needs none any more."""


class Given(Protocol):
    """A consent as far as these rules look at it."""

    @property
    def purpose(self) -> Purpose: ...
    @property
    def category(self) -> DataCategory | None: ...
    @property
    def recipient(self) -> str | None: ...
    @property
    def notice(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def by_guardian(self) -> bool: ...


G = TypeVar("G", bound=Given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How long a consent lasts; None: until it is taken back."""

    lasts: timedelta | None
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What decides over consents beside themselves.

    `floors` maps a notice's id to the oldest version of it whose consents still count. With `joint`, a child
    and the guardian have to agree both.
    """

    at: datetime
    of_age: bool
    floors: Mapping[str, int]
    joint: bool = False


def life_of(jurisdiction: Jurisdiction, purpose: Purpose) -> Life:
    """Return how long a consent to *purpose* lasts before the person is asked again."""
    if purpose in MARKETING and jurisdiction == "kr":
        return Life(lasts=_TWO_YEARS, ref="Network Act Art. 50(8), Decree Art. 62-3: reconfirm every 2 years")
    if purpose in MARKETING or purpose is Purpose.RESEARCH:
        return Life(lasts=_TWO_YEARS, ref=PLATFORM)
    return Life(lasts=None, ref=PLATFORM)


def lapse_of(given: Given, now: Circumstances) -> Lapse | None:
    """Return why *given* counts no more, or None while it counts."""
    if given.expires_at is not None and given.expires_at <= now.at:
        return Lapse.EXPIRED
    if given.by_guardian and now.of_age:
        return Lapse.CAME_OF_AGE
    notice_id, version = notice_version(given.notice)
    return Lapse.SUPERSEDED if version < now.floors.get(notice_id, 0) else None


def valid(consents: Iterable[G], now: Circumstances) -> list[G]:
    """Return those that count."""
    live = [given for given in consents if lapse_of(given, now) is None]
    if now.of_age or not now.joint:
        return live
    sides = {given.by_guardian: set[tuple[object, ...]]() for given in live}
    for given in live:
        sides[given.by_guardian].add(_subject(given))
    return [given for given in live if _subject(given) in sides.get(not given.by_guardian, ())]


def is_joint(place: Place) -> bool:
    """Say whether a child there has to agree beside the guardian."""
    return place.overlay is not None and place.overlay.country in JOINT_CONSENT


def _subject(given: Given) -> tuple[object, ...]:
    return given.purpose, given.category, given.recipient


def notice_version(notice: str) -> tuple[str, int]:
    """Split ``leaderboard/3/de`` into id and version; what is no notice is version 0."""
    notice_id, _, rest = notice.partition("/")
    number = rest.partition("/")[0]
    return notice_id, int(number) if number.isdigit() else 0


def own_consent_age(place: Place, today: date) -> AgeLimit | None:
    """Return from which age a person there consents alone: the law's figure, else the pack's safe one."""
    return _limit(place, AgeRule.DIGITAL_CONSENT, today) or _limit(place, AgeRule.CONSERVATIVE, today)


def is_of_age(place: Place, birth_date: date, today: date) -> bool:
    """Say whether no law there wants a guardian on *today*, be it for a consent or beside the account."""
    limits = own_consent_age(place, today), _limit(place, AgeRule.GUARDIAN_LINK, today)
    years = age_in_years(birth_date, today)
    return all(limit is None or years >= limit.years for limit in limits)


def _limit(place: Place, rule: AgeRule, today: date) -> AgeLimit | None:
    """An overlay's figure goes before the pack's."""
    for limits in (place.overlay.ages if place.overlay else {}, place.pack.ages):
        limit = limits.get(rule)
        if limit is not None and limit.source.in_force(today):
            return limit
    return None


def may_ask_again(refused_at: datetime | None, at: datetime) -> bool:
    """Say whether a person who said no at *refused_at* may be asked without having come for it."""
    return refused_at is None or at >= refused_at + NO_ASKING_AFTER_REFUSAL
