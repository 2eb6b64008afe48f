"""What can go wrong with consents, as the caller is told; law itself refuses with `RefusedByPolicy`.

Problem
├── NotAsked              there is no notice for this: nobody is asked for it
├── StaleNotice           the text has changed since: show the one in the answer and ask again
├── ConsentNotNeeded      it rests on no consent: delete the account, or object
├── ObjectionNotPossible  an account and its safety: delete the account
├── ObjectionStands       the person has objected, and staff did not say that they take it back
├── GuardianshipRefused   the code is wrong, used or old, or this adult cannot answer for the child
├── NoGuardianNeeded      the person decides alone, or has a guardian
└── LedgerFull            too many consents were given in a day; withdrawing is always possible
"""

from collections.abc import Mapping
from typing import Any

from locales.messages import N_
from region_node.errors import Conflict, GiveUp, NotFound, TooManyRequests
from region_node.features.consent.notices import SECTIONS, Notice


class NotAsked(NotFound):
    code = "not_asked"
    status = 404
    title = N_("Nobody is asked for this")


class StaleNotice(Conflict):
    """Carries the notice that is asked with today."""

    code = "stale_notice"
    status = 409
    title = N_("The text has changed; please read the new one before you answer")

    def __init__(self, current: Notice) -> None:
        super().__init__(extra={"notice": shown(current)})


class ConsentNotNeeded(Conflict):
    code = "consent_not_needed"
    status = 409
    title = N_("This does not rest on your consent")

    def __init__(self) -> None:
        super().__init__(
            N_("There is nothing to give or withdraw. You can object to it, or delete your account.")
        )


class ObjectionNotPossible(Conflict):
    code = "objection_not_possible"
    status = 409
    title = N_("An account cannot be kept without this; to end it, delete your account")


class ObjectionStands(Conflict):
    code = "objection_stands"
    status = 409
    title = N_("The person has objected to this purpose")

    def __init__(self) -> None:
        super().__init__(N_("If the person takes the objection back, say so: --end-objection."))


class GuardianshipRefused(GiveUp):
    code = "guardianship_refused"
    status = 403
    title = N_("This code does not count, or you cannot answer for this person")


class NoGuardianNeeded(Conflict):
    code = "no_guardian_needed"
    status = 409
    title = N_("You decide for yourself, or have a guardian already")


class LedgerFull(TooManyRequests):
    code = "ledger_full"
    status = 429
    title = N_("Too many changes to your consents; you can still withdraw and object")


def shown(notice: Notice) -> Mapping[str, Any]:
    """A notice as clients get it."""
    sections = {name: notice.sections[name] for name in SECTIONS}
    return {"ref": notice.ref, "sha256": notice.sha256, "text": notice.text, **sections}
