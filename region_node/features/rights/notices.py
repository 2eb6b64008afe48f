"""What a person is told about their request, in the language that they read."""

from datetime import datetime
from zoneinfo import ZoneInfo

from locales.formatting import Formatter, UnitSystem
from locales.messages import N_
from locales.translator import Translator
from region_node.features.rights.model import Request

EXTENDED = N_(
    "Your request is answered by {due} at the latest, and not by {before} as first said. {law} allows this."
    " The reason: {reason}"
)
LIFTING_TOLD = N_(
    "The restriction of the processing of your data will end, on {day} at the earliest. The reason: {reason}"
)
LIFTED = N_("The restriction of the processing of your data ended on {day}.")
UTC = ZoneInfo("UTC")


def extension_notice(request: Request, translator: Translator) -> str:
    """That the deadline was moved, and why; empty where it was not."""
    moved = request.extension
    if moved is None:
        return ""
    before, due = _day(moved.due_before, translator), _day(request.due_at, translator)
    return translator.text(EXTENDED, due=due, before=before, law=request.law, reason=moved.reason)


def lifting_notice(request: Request, translator: Translator) -> str:
    """That a restriction will end, or has ended; empty where neither is so."""
    lifting = request.lifting
    if lifting is None:
        return ""
    if lifting.lifted_at is not None:
        return translator.text(LIFTED, day=_day(lifting.lifted_at, translator))
    return translator.text(LIFTING_TOLD, day=_day(lifting.not_before, translator), reason=lifting.reason)


def _day(moment: datetime, translator: Translator) -> str:
    return Formatter(locale=translator.locale, units=UnitSystem.METRIC, time_zone=UTC).date(moment)
