"""Exceptions as problem documents."""

import pytest
from sanic import exceptions as sanic_errors

from federation.errors import BusUnavailable
from locales.translator import translator_for
from region_node.control.database import ControlUnavailable
from region_node.errors import (
    BodyTooLarge,
    Conflict,
    InvalidRequest,
    Mistake,
    NotFound,
    PreconditionFailed,
    TooManyRequests,
)
from region_node.http.problems import document, header_fields, problem_of
from region_node.objects.errors import ObjectsUnavailable
from region_node.security.passwords import PasswordsBusy
from region_node.storage.errors import StorageUnavailable
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import NotHeldHere

ENGLISH, GERMAN = translator_for("en"), translator_for("de")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotFound(), "not_found"),
        (StorageUnavailable("disk full", retry_after_s=7), "unavailable"),
        (BusUnavailable("stopped", retry_after_s=7), "unavailable"),
        (ObjectsUnavailable("disk full", retry_after_s=7), "unavailable"),
        (ControlUnavailable("secret"), "unavailable"),
        (PasswordsBusy("secret"), "unavailable"),
        (NotHeldHere("secret"), "not_found"),
        (PersonKeyGone("secret"), "not_authenticated"),
        (sanic_errors.NotFound("/secret"), "not_found"),
        (sanic_errors.MethodNotAllowed("/secret", "PUT", ["GET"]), "method_not_allowed"),
        (sanic_errors.PayloadTooLarge("Request body exceeds the size limit"), "body_too_large"),
        (sanic_errors.PayloadTooLarge("Request header exceeds the size limit"), "headers_too_large"),
        (sanic_errors.BadRequest("Bad Request"), "malformed_request"),
        (sanic_errors.BadURL("secret"), "malformed_request"),
        (sanic_errors.ExpectationFailed("Unknown"), "malformed_request"),
        (sanic_errors.RequestTimeout("Request Timeout"), "request_timed_out"),
        (sanic_errors.ServiceUnavailable("Response Timeout"), "unavailable"),
        (ValueError("secret"), "internal_fault"),
        (sanic_errors.ServerError("secret"), "internal_fault"),
    ],
    ids=repr,
)
def test_every_exception_has_its_problem_and_none_quotes_it(fault, code):
    problem = problem_of(fault)
    text = str(document(problem, ENGLISH, "r1"))
    assert code == problem.code
    assert "secret" not in text
    assert "disk full" not in text


def test_what_is_not_there_for_now_says_when_to_come_back():
    problem = problem_of(StorageUnavailable("stopped", retry_after_s=7))
    assert (503, {"retry-after": "7"}) == (problem.status, header_fields(problem))
    assert {"retry-after": "1"} == header_fields(TooManyRequests(retry_after_s=0.01))


def test_the_document_is_that_of_rfc_9457_in_the_readers_language():
    body = document(BodyTooLarge(max_bytes=1_000_000), GERMAN, "r1")
    assert "urn:meridian:problem:body_too_large" == body["type"]
    assert (413, "body_too_large", "urn:meridian:request:r1") == tuple(
        body[key] for key in ("status", "code", "instance")
    )
    assert "1.000.000" in body["detail"]
    assert body["title"] != BodyTooLarge.title


def test_mistakes_are_translated_with_their_values():
    mistake = Mistake(pointer="#/n", detail="The value has to be {limit} or less.", params={"limit": "9"})
    (english,) = document(InvalidRequest(mistake), ENGLISH, "r1")["errors"]
    (german,) = document(InvalidRequest(mistake), GERMAN, "r1")["errors"]
    assert {"pointer": "#/n", "detail": "The value has to be 9 or less."} == english
    assert "9" in german["detail"]
    assert english != german


def test_members_of_a_problem_cannot_replace_the_standard_ones():
    problem = Conflict(extra={"status": 200, "reasons": ["taken"]})
    body = document(problem, ENGLISH, "r1")
    assert (409, ["taken"]) == (body["status"], body["reasons"])
    assert "detail" not in document(PreconditionFailed(), ENGLISH, "r1")
