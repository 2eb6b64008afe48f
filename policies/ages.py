"""How old a person must be to hold an account of their own."""

from dataclasses import dataclass
from datetime import date

from policies.pack import AgeLimit, SelfDeclaredAge
from policies.places import Place
from policies.source import Source
from policies.vocabulary import AgeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeRuling:
    """Whether a person is old enough, and by which rule."""

    old_enough: bool
    limit: AgeLimit
    """The highest of the rules in force: the one that decided."""

    self_declared: SelfDeclaredAge | None
    """What the law in force says about a person's own word; None where it says nothing."""

    guardian_can_help: bool = False
    """Too young for an account alone, but not for one that a guardian answers for."""

    @property
    def own_word_is_enough(self) -> bool:
        return self.self_declared is None or self.self_declared.enough

    @property
    def source(self) -> Source:
        return self.limit.source


def age_in_years(birth_date: date, today: date) -> int:
    """Return the completed years; negative for who is not born yet.

    Who was born on 29 February completes a year on 1 March where there is no 29th: laws differ, and the
    later day can be too late by a day but never too early.
    """
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (not had_birthday)


def lowest_age(place: Place, today: date) -> AgeLimit:
    """Return the highest limit in force on *today*; among equal ones the first that the pack names."""
    return max(_in_force(place, today).values(), key=lambda limit: limit.years)


def _in_force(place: Place, today: date) -> dict[AgeRule, AgeLimit]:
    in_force = {rule: limit for rule, limit in place.pack.ages.items() if limit.source.in_force(today)}
    # An overlay's rule that is not in force yet leaves the pack's own rule in its place.
    if place.overlay:
        own = place.overlay.ages
        in_force |= {rule: limit for rule, limit in own.items() if limit.source.in_force(today)}
    return in_force


def judge_age(place: Place, birth_date: date, today: date) -> AgeRuling:
    """Judge by the law of *place*.

    *today* is the date there; a date further west is on the safe side.
    """
    limit = lowest_age(place, today)
    declared = place.pack.self_declared_age
    years = age_in_years(birth_date, today)
    barred = _in_force(place, today).get(AgeRule.SOCIAL_MEDIA)
    is_barred = barred is not None and years < barred.years
    return AgeRuling(
        old_enough=years >= limit.years,
        guardian_can_help=0 <= years < limit.years and not is_barred,
        limit=limit,
        self_declared=declared if declared and declared.source.in_force(today) else None,
    )
