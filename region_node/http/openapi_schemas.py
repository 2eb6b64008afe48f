"""JSON Schemas of the declared types, in the dialect of OpenAPI 3.0 (that of the page to try the API)."""

from collections.abc import Iterable
from typing import Any

import msgspec

_LEFT_OUT = frozenset({"propertyNames", "$schema"})
_MAPS = frozenset({"properties"})


class Schemas:
    """The schemas of *types* and of all that they are made of, by name."""

    def __init__(self, types: Iterable[Any]) -> None:
        kinds = list(dict.fromkeys(types))
        schemas, components = msgspec.json.schema_components(
            kinds, ref_template="#/components/schemas/{name}"
        )
        self._by_kind = {kind: dialect(schema) for kind, schema in zip(kinds, schemas, strict=True)}
        self.components = {name: dialect(schema) for name, schema in components.items()}

    def of(self, kind: Any) -> dict[str, Any]:
        schema: dict[str, Any] = self._by_kind[kind]
        return schema

    def properties(self, kind: type[msgspec.Struct]) -> tuple[dict[str, Any], frozenset[str]]:
        """The fields of a Struct with their schemas, and which of them are required."""
        schema: dict[str, Any] = self.components[self.of(kind)["$ref"].rpartition("/")[2]]
        return schema["properties"], frozenset(schema.get("required", ()))


def dialect(schema: Any) -> Any:
    """*schema*, of JSON Schema 2020-12 as msgspec writes it, as OpenAPI 3.0 has it."""
    if isinstance(schema, list):
        return [dialect(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _LEFT_OUT:
            continue
        if key in _MAPS:
            changed[key] = {name: dialect(inner) for name, inner in value.items()}
        elif key in {"default", "enum", "required", "mapping"}:
            changed[key] = value
        else:
            changed |= _keyword(key, value)
    return _nullable(changed)


def _keyword(key: str, value: Any) -> dict[str, Any]:
    if key == "items" and value is False:
        return {}  # beside prefixItems, which has the item types
    if key in {"exclusiveMinimum", "exclusiveMaximum"}:
        return {key.removeprefix("exclusive").lower(): value, key: True}
    renamed: dict[str, dict[str, Any]] = {
        "const": {"enum": [value]},
        "contentEncoding": {"format": "byte"},
        "prefixItems": {"items": {"anyOf": dialect(value)}},
    }
    return renamed.get(key) or {key: dialect(value)}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """3.0 knows no type null: a value may be null where its schema says so."""
    if schema.get("type") == "null":
        return {"enum": [None], "nullable": True}
    options = schema.get("anyOf")
    if not options:
        return schema
    others = [option for option in options if option != {"enum": [None], "nullable": True}]
    if len(others) == len(options):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(others) == 1 and "$ref" not in others[0]:
        return {**others[0], **rest, "nullable": True}
    return {**rest, "anyOf": others, "nullable": True}
