"""The description of the API says what the routes do, and what can go wrong."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from region_node.errors import Conflict
from region_node.http.app import assemble
from region_node.http.declare import collect
from region_node.http.docs import DOCUMENT_PATH, PAGE_PATH
from region_node.http.health import Readiness
from region_node.http.layer_problems import layer_problems
from region_node.http.limits import HttpLimits
from region_node.http.openapi import openapi_document
from region_node.http.openapi_schemas import Schemas
from tests.support.http import deps, running
from tests.support.http_routes import Things


@pytest.fixture(scope="module")
def document():
    return openapi_document(collect(Things()), HttpLimits())


def test_every_route_is_described(document):
    expected = {(bound.spec.path, bound.spec.method.lower()) for bound in collect(Things())}
    assert expected == {(path, method) for path, item in document["paths"].items() for method in item}


def test_every_problem_of_a_route_is_described_under_its_status(document):
    for bound in collect(Things()):
        operation = document["paths"][bound.spec.path][bound.spec.method.lower()]
        for kind in layer_problems(bound.spec) | set(bound.spec.problems):
            content = operation["responses"][str(kind.status)]["content"]["application/problem+json"]
            assert kind.code in content["schema"]["allOf"][1]["properties"]["code"]["enum"]


def test_what_cannot_happen_is_not_described(document):
    show = set(document["paths"]["/v1/things/{thing_id}"]["get"]["responses"])
    sign_in = set(document["paths"]["/v1/sessions"]["post"]["responses"])
    assert {"304", "401", "429"} <= show
    assert {"412", "413", "428"}.isdisjoint(show)
    assert {"401", "403"}.isdisjoint(sign_in)


def test_a_change_needs_if_match_and_names_its_own_problems(document):
    change = document["paths"]["/v1/things/{thing_id}"]["patch"]
    assert {"$ref": "#/components/parameters/IfMatch"} in change["parameters"]
    assert {"412", "428", str(Conflict.status)} <= set(change["responses"])
    assert [{"person": []}] == change["security"]
    assert ["workouts:write"] == change["x-scopes"]


def test_a_query_becomes_parameters(document):
    parameters = document["paths"]["/v1/things"]["get"]["parameters"]
    by_name = {one["name"]: one for one in parameters if "name" in one}
    assert {"type": "integer", "minimum": 1, "maximum": 100, "default": 10} == by_name["limit"]["schema"]
    assert "array" == by_name["sport"]["schema"]["type"]


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    if isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere(document):
    found = set(references(document))
    assert found
    for reference in found:
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


class Everything(msgspec.Struct):
    kind: Literal["a"]
    data: bytes
    above: Annotated[float, Meta(gt=0, lt=9)]
    maybe: int | None = None
    other: "Everything | None" = None
    pair: tuple[int, str] = (1, "a")


def test_schemas_are_those_of_openapi_3_0():
    properties, required = Schemas([Everything]).properties(Everything)
    assert {"enum": ["a"]} == properties["kind"]
    assert {"type": "string", "format": "byte"} == properties["data"]
    assert {
        "type": "number",
        "minimum": 0,
        "exclusiveMinimum": True,
        "maximum": 9,
        "exclusiveMaximum": True,
    } == properties["above"]
    assert {"type": "integer", "nullable": True, "default": None} == properties["maybe"]
    assert {
        "anyOf": [{"$ref": "#/components/schemas/Everything"}],
        "nullable": True,
        "default": None,
    } == properties["other"]
    assert {"anyOf": [{"type": "integer"}, {"type": "string"}]} == properties["pair"]["items"]
    assert {"kind", "data", "above"} == required


async def test_the_page_loads_nothing_from_elsewhere():
    parts = deps()
    async with running(assemble([Things()], parts, Readiness(())), parts) as client:
        page = await client.get(PAGE_PATH, headers={"authorization": ""})
        assert 200 == page.status_code
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "://" not in page.text
        for part in ("start.js", "viewer.js", "style.css"):
            assert f"{PAGE_PATH}/{part}" in page.text
            answer = await client.get(f"{PAGE_PATH}/{part}")
            assert (200, True) == (answer.status_code, len(answer.content) > 50)
            again = await client.get(f"{PAGE_PATH}/{part}", headers={"if-none-match": answer.headers["etag"]})
            assert 304 == again.status_code
        described = (await client.get(DOCUMENT_PATH)).json()
    assert "3.0.3" == described["openapi"]
    assert {DOCUMENT_PATH, "/health/ready", "/metrics", "/v1/things"} <= described["paths"].keys()
