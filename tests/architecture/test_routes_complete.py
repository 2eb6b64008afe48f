"""Every route is declared: a handler without a declaration, or a route that went around them, is found."""

import ast
import importlib
import inspect
import pkgutil
import textwrap

import pytest

import region_node.features
import region_node.http
from policies.vocabulary import Purpose
from region_node.errors import Conflict, Problem
from region_node.http.app import assemble, build_app
from region_node.http.call import Call
from region_node.http.declare import (
    BoundRoute,
    OperatorAccess,
    PersonAccess,
    Placement,
    Public,
    RouteSpec,
    declared_routes,
)
from region_node.http.health import Readiness
from region_node.http.layer_problems import layer_problems
from tests.support.http import deps
from tests.support.http_routes import Things
from tests.support.sources import ROOT, code_files, name_of, nodes


def route_modules():
    """The modules of the node that may hold handlers."""
    for package in (region_node.features, region_node.http):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2].endswith("routes") or package is region_node.http:
                yield importlib.import_module(found.name)


def undeclared_handlers(modules):
    """Async public methods that take a `Call` and carry no `RouteSpec`."""
    for module in modules:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__:
                continue
            for name, member in vars(kind).items():
                takes_call = inspect.iscoroutinefunction(member) and any(
                    parameter.annotation in {Call, "Call"}
                    for parameter in inspect.signature(member).parameters.values()
                )
                if takes_call and not name.startswith("_") and not hasattr(member, "__route_spec__"):
                    yield f"{module.__name__}.{kind.__qualname__}.{name}"


def undeclared_paths(app):
    """What Sanic would serve without a declaration."""
    declared = {
        (method, bound.spec.path) for bound in app.ctx.routes for method in (bound.spec.method, "HEAD")
    }
    for found in app.router.routes:
        path = "/" + found.path.lstrip("/").replace("<", "{").replace(":str>", "}")
        for method in found.methods:
            if (method, path) not in declared:
                yield f"{method} {path}"


# The gate and the pipeline pass calls on; they handle none.
PASSERS = {
    "region_node.http.authentication.Gate.admit",
}


def test_every_handler_is_declared():
    assert PASSERS == set(undeclared_handlers(route_modules()))


def test_a_planted_handler_without_a_declaration_is_found(tmp_path, monkeypatch):
    (tmp_path / "planted_routes.py").write_text(
        "from region_node.http.call import Call\n"
        "class Planted:\n"
        "    async def show(self, call: Call) -> None:\n"
        "        return None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("planted_routes")
    assert ["planted_routes.Planted.show"] == list(undeclared_handlers([module]))


def test_the_app_serves_declared_routes_only():
    parts = deps()
    app = build_app(assemble([Things()], parts, Readiness(())), parts)
    app.router.finalize()
    assert [] == list(undeclared_paths(app))


def test_a_planted_route_around_the_declarations_is_found():
    parts = deps()
    app = build_app(assemble((), parts, Readiness(())), parts)

    async def planted(request, thing_id):
        raise NotImplementedError(request, thing_id)

    app.add_route(planted, "/v1/planted/<thing_id:str>")
    app.router.finalize()
    assert ["GET /v1/planted/{thing_id}"] == list(undeclared_paths(app))


@pytest.mark.parametrize("left_out", ["placement", "access", "purpose", "problems", "responses"])
def test_a_planted_declaration_with_a_gap_fails_at_import(left_out):
    right = {name: getattr(Things.show.__route_spec__, name) for name in RouteSpec.__dataclass_fields__}
    with pytest.raises(TypeError, match=left_out):
        RouteSpec(**{name: value for name, value in right.items() if name != left_out})


def ours():
    """Every declaration of the node, as in production: those of test controllers are left out."""
    list(route_modules())
    return [one for one in declared_routes() if one.handler.__module__.startswith("region_node.")]


def offences(spec):
    if not isinstance(spec.placement, Placement) or not isinstance(spec.purpose, Purpose):
        yield "placement and purpose"
    if not isinstance(spec.access, Public | PersonAccess | OperatorAccess):
        yield "access"
    if isinstance(spec.access, Public) and spec.placement in {Placement.HOME_OWNER, Placement.HOME_CALLER}:
        yield "a person's data without a token"
    if isinstance(spec.access, PersonAccess) and spec.placement is Placement.ANY:
        yield "a person's token where there is no personal data"
    if spec.purpose in MARKETING:
        yield "marketing is no purpose of a request"
    if not spec.path.startswith("/v1/") and not spec.any_host and spec.path != "/":
        yield "not versioned"
    if spec.summary.endswith(".") or not spec.summary[:1].isupper():
        yield "the summary is a phrase"
    if any(answer is None and status not in WITHOUT_BODY for status, answer in spec.responses.items()):
        yield "an answer without a description"


MARKETING = {Purpose.MARKETING_EMAIL, Purpose.MARKETING_PUSH, Purpose.MARKETING_SMS}
WITHOUT_BODY = {101, 202, 204, 303}


def undocumented_problems(bound):
    """Problems that the handler raises itself and its declaration does not name."""
    documented = (*bound.spec.problems, *layer_problems(bound.spec))
    handler = inspect.unwrap(bound.handler)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(handler)))):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            kind = handler.__globals__.get(getattr(raised, "id", ""))
            if isinstance(kind, type) and issubclass(kind, Problem) and not issubclass(kind, documented):
                yield kind.__name__


def called_in(name):
    return {getattr(call.func, "id", "") for call in nodes(ROOT / name, ast.Call)}


def assembled_controllers():
    """The classes whose instances the composition hands to the server, by the names it calls."""
    composed = called_in("region_node/app.py")
    return composed | called_in("region_node/http/app.py") if "assemble" in composed else composed


def test_every_declaration_is_whole_and_versioned():
    specs = [one.spec for one in ours()]
    assert len(specs) > 3
    assert {} == {spec.operation_id: found for spec in specs if (found := list(offences(spec)))}


def test_every_problem_that_a_handler_raises_is_documented():
    found = {one.spec.operation_id: list(undocumented_problems(one)) for one in ours()}
    assert {} == {name: kinds for name, kinds in found.items() if kinds}


def test_every_controller_with_routes_is_part_of_the_node():
    controllers = {one.handler.__qualname__.partition(".")[0] for one in ours()}
    assert set() == controllers - assembled_controllers()


def test_only_the_http_layer_gives_routes_to_sanic():
    ways = {"add_route", "add_websocket_route", "blueprint"}
    adding = {
        name_of(path)
        for path in code_files()
        for call in nodes(path, ast.Call)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ways
    }
    bare_part = "cli/benchmarks/bare_server.py"  # what a benchmark compares with has to go without the layer
    assert {"region_node/http/app.py"} == adding - {bare_part}


def test_a_planted_problem_that_is_not_documented_is_found():
    class Planted:
        async def show(self, call):
            raise Conflict(call)

    bound = BoundRoute(Things.show.__route_spec__, Planted.show)
    assert ["Conflict"] == list(undocumented_problems(bound))
