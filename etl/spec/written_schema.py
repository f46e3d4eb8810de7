"""A pydantic model → the JSON Schema of how its values are written in YAML, for editors.

The models are the one list of keys, defaults and descriptions. What they take as text an editor reads as a
number where it looks like one (`rows: 960`), what they take as a number may be quoted, `null` takes any
inherited value back, and no key is required: a child says only what is different.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Written = dict[str, Any]
NULL: Written = {"not": {"type": ["boolean", "number", "string", "array", "object"]}}
"""Nothing, said in this way because editors would offer `null` everywhere."""
_QUOTED: Mapping[str, tuple[str, str]] = {
    "integer": ("^-?[0-9]+$", "write a whole number"),
    "number": (r"^-?[0-9]+(\.[0-9]+)?$", "write a number with a decimal point"),
    "boolean": ("^(true|false)$", "write true or false"),
}
_KEPT = frozenset(
    (
        *("type", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "description", "default"),
    )
)


def written(model: type[BaseModel], meanings: Mapping[str, str] | None = None) -> Written:
    """The schema of a group of the model's keys. `meanings`: of keys that groups inside it may have."""
    schema = model.model_json_schema()
    found: Written = _Reading(schema.get("$defs", {}), meanings or {}).read(schema)
    return found


class _Reading:
    """The walk through one model. Its definitions are put where they are used: none of them is large."""

    def __init__(self, parts: Mapping[str, Written], meanings: Mapping[str, str]) -> None:
        self._parts, self._meanings = parts, meanings

    def read(self, schema: Any, trail: tuple[str, ...] = ()) -> Any:
        if not isinstance(schema, dict):
            return schema
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name in trail:
            return {}  # a model inside itself: as deep as that nothing is told
        if name:
            return self.read({**self._parts[name], **_said(schema)}, (*trail, name))
        kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
        if len(kinds) < len(schema.get("anyOf", [])) and len(kinds) == 1:
            return self.read({**kinds[0], **_said(schema)}, trail)
        found = {key: value for key, value in schema.items() if key in _KEPT}
        if kinds:
            found |= either(*(self.read(kind, trail) for kind in kinds))
        if "items" in schema:
            found["items"] = self.read(schema["items"], trail)
        if found.keys() & {"enum", "const"}:
            found.pop("type", None)
        else:
            found |= _unquoted(found)
        return found | self._members(schema, trail)

    def _members(self, schema: Written, trail: tuple[str, ...]) -> Written:
        """What may stand in a group: each key named with its meaning where the keys are known."""
        others = schema.get("additionalProperties")
        known = schema.get("propertyNames", {}).get("enum")
        if known is not None and isinstance(others, dict):
            value = self.read(others, trail)
            named = {name: told(self._meanings.get(name, ""), value) for name in known}
            return {"properties": named, "additionalProperties": False}
        found: Written = {}
        for key in ("properties", "patternProperties"):
            if key in schema:
                found[key] = {name: nullable(self.read(one, trail)) for name, one in schema[key].items()}
        if isinstance(others, dict):
            found["additionalProperties"] = nullable(self.read(others, trail))
        elif "patternProperties" in schema or others is not None:
            found["additionalProperties"] = bool(others)
        return found


def _said(schema: Written) -> Written:
    """What is said of a value where it is used, which counts more than what its type says."""
    return {key: schema[key] for key in ("description", "default") if key in schema}


def _unquoted(schema: Written) -> Written:
    """The type as YAML writes it: numbers for text, quotes for numbers and yes/no."""
    kind = schema.get("type")
    if kind == "string":
        return {"type": ["string", "number"]}
    if isinstance(kind, str) and kind in _QUOTED:
        pattern, wrong = _QUOTED[kind]
        return {"type": [kind, "string"], "pattern": pattern, "errorMessage": wrong}
    return {}


def nullable(schema: Any) -> Written:
    """The same, or nothing. What is said of it, and its default where that is one word, stand outside."""
    if not isinstance(schema, dict):
        return {}
    inner = dict(schema)
    doc, default = inner.pop("description", ""), inner.pop("default", None)
    plain = isinstance(default, str | int | float) and default != ""
    if plain:
        shown = str(default).lower() if isinstance(default, bool) else default
        doc = f"{doc.removesuffix('.')} (default: {shown})"
    return {"description": doc, **either(inner, NULL)} | ({"default": default} if plain else {})


def either(*kinds: Written) -> Written:
    """One of several kinds, the likeliest first: an editor tells what that one lacks."""
    return {"anyOf": list(kinds)}


def told(doc: str, schema: Written) -> Written:
    """A schema with what is said of the key. Draft 7 looks at nothing beside a `$ref`."""
    return {"description": doc, "allOf": [schema]}


def one_of(meanings: Mapping[str, str], refusal: str) -> Written:
    """One of these words, each with what it means, and what an editor says of others."""
    return {
        "enum": list(meanings),
        "enumDescriptions": list(meanings.values()),
        "errorMessage": refusal,
    }
