"""Routes as declarations: what is wrong fails at import."""

from typing import Annotated

import msgspec
import pytest
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import Conflict
from region_node.http.declare import (
    DeclarationError,
    Placement,
    Public,
    PublicReason,
    RouteSpec,
    collect,
    person,
    route,
    websocket_route,
)
from region_node.http.responses import security_headers
from region_node.security.tokens import Scope

RIGHT = {
    "method": "GET",
    "path": "/v1/planted/{thing_id}",
    "operation_id": "planted",
    "summary": "Planted",
    "placement": Placement.HOME_CALLER,
    "access": person(Scope.WORKOUTS_READ),
    "purpose": Purpose.ANALYSIS,
    "responses": {200: None},
    "problems": (Conflict,),
}


class Loose(msgspec.Struct):
    name: str


class Endless(msgspec.Struct, forbid_unknown_fields=True):
    names: list[str]


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    marks: dict[str, int]


class Nested(msgspec.Struct, forbid_unknown_fields=True):
    inner: Annotated[tuple[Inner, ...], Meta(max_length=3)] | None = None


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_nothing_may_be_left_out(name):
    with pytest.raises(TypeError, match=name):
        RouteSpec(**{key: value for key, value in RIGHT.items() if key != name})


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "FETCH"},
        {"path": "v1"},
        {"operation_id": ""},
        {"summary": ""},
        {"placement": "somewhere"},
        {"purpose": None},
        {"access": None},
        {"access": person()},
        {"rate": None},
        {"responses": {}},
        {"responses": {404: None}},
        {"problems": (ValueError,)},
        {"body": Endless},
        {"method": "POST", "body": Loose},
        {"method": "POST", "body": Endless},
        {"method": "POST", "body": Nested},
        {"query": Loose},
        {"any_host": True},
    ],
    ids=str,
)
def test_a_wrong_declaration_is_refused(wrong):
    with pytest.raises(DeclarationError):
        RouteSpec(**RIGHT | wrong)


def test_every_mistake_of_a_declaration_is_told_at_once():
    with pytest.raises(DeclarationError) as raised:
        RouteSpec(**RIGHT | {"placement": None, "purpose": None, "access": person()})
    assert all(word in str(raised.value) for word in ("placement", "purpose", "scope"))


def test_an_operation_id_belongs_to_one_handler():
    spec = RouteSpec(**RIGHT | {"operation_id": "planted.twice"})

    @route(spec)
    async def first(call):
        raise NotImplementedError(call)

    async def second(call):
        raise NotImplementedError(call)

    assert first.__route_spec__ is spec
    with pytest.raises(DeclarationError, match=r"planted\.twice"):
        route(spec)(second)


def test_a_websocket_route_says_so():
    with pytest.raises(DeclarationError):
        websocket_route(RouteSpec(**RIGHT))


def test_a_controller_is_collected_in_order_with_what_it_inherits():
    class Base:
        @route(RouteSpec(**RIGHT | {"operation_id": "planted.base"}))
        async def base(self, call):
            raise NotImplementedError(call)

    class Derived(Base):
        @route(RouteSpec(**RIGHT | {"operation_id": "planted.b", "path": "/b"}))
        async def b(self, call):
            raise NotImplementedError(call)

        @route(RouteSpec(**RIGHT | {"operation_id": "planted.a", "path": "/a"}))
        async def a(self, call):
            raise NotImplementedError(call)

    expected = ["planted.base", "planted.b", "planted.a"]
    assert expected == [bound.spec.operation_id for bound in collect(Derived())]


def test_path_parameters_are_named_in_order():
    spec = RouteSpec(**RIGHT | {"path": "/v1/people/{person_id}/things/{thing_id}"})
    assert ("person_id", "thing_id") == spec.path_parameters


def test_the_kinds_of_public_routes_are_those_that_the_architecture_names():
    kinds = "landing sign-up sign-in recovery one-time-link health api-description public-keys"
    assert set(kinds.split()) == {reason.value for reason in PublicReason}
    assert Public(PublicReason.HEALTH) != Public(PublicReason.LANDING)


def test_hsts_is_sent_over_tls_only():
    assert b"strict-transport-security" in security_headers(https=True)[1]
    assert b"strict-transport-security" not in security_headers(https=False)[1]
