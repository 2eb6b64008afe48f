"""The parts of the OpenAPI document that are the same for all routes."""

from typing import Any

INFO: dict[str, Any] = {
    "title": "Meridian",
    "version": "1",
    "description": (
        "Every answer that is no success is a problem document (RFC 9457); clients branch on its `code`. "
        "The host name selects the tenant. Lists are paged with opaque cursors. "
        "Texts come in the language that Accept-Language asks for."
    ),
    "license": {"name": "Apache-2.0"},
}

_TEXT = {"type": "string"}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable; never translated."},
        "instance": {"type": "string", "description": "Names the request, for support."},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "description": "Every mistake of a request.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer, or a parameter's name."},
                    "detail": _TEXT,
                },
            },
        },
    },
    "additionalProperties": True,
}

EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "One server-sent event; `data` is a JSON document.",
    "properties": {"id": _TEXT, "event": _TEXT, "data": _TEXT},
}

SECURITY_SCHEMES: dict[str, Any] = {
    "person": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A person's access token; `x-scopes` of an operation says what it has to allow.",
    },
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "An operator's token; `x-role` of an operation says which role it needs.",
    },
}


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


HEADERS: dict[str, Any] = {
    "X-Request-Id": _header("The id of the request, as in logs and problems."),
    "RateLimit-Policy": _header("Allowance, as in draft-ietf-httpapi-ratelimit-headers."),
    "RateLimit": _header("What is left of it, and when it is whole again."),
    "ETag": _header("The version of what is shown."),
    "Location": _header("Where what was made can be read.", format="uri-reference"),
    "Retry-After": _header("Seconds to wait."),
    "Content-Language": _header("The language of the texts."),
    "WWW-Authenticate": _header("What the token lacks (RFC 6750)."),
    "Allow": _header("The methods that are possible."),
    "Accept": _header("The media types that are taken."),
}

HEADERS_BY_STATUS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    405: ("Allow",),
    408: ("Retry-After",),
    415: ("Accept",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


PARAMETERS: dict[str, Any] = {
    "AcceptLanguage": _parameter("Accept-Language", "Languages of the reader, the best first.", example="de"),
    "RequestId": _parameter(
        "X-Request-Id",
        "A UUID, a ULID or 32 hexadecimal digits; anything else is replaced by one of ours.",
    ),
    "IfMatch": _parameter("If-Match", "The version that is changed; without it the answer is 428.")
    | {"required": True},
    "IfNoneMatch": _parameter("If-None-Match", "Versions that the client has; one of them gets 304."),
    "IdempotencyKey": _parameter(
        "Idempotency-Key", "Names the act: a repetition with it has no second effect.", maxLength=200
    ),
}
