"""What the declarations say is done with data: routes and events by purpose, columns by category."""

import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

import region_node.features
import region_node.http
from federation.catalogue import CATALOGUE
from policies.vocabulary import DataCategory, Purpose
from region_node.http.declare import RouteSpec
from region_node.schema import TABLES


def operations() -> dict[Purpose, tuple[str, ...]]:
    """Ids of the operations of the HTTP API that serve each purpose."""
    found: dict[Purpose, set[str]] = defaultdict(set)
    for spec in _routes():
        found[spec.purpose].add(spec.operation_id)
    return {purpose: tuple(sorted(ids)) for purpose, ids in found.items()}


def events() -> dict[Purpose, tuple[str, ...]]:
    """Names of the federated events that serve each purpose."""
    found: dict[Purpose, set[str]] = defaultdict(set)
    for event in CATALOGUE.values():
        found[event.purpose].add(event.name)
    return {purpose: tuple(sorted(names)) for purpose, names in found.items()}


def columns() -> dict[DataCategory, tuple[str, ...]]:
    """Columns that keep each personal category, as ``table.column``; those sealed per person are marked."""
    found: dict[DataCategory, set[str]] = defaultdict(set)
    for table in TABLES:
        for name, column in table.columns.items():
            if column.category.is_personal:
                found[column.category].add(f"{table.name}.{name}{' (sealed)' if column.sealed else ''}")
    return {category: tuple(sorted(names)) for category, names in found.items()}


def _routes() -> Iterator[RouteSpec]:
    for package in (region_node.features, region_node.http):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2].endswith("routes") or package is region_node.http:
                yield from _declared_in(importlib.import_module(found.name))


def _declared_in(module: object) -> Iterator[RouteSpec]:
    for _, kind in inspect.getmembers(module, inspect.isclass):
        for member in vars(kind).values():
            spec = getattr(member, "__route_spec__", None)
            if isinstance(spec, RouteSpec):
                yield spec
