"""Texts of the notices of a breach, in every language, for a person to complete."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from locales.formatting import Formatter, UnitSystem
from locales.messages import N_
from locales.translator import translator_for
from locales.values import Term
from policies.breaches import Deadline, Recipient
from policies.vocabulary import DataCategory
from region_node.control.incidents import Opened

CATEGORIES = {
    DataCategory.IDENTIFIER: N_("identifiers"),
    DataCategory.PSEUDONYM: N_("pseudonyms"),
    DataCategory.RELATIONSHIP: N_("who follows whom"),
    DataCategory.SCORE: N_("scores and rankings"),
    DataCategory.TIMESTAMP: N_("times of activity"),
    DataCategory.NON_PERSONAL: N_("data that tells of nobody"),
    DataCategory.DISPLAY_NAME: N_("names"),
    DataCategory.EMAIL: N_("e-mail addresses"),
    DataCategory.PHONE: N_("phone numbers"),
    DataCategory.DATE_OF_BIRTH: N_("dates of birth"),
    DataCategory.COUNTRY: N_("countries of residence"),
    DataCategory.COARSE_LOCATION: N_("approximate locations"),
    DataCategory.PRECISE_LOCATION: N_("exact locations"),
    DataCategory.HEALTH: N_("health data"),
    DataCategory.HEART_RATE: N_("heart rates"),
    DataCategory.BODY_WEIGHT: N_("body weights"),
    DataCategory.WORKOUT_SUMMARY: N_("summaries of workouts"),
    DataCategory.WORKOUT_SAMPLES: N_("second-by-second recordings of workouts"),
    DataCategory.PHOTO: N_("photos"),
    DataCategory.FREE_TEXT: N_("texts people wrote"),
    DataCategory.CREDENTIAL: N_("passwords in protected form"),
    DataCategory.DEVICE: N_("devices"),
}
UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    subject: str
    body: str


def draft(incident: Opened, deadline: Deadline, *, language: str, contact: str) -> Draft:
    """The text of one notice; times in it are UTC. Raises ValueError for a language that does not ship."""
    said = translator_for(language)
    kinds = ", ".join(said.text(CATEGORIES[one]) for one in sorted(incident.categories))
    to_people = deadline.recipient is Recipient.SUBJECTS
    lines = _PEOPLE if to_people else _AUTHORITY
    if incident.drill:
        lines = (_DRILL, *lines)
    values = {
        "incident": incident.id,
        "what": incident.what,
        "known_at": _moment(incident.discovered_at, language),
        "people": deadline.people,
        "kinds": kinds,
        "authority": deadline.name,
        "law": Term(deadline.source.ref),
        "jurisdiction": deadline.jurisdiction,
        "contact": contact or "…",
    }
    subject = said.text(_PEOPLE_SUBJECT if to_people else _AUTHORITY_SUBJECT, **values)
    return Draft(subject=subject, body="\n".join(said.text(line, **values) for line in lines))


def _moment(moment: datetime, language: str) -> str:
    return f"{Formatter(locale=language, units=UnitSystem.METRIC, time_zone=UTC_ZONE).moment(moment)} UTC"


_DRILL = N_("THIS IS A DRILL. No data was touched.")
_AUTHORITY_SUBJECT = N_("Notice of a personal data breach, {incident}")
_AUTHORITY = (
    N_("To: {authority}"),
    N_("We report a personal data breach under {law}."),
    N_("It became known to us on {known_at}."),
    N_("What happened: {what}"),
    N_("People affected in the jurisdiction {jurisdiction}: {people}"),
    N_("Kinds of data: {kinds}"),
    N_("Likely consequences, and what we have done about them: …"),
    N_("Who answers your questions: {contact}"),
)
_PEOPLE_SUBJECT = N_("Your data may have been seen by others")
_PEOPLE = (
    N_("On {known_at} we found out that data of yours may have reached people it was not meant for."),
    N_("What happened: {what}"),
    N_("Kinds of data: {kinds}"),
    N_("Change your password, and be careful with messages that ask you for personal details."),
    N_("What we have done about it: …"),
    N_("Who answers your questions: {contact}"),
)
