"""What a route can answer instead of what was asked for: one tree, cut by what the caller can do next.

Problem
├── MendRequest              send a different request; the same one fails again
│   ├── InvalidRequest       400  fields or parameters are wrong: all mistakes at once
│   ├── MalformedRequest     400  not HTTP, not JSON
│   ├── InvalidCursor        400  start the list again without the cursor
│   │   └── UnknownCursor    404  as above, for one that is whole, but not of this tenant, reader or list
│   ├── MethodNotAllowed     405
│   ├── NotAcceptable        406
│   ├── BodyTooLarge         413
│   ├── UnsupportedMediaType 415
│   └── HeadersTooLarge      431
├── SignIn                   get a token, then repeat
│   └── NotAuthenticated     401
├── GiveUp                   nothing that this caller could send would change the answer
│   ├── Forbidden            403  for this caller; says which scope is missing
│   └── NotFound             404  also for what belongs to others: whether it exists is not told
├── AskFirst                 somebody has to agree first (`http.refused`): repeat when they have
├── ReadAgain                the state has moved on: read it, decide anew, repeat
│   ├── Conflict             409
│   ├── PreconditionFailed   412
│   └── PreconditionRequired 428
├── TryLater                 repeat the same request after `retry_after_s`
│   ├── RequestTimedOut      408
│   ├── TooManyRequests      429
│   └── Unavailable          503
└── InternalFault            500  ours; the request id finds it in the log

Features derive their own from the nearest leaf or branch. Each is answered as an RFC 9457 document.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from locales.messages import N_

_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CODES: dict[str, type["Problem"]] = {}

Text = Callable[..., str]
"""`Translator.text`: a message id and its parameters to the reader's language."""


class Problem(Exception):
    """An answer that is not what was asked for.

    A leaf sets `code` (stable, clients branch on it), `status` and `title`; a branch is declared with
    ``class Branch(Problem, branch=True)`` and is never raised.

    Args:
        detail: Message id (``N_``) of a sentence about this occurrence; its placeholders come from *params*.
        extra: Further members of the document, such as `reasons` or `articles`. The caller reads them:
            no data of others.
        retry_after_s: When repeating makes sense; becomes Retry-After.
        headers: Further header fields of the answer.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init_subclass__(cls, *, branch: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not branch:
            _register(cls)

    def __init__(
        self,
        detail: str = "",
        *,
        extra: Mapping[str, Any] | None = None,
        retry_after_s: float | None = None,
        headers: Mapping[str, str] | None = None,
        **params: object,
    ) -> None:
        super().__init__(self.code)
        self.detail = detail
        self.params = params
        self.extra = dict(extra or {})
        self.retry_after_s = retry_after_s
        self.headers = dict(headers or {})

    def members(self, text: Text) -> dict[str, Any]:  # noqa: ARG002 - subclasses translate theirs with it
        """The extension members, for a reader whose language *text* writes."""
        return self.extra


def _register(kind: type[Problem]) -> None:
    own = vars(kind)
    missing = [name for name in ("code", "status", "title") if not own.get(name)]
    if missing:
        raise TypeError(f"{kind.__qualname__} does not declare {', '.join(missing)}")
    if not _CODE.fullmatch(kind.code):
        raise TypeError(f"{kind.__qualname__}: code {kind.code!r} is not snake_case")
    if kind.status not in range(400, 600):
        raise TypeError(f"{kind.__qualname__}: status {kind.status} is no error")
    known = _CODES.setdefault(kind.code, kind)
    if known is not kind:
        raise TypeError(f"{kind.__qualname__}: code {kind.code!r} is {known.__qualname__}'s")


def all_problems() -> Mapping[str, type[Problem]]:
    """Every problem of the modules that are imported, by code."""
    return dict(_CODES)


class MendRequest(Problem, branch=True):
    pass


class SignIn(Problem, branch=True):
    pass


class GiveUp(Problem, branch=True):
    pass


class AskFirst(Problem, branch=True):
    pass


class ReadAgain(Problem, branch=True):
    pass


class TryLater(Problem, branch=True):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong with a request.

    `pointer` is a JSON pointer into the body, as a fragment (``#/laps/0/name``), or the name of a parameter.
    """

    pointer: str
    detail: str
    params: Mapping[str, object] = field(default_factory=dict)


