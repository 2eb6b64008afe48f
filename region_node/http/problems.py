"""Exceptions as problem documents (RFC 9457), in the language of the reader."""

import math
from collections.abc import Callable
from typing import Any

import msgspec
import sanic.exceptions as sanic_errors

from federation.errors import BusUnavailable
from locales.messages import N_
from locales.translator import Translator
from region_node.control.database import ControlUnavailable
from region_node.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    InternalFault,
    MalformedRequest,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    RequestTimedOut,
    Unavailable,
)
from region_node.http.limits import MIB
from region_node.http.refused import problem_of_refusal
from region_node.objects.errors import ObjectsUnavailable
from region_node.security.passwords import PasswordsBusy
from region_node.storage.errors import StorageUnavailable
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy
from region_node.stores import NotHeldHere

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:meridian:problem:"

_encode = msgspec.json.Encoder().encode


def document(problem: Problem, translator: Translator, request_id: str) -> dict[str, Any]:
    """The document; members of the problem never replace the standard ones."""
    text = translator.text
    body: dict[str, Any] = dict(problem.members(text))
    body |= {
        "type": TYPE_PREFIX + problem.code,
        "title": text(problem.title),
        "status": problem.status,
        "code": problem.code,
        "instance": f"urn:meridian:request:{request_id}",
    }
    if problem.detail:
        body["detail"] = text(problem.detail, **problem.params)
    return body


def encoded(problem: Problem, translator: Translator, request_id: str) -> bytes:
    return _encode(document(problem, translator, request_id))


def header_fields(problem: Problem) -> dict[str, str]:
    fields = {name.lower(): value for name, value in problem.headers.items()}
    if problem.retry_after_s is not None:
        fields["retry-after"] = str(max(1, math.ceil(problem.retry_after_s)))
    return fields


def problem_of(fault: BaseException) -> Problem:
    """The problem that tells a client of *fault*; what nobody foresaw tells nothing but that it is ours."""
    if isinstance(fault, Problem):
        return fault
    for kind, make in _TRANSLATIONS:
        if isinstance(fault, kind):
            return make(fault)
    return InternalFault()


def _unavailable(fault: Any) -> Problem:
    return Unavailable(retry_after_s=fault.retry_after_s)


def _too_large(fault: Any) -> Problem:
    """Sanic raises one error for both: only the text tells them apart."""
    return HeadersTooLarge() if "header" in str(fault) else BodyTooLarge(max_bytes=MIB)


_TRANSLATIONS: tuple[tuple[type[BaseException], Callable[[Any], Problem]], ...] = (
    (StorageUnavailable, _unavailable),
    (BusUnavailable, _unavailable),
    (ObjectsUnavailable, _unavailable),
    (PasswordsBusy, _unavailable),
    (ControlUnavailable, lambda _: Unavailable()),
    (NotHeldHere, lambda _: NotFound()),
    (RefusedByPolicy, lambda refused: problem_of_refusal(refused.refusal)),
    (PersonKeyGone, lambda _: NotAuthenticated("no such person")),
    (sanic_errors.MethodNotAllowed, lambda _: MethodNotAllowed()),
    (sanic_errors.NotFound, lambda _: NotFound()),
    (sanic_errors.PayloadTooLarge, _too_large),
    (sanic_errors.RequestTimeout, lambda _: RequestTimedOut(retry_after_s=1)),
    (sanic_errors.ServiceUnavailable, lambda _: Unavailable()),
    (sanic_errors.ExpectationFailed, lambda _: MalformedRequest(N_("Only `Expect: 100-continue` is known."))),
    (sanic_errors.BadRequest, lambda _: MalformedRequest()),
)
