"""May this person open an account here, by law and by what this deployment may hold?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from policies.ages import AgeRuling, judge_age
from policies.pack import PackSet
from policies.places import Place, UnknownPlace, Whereabouts, find_place
from policies.source import Source
from policies.vocabulary import Jurisdiction, ResidencyClass


class SignupReason(StrEnum):
    """Why a sign-up goes ahead or not. Values are stored and shown to clients: add, never rename."""

    ALLOWED = "allowed"
    NO_PACK = "no-pack"
    SUBDIVISION_NEEDED = "subdivision-needed"
    SUBDIVISION_UNKNOWN = "subdivision-unknown"
    NOT_HELD_HERE = "not-held-here"
    SUBDIVISION_NOT_ENABLED = "subdivision-not-enabled"
    UNDER_AGE = "under-age"
    AGE_PROOF_NEEDED = "age-proof-needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """The record that somebody answers for letting in people of a subdivision whose own law is in no pack."""

    signed_by: str
    signed_on: date
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What this deployment may do: facts from its configuration, not from the law."""

    held: frozenset[Jurisdiction]
    """Jurisdictions that a residency group here may hold."""

    enabled_subdivisions: Mapping[str, SignOff] = field(default_factory=dict)
    has_age_assurance: bool = False
    """An adapter that proves an age by more than the person's word is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupFacts:
    """What a person says of themselves, and the date at their place."""

    country: str
    subdivision: str | None = None
    birth_date: date
    today: date
    guardian: bool = False
    """They say that a guardian will answer for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupRuling:
    reason: SignupReason
    place: Place | None
    """None where no pack covers the place."""

    source: Source | None
    """The law that decided; None where no law did, but what this deployment may hold."""

    params: Mapping[str, str | int]
    """Values for the text of the reason; none of them is personal beyond what the person just gave."""

    guardian_can_help: bool = False
    """Refused for want of age alone: with a guardian there could be an account."""

    @property
    def allowed(self) -> bool:
        return self.reason is SignupReason.ALLOWED

    @property
    def article(self) -> str | None:
        return self.source.ref if self.source else None


_UNKNOWN = {
    Whereabouts.NO_PACK: SignupReason.NO_PACK,
    Whereabouts.SUBDIVISION_NEEDED: SignupReason.SUBDIVISION_NEEDED,
    Whereabouts.SUBDIVISION_UNKNOWN: SignupReason.SUBDIVISION_UNKNOWN,
}


def judge_signup(facts: SignupFacts, packs: PackSet, deployment: Deployment) -> SignupRuling:
    """Apply the first rule that fits: which law, whether it may be held here, then what it says of age."""
    place = find_place(packs, facts.country, facts.subdivision)
    if isinstance(place, UnknownPlace):
        return _unknown(place)
    params: dict[str, str | int] = {"jurisdiction": place.name, "law": place.pack.name}
    if place.jurisdiction not in deployment.held:
        residency = place.pack.residency
        bound = residency.residency_class is not ResidencyClass.NONE
        return SignupRuling(
            reason=SignupReason.NOT_HELD_HERE,
            place=place,
            source=residency.source if bound else None,
            params=params,
        )
    if place.pack.needs_enabling and place.subdivision not in deployment.enabled_subdivisions:
        params["subdivision"] = place.subdivision or ""
        return SignupRuling(
            reason=SignupReason.SUBDIVISION_NOT_ENABLED, place=place, source=None, params=params
        )
    age = judge_age(place, facts.birth_date, facts.today)
    return _by_age(place, age, deployment, guardian=facts.guardian)


def _unknown(place: UnknownPlace) -> SignupRuling:
    return SignupRuling(
        reason=_UNKNOWN[place.why],
        place=None,
        source=None,
        params={"country": place.country, "subdivision": place.subdivision or ""},
    )


def _by_age(place: Place, ruling: AgeRuling, deployment: Deployment, *, guardian: bool) -> SignupRuling:
    params: dict[str, str | int] = {
        "jurisdiction": place.name,
        "law": place.pack.name,
        "min_age": ruling.limit.years,
        "rule": ruling.limit.rule,
    }
    reason, source = SignupReason.ALLOWED, ruling.source
    if not ruling.old_enough and not (guardian and ruling.guardian_can_help):
        reason = SignupReason.UNDER_AGE
    elif ruling.self_declared and not ruling.own_word_is_enough and not deployment.has_age_assurance:
        reason, source = SignupReason.AGE_PROOF_NEEDED, ruling.self_declared.source
    return SignupRuling(
        reason=reason,
        place=place,
        source=source,
        params=params,
        guardian_can_help=reason is SignupReason.UNDER_AGE and ruling.guardian_can_help,
    )
