"""Rows of config/README.md: every key of the YAML files and every column of the sheets, from their schemas."""

from collections.abc import Iterator
from typing import Any

import yaml
from markdown import Cells

from kcalseq.yamlfile import load_schema

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "array": "list",
    "object": "block",
    "boolean": "true or false",
}
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def key_rows(schema: str) -> tuple[Cells, list[Cells]]:
    """Header and rows for every key of a YAML file, nested keys joined by dots, names of your choice in < >."""
    return ("key", "value", "if left out", "meaning"), list(_rows_below(load_schema(schema), "", set()))


def column_rows(schema: str) -> tuple[Cells, list[Cells]]:
    """Header and rows for every column of a sheet."""
    loaded = load_schema(schema)
    rows: list[Cells] = []
    for name, column in loaded["properties"].items():
        needed = "yes" if name in loaded["required"] else "no"
        rows.append((f"`{name}`", needed, _value(column), _meaning(column)))
    return ("column", "needed", "value", "meaning"), rows


def _rows_below(schema: dict[str, Any], path: str, told: set[int]) -> Iterator[Cells]:
    required = schema.get("required", [])
    for name, child in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield f"`{here}`", _value(child), _if_left_out(child, name in required), _meaning(child)
        yield from _rows_inside(child, here, told)
    named = schema.get("additionalProperties")
    if isinstance(named, dict):
        yield from _rows_below(named, f"{path}.<name>", told)


def _rows_inside(schema: dict[str, Any], path: str, told: set[int]) -> Iterator[Cells]:
    """Keys inside a block, or inside each item of a list; items of one form are told once."""
    items = schema.get("items", {})
    if schema.get("type") == "object":
        yield from _rows_below(schema, path, told)
    elif "properties" in items and id(items) not in told:
        told.add(id(items))
        yield from _rows_below(items, f"{path}[]", told)


def _value(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = " or ".join(_TYPES[name] for name in types)
    limits = [f"{word} {schema[key]}" for key, word in _LIMITS.items() if key in schema and len(types) == 1]
    return ", ".join([words, *limits])


def _if_left_out(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "must be there"
    if schema.get("type") == "object":
        return "as said below"
    if "default" not in schema:
        return "not used"
    if schema["default"] == []:
        return "none"
    return "empty" if schema["default"] == "" else f"`{yaml.safe_dump(schema['default']).split()[0]}`"


def _meaning(schema: dict[str, Any]) -> str:
    # Words for a reader; that a name has no unit is no news in a table with a column for its value.
    return str(schema.get("description", "")).strip().removesuffix("No unit.").strip()