class InvalidRequest(MendRequest):
    code = "invalid_request"
    status = 400
    title = N_("The request has mistakes")

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__()
        self.mistakes = mistakes

    def members(self, text: Text) -> dict[str, Any]:
        errors = [{"pointer": m.pointer, "detail": text(m.detail, **m.params)} for m in self.mistakes]
        return {"errors": errors}


class MalformedRequest(MendRequest):
    code = "malformed_request"
    status = 400
    title = N_("The request cannot be read")


class InvalidCursor(MendRequest):
    code = "invalid_cursor"
    status = 400
    title = N_("This page of the list cannot be opened; start from its beginning")


class UnknownCursor(InvalidCursor):
    code = "unknown_cursor"
    status = 404
    title = InvalidCursor.title


class MethodNotAllowed(MendRequest):
    code = "method_not_allowed"
    status = 405
    title = N_("This method is not possible here")


class NotAcceptable(MendRequest):
    code = "not_acceptable"
    status = 406
    title = N_("There is no answer in the format asked for")


class BodyTooLarge(MendRequest):
    code = "body_too_large"
    status = 413
    title = N_("What was sent is too large")

    def __init__(self, *, max_bytes: int) -> None:
        super().__init__(N_("At most {max_bytes} bytes are allowed."), max_bytes=max_bytes)


class UnsupportedMediaType(MendRequest):
    code = "unsupported_media_type"
    status = 415
    title = N_("What was sent is of a type that is not taken here")


class HeadersTooLarge(MendRequest):
    code = "headers_too_large"
    status = 431
    title = N_("The header fields of the request are too large")


class NotAuthenticated(SignIn):
    """`reason` is for `WWW-Authenticate` only, and empty where no token was sent."""

    code = "not_authenticated"
    status = 401
    title = N_("Sign in to see this")

    def __init__(self, reason: str = "") -> None:
        challenge = 'Bearer realm="meridian"'
        if reason:
            challenge += f', error="invalid_token", error_description="{reason}"'
        super().__init__(headers={"www-authenticate": challenge})


class Forbidden(GiveUp):
    code = "forbidden"
    status = 403
    title = N_("You are not allowed to do this")

    def __init__(self, *, scope: str) -> None:
        challenge = f'Bearer realm="meridian", error="insufficient_scope", scope="{scope}"'
        super().__init__(extra={"scope": scope}, headers={"www-authenticate": challenge})


class NotFound(GiveUp):
    code = "not_found"
    status = 404
    title = N_("There is nothing here")


class Conflict(ReadAgain):
    code = "conflict"
    status = 409
    title = N_("This does not fit the present state")


class PreconditionFailed(ReadAgain):
    code = "precondition_failed"
    status = 412
    title = N_("This was changed meanwhile; read it again")


class PreconditionRequired(ReadAgain):
    code = "precondition_required"
    status = 428
    title = N_("Say in If-Match which version you are changing")


class RequestTimedOut(TryLater):
    code = "request_timed_out"
    status = 408
    title = N_("The request took too long to arrive")


class TooManyRequests(TryLater):
    code = "too_many_requests"
    status = 429
    title = N_("Too many requests; wait a moment")

    def __init__(self, *, retry_after_s: float) -> None:
        super().__init__(retry_after_s=retry_after_s)


class Unavailable(TryLater):
    code = "unavailable"
    status = 503
    title = N_("This is not available at the moment; try again")

    def __init__(self, *, retry_after_s: float = 5, **kwargs: Any) -> None:
        super().__init__(retry_after_s=retry_after_s, **kwargs)


class InternalFault(Problem):
    code = "internal_fault"
    status = 500
    title = N_("Something went wrong on our side")
