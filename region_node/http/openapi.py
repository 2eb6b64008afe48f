"""The OpenAPI 3.0 document, made from the declarations that also make the routes."""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from region_node.errors import Problem
from region_node.http import openapi_parts as parts
from region_node.http.declare import (
    BoundRoute,
    Media,
    OperatorAccess,
    PersonAccess,
    Precondition,
    Raw,
    RouteSpec,
)
from region_node.http.layer_problems import layer_problems
from region_node.http.limits import HttpLimits
from region_node.http.openapi_schemas import Schemas
from region_node.http.problems import PROBLEM_JSON
from region_node.http.responses import EVENT_STREAM, JSON

VERSION = "3.0.3"


def openapi_document(routes: Iterable[BoundRoute], limits: HttpLimits) -> dict[str, Any]:
    specs = [route.spec for route in routes]
    schemas = Schemas(kind for spec in specs for kind in _kinds(spec))
    paths: dict[str, dict[str, Any]] = {}
    for spec in specs:
        paths.setdefault(spec.path, {})[spec.method.lower()] = _operation(spec, schemas, limits)
    return {
        "openapi": VERSION,
        "info": parts.INFO,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": parts.PROBLEM_SCHEMA},
            "securitySchemes": parts.SECURITY_SCHEMES,
            "headers": parts.HEADERS,
            "parameters": parts.PARAMETERS,
        },
    }


def _kinds(spec: RouteSpec) -> Iterator[type[msgspec.Struct]]:
    written = [answer.of for answer in spec.responses.values() if isinstance(answer, Media)]
    for kind in (spec.query, spec.body, *spec.responses.values(), *written):
        if isinstance(kind, type):
            yield kind


def _operation(spec: RouteSpec, schemas: Schemas, limits: HttpLimits) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": spec.operation_id,
        "summary": spec.summary,
        "parameters": list(_parameters(spec, schemas, limits)),
        "responses": _responses(spec, schemas),
        "security": _security(spec),
        "x-placement": spec.placement.value,
        "x-purpose": spec.purpose.value,
    }
    if spec.tags:
        operation["tags"] = list(spec.tags)
    if isinstance(spec.access, PersonAccess):
        operation["x-scopes"] = sorted(spec.access.scopes)
    if isinstance(spec.access, OperatorAccess):
        operation["x-role"] = spec.access.role.value
    if spec.body is not None:
        operation["requestBody"] = _request_body(spec, schemas)
    return operation


def _security(spec: RouteSpec) -> list[dict[str, list[str]]]:
    if isinstance(spec.access, PersonAccess):
        return [{"person": []}]
    return [{"operator": []}] if isinstance(spec.access, OperatorAccess) else []


def _parameters(spec: RouteSpec, schemas: Schemas, limits: HttpLimits) -> Iterator[dict[str, Any]]:
    text = {"type": "string", "minLength": 1, "maxLength": limits.path_parameter_chars}
    for name in spec.path_parameters:
        yield {"name": name, "in": "path", "required": True, "schema": text}
    if spec.query is not None:
        properties, required = schemas.properties(spec.query)
        for name, schema in properties.items():
            yield {"name": name, "in": "query", "required": name in required, "schema": schema}
    names = ["AcceptLanguage", "RequestId"]
    if spec.precondition is Precondition.READ:
        names.append("IfNoneMatch")
    if spec.precondition is Precondition.WRITE:
        names.append("IfMatch")
    if spec.idempotency_key:
        names.append("IdempotencyKey")
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in names)


def _request_body(spec: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    if isinstance(spec.body, Raw):
        binary = {"schema": {"type": "string", "format": "binary"}}
        content = dict.fromkeys(spec.body.media_types, binary)
        return {
            "required": True,
            "content": content,
            "description": f"At most {spec.body.max_bytes} bytes.",
        }
    return {"required": True, "content": {JSON: {"schema": schemas.of(spec.body)}}}


def _responses(spec: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    responses = {str(status): _success(spec, status, schemas) for status in spec.responses}
    if spec.precondition is Precondition.READ:
        headers = _headers(spec, "ETag")
        responses["304"] = {"description": "The client has this version", "headers": headers}
    by_status: dict[int, list[type[Problem]]] = {}
    for kind in sorted(layer_problems(spec) | set(spec.problems), key=lambda kind: kind.code):
        by_status.setdefault(kind.status, []).append(kind)
    responses |= {str(status): _problem(spec, kinds) for status, kinds in sorted(by_status.items())}
    return responses


def _success(spec: RouteSpec, status: int, schemas: Schemas) -> dict[str, Any]:
    answer = spec.responses[status]
    names = ["ETag"] if spec.precondition is not Precondition.NONE else []
    if status in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}:
        names.append("Location")
    response: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(spec, *names),
    }
    if isinstance(answer, Media) and answer.of is not None:
        response["content"] = {answer.media_type: {"schema": schemas.of(answer.of)}}
    elif isinstance(answer, Media):
        schema = parts.EVENT_SCHEMA if answer.media_type == EVENT_STREAM else {"type": "string"}
        response["content"] = {answer.media_type: {"schema": schema}}
    elif answer is not None:
        response["content"] = {JSON: {"schema": schemas.of(answer)}}
    return response


def _problem(spec: RouteSpec, kinds: list[type[Problem]]) -> dict[str, Any]:
    status = kinds[0].status
    codes = [kind.code for kind in kinds]
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}},
        ]
    }
    return {
        "description": "; ".join(dict.fromkeys(kind.title for kind in kinds)),
        "headers": _headers(spec, "Content-Language", *parts.HEADERS_BY_STATUS.get(status, ())),
        "content": {PROBLEM_JSON: {"schema": schema}},
    }


def _headers(spec: RouteSpec, *names: str) -> dict[str, Any]:
    limited = () if spec.rate.value == "none" else ("RateLimit-Policy", "RateLimit")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *limited, *names)}
