"""What can go wrong with accounts, as the caller is told.

Problem
├── SignUpRefused       law or this deployment says no; `reason`, `article` say which
├── EmailTaken          choose another address or sign in
├── SignInRefused       wrong address, password or place: which one is not told
├── SessionEnded        sign in again
└── TooManySignIns      wait, then try again
"""

from collections.abc import Mapping

from locales.messages import N_
from region_node.errors import Conflict, GiveUp, NotAuthenticated, TooManyRequests


class SignUpRefused(GiveUp):
    code = "sign_up_refused"
    status = 403
    title = N_("An account cannot be opened")

    def __init__(
        self, detail: str, *, reason: str, article: str | None, values: Mapping[str, object]
    ) -> None:
        extra = {"reason": reason, "article": article} if article else {"reason": reason}
        super().__init__(detail, extra=extra)
        self.params = dict(values)


class EmailTaken(Conflict):
    code = "email_taken"
    status = 409
    title = N_("There is an account with this address already")


class SignInRefused(NotAuthenticated):
    code = "sign_in_refused"
    status = 401
    title = N_("Address, password or country is not right")


class SessionEnded(NotAuthenticated):
    code = "session_ended"
    status = 401
    title = N_("The session has ended, please sign in again")


class TooManySignIns(TooManyRequests):
    code = "too_many_sign_ins"
    status = 429
    title = N_("Too many attempts to sign in")


SIGN_UP_TEXTS = {
    "no-pack": N_("Meridian does not know the law of {country} yet, so nobody who lives there can join."),
    "subdivision-needed": N_("Please name the state or province as well: the law differs inside {country}."),
    "subdivision-unknown": N_("{subdivision} is no known part of {country}."),
    "not-held-here": N_("Data of people under {law} may not be kept by any region here."),
    "subdivision-not-enabled": N_(
        "People of {subdivision} cannot join yet: their state law is under review."
    ),
    "under-age": N_("Where you live, an account of your own needs an age of at least {min_age} years."),
    "age-proof-needed": N_("Where you live, your own word is not enough as proof of age."),
}

WITH_GUARDIAN_TEXT = N_(
    "Where you live, an account of your own needs an age of at least {min_age} years. "
    "You can have one that a parent or guardian answers for."
)
