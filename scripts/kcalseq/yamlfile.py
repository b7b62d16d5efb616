"""YAML with line numbers and strict schemas, so that every complaint says where and what would be right.

Needs nothing beyond what Snakemake itself brings (PyYAML, jsonschema): all configuration is checked in
Snakemake's own process, before any job starts.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from kcalseq.errors import KcalseqError, KcalseqErrors, did_you_mean

KeyPath = tuple[str | int, ...]
# A few lines of aliases of aliases stand for more values than any memory holds.
_MOST_VALUES = 200_000
# A link to workflow/schemas, so that an installed package holds them too.
SCHEMAS = Path(__file__).resolve().parent / "schemas"


class Document:
    """A parsed YAML file that remembers on which line each of its values stands.

    Attributes:
        name: what to call the file in messages.
        content: the parsed YAML.
    """

    def __init__(self, name: str, content: Any, lines: dict[KeyPath, int] | None = None) -> None:
        self.name, self.content, self._lines = name, content, lines or {}

    def where(self, path: KeyPath = ()) -> str:
        """Place of a value in words: ``config/config.yaml line 7, key 'fit.starts'``."""
        line = self._lines.get(path)
        parts = self.name + (f" line {line}" if line else "")
        return parts + (f", key '{'.'.join(map(str, path))}'" if path else "")

    def with_content(self, content: Any) -> "Document":
        """The same file's lines for content that was merged with more than this file."""
        return Document(self.name, content, self._lines)


def read_document(path: str | Path) -> Document:
    """Parse a YAML file.

    Raises:
        KcalseqError: the file is missing, is not YAML, or names a key twice.
    """
    source = Path(path)
    if not source.is_file():
        raise KcalseqError(str(path), "there is no such file", "a YAML file", "correct the path or create the file")
    lines: dict[KeyPath, int] = {}
    try:
        text = source.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _index_lines(node, (), lines, str(path))
        content = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())
        raise KcalseqError(str(path), f"not valid YAML ({problem})", "a YAML file in UTF-8", "mend it there") from error
    return Document(str(path), content, lines)


def _index_lines(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], name: str) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(lines) > _MOST_VALUES:
        found = f"more than {_MOST_VALUES:,} values, those that aliases (*name) repeat among them"
        raise KcalseqError(name, found, "a configuration that people wrote", "write it out, or drop the aliases")
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                found = f"the key {key.value!r} is read as {key.tag.rpartition(':')[2]}"
                raise KcalseqError(f"{name} line {line}", found, "a name", "put it in quotes or choose another name")
            if key.value in seen:
                raise KcalseqError(
                    f"{name} line {line}",
                    f"the key '{key.value}' stands here a second time",
                    "each key once",
                    "remove one of the two",
                )
            seen.add(key.value)
            lines[(*path, key.value)] = line
            _index_lines(value, (*path, key.value), lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _index_lines(value, (*path, number), lines, name)


@cache
def load_schema(name: str) -> dict[str, Any]:
    """The JSON schema workflow/schemas/<name>.schema.yaml, the same object each time: not to be changed."""
    schema: dict[str, Any] = yaml.safe_load((SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8"))
    return schema


def _pattern(
    validator: object, pattern: str, instance: object, schema: dict[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    """The keyword ``pattern``, whose $ is the end: for Python it is also before a last line end, which no name has."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})


@cache
def _validator(schema_name: str) -> Any:
    return _Validator(load_schema(schema_name))


def check(document: Document, schema_name: str) -> None:
    """Check a document against a schema.

    Raises:
        KcalseqErrors: every complaint, each with its line, what was found and what is allowed.
    """
    complaints = _validator(schema_name).iter_errors(document.content)
    found = sorted(complaints, key=lambda error: [str(step) for step in error.absolute_path])
    # A value of the wrong type breaks its other rules too; the first complaint about a key says enough.
    errors, told = [], set[str]()
    for complaint in [complaint for error in found for complaint in _complaints(document, error)]:
        if complaint.where not in told or "the key" in complaint.found:
            errors.append(complaint)
        told.add(complaint.where)
    if errors:
        raise KcalseqErrors(errors)


def _complaints(document: Document, error: jsonschema.ValidationError) -> list[KcalseqError]:
    path: KeyPath = tuple(error.absolute_path)
    if error.validator in ("oneOf", "anyOf") and error.context:
        # Only the branch that comes nearest tells the user something.
        nearest = jsonschema.exceptions.best_match([error])
        if nearest is not None and nearest is not error:
            return _complaints(document, nearest)
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(schema.get("properties", {}))
        return [
            KcalseqError(
                document.where((*path, key)),
                f"unknown key '{key}'",
                "a key of the schema",
                did_you_mean(str(key), known),
            )
            for key in error.instance
            if key not in known
        ]
    if error.validator == "required":
        missing = [key for key in schema["required"] if key not in error.instance]
        meanings = schema.get("properties", {})
        return [
            KcalseqError(
                document.where(path), f"the key '{key}' is missing", _meaning(meanings.get(key, {})), f"add '{key}:'"
            )
            for key in missing
            if f"'{key}'" in error.message
        ]
    if error.validator == "enum":
        allowed = [str(value) for value in schema["enum"]]
        return [
            KcalseqError(
                document.where(path),
                f"found {error.instance!r}",
                "an allowed value",
                did_you_mean(str(error.instance), allowed),
            )
        ]
    return [
        KcalseqError(
            document.where(path), f"found {_short(error.instance)}", _expectation(error, schema), "correct the value"
        )
    ]


def _expectation(error: jsonschema.ValidationError, schema: dict[str, Any]) -> str:
    types = error.validator_value if error.validator == "type" else ""
    rules = {
        "type": f"a value of type {' or '.join([types] if isinstance(types, str) else types)}",
        "minimum": f"at least {error.validator_value}",
        "maximum": f"at most {error.validator_value}",
        "exclusiveMinimum": f"more than {error.validator_value}",
        "exclusiveMaximum": f"less than {error.validator_value}",
        "pattern": f"text that matches {error.validator_value}",
        "minItems": f"at least {error.validator_value} items",
    }
    rule = rules.get(str(error.validator), error.message)
    return f"{rule} ({schema['description']})" if "description" in schema else rule


def _meaning(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "a value for it"))


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
