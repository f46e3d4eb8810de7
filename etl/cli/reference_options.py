"""A model of options → its options with type, default and meaning, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from etl.cli.article import Grid


def options_of(model: type[BaseModel]) -> Iterator[str | Grid]:
    """A grid of the options, those of groups with dotted names; or a sentence when there are none."""
    schema = model.model_json_schema()
    rows = list(_option_rows("", schema, schema.get("$defs", {})))
    if not rows:
        yield "It takes no options."
        return
    yield Grid("Options", ("option", "type", "default", "meaning"), rows)


def _option_rows(path: str, schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, one in schema.get("properties", {}).items():
        default = "needed" if name in schema.get("required", ()) else _default(one.get("default"))
        yield f"{path}{name}", _type(one, defs), default, one.get("description", "")
        if inner := _group(one, defs):
            yield from _option_rows(f"{path}{name}.", inner, defs)


def _default(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _group(one: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model of an option that is a group of options."""
    for choice in one.get("anyOf", [one]):
        if reference := choice.get("$ref"):
            found: Mapping[str, Any] = defs[reference.rpartition("/")[2]]
            return found
    return None


def _type(one: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """The type of an option, from its JSON Schema, in words."""
    if choices := one.get("anyOf"):
        words = [_type(choice, defs) for choice in choices]
        return " or ".join(dict.fromkeys(word for word in words if word != "null"))
    if "enum" in one or "const" in one:
        return "one of " + ", ".join(map(str, one.get("enum", [one.get("const")])))
    match one.get("type"):
        case "object" if isinstance(one.get("additionalProperties"), Mapping):
            return f"map of name to {_type(one['additionalProperties'], defs)}"
        case "array":
            return f"list of {_type(one.get('items', {}), defs)}"
        case "integer" | "number":
            least, most = one.get("minimum"), one.get("maximum")
            bounds = [f"from {least}"] * (least is not None) + [f"to {most}"] * (most is not None)
            return " ".join(["whole number" if one["type"] == "integer" else "number", *bounds])
        case "boolean":
            return "true or false"
        case "string":
            return "text"
    return "group" if "$ref" in one or one.get("type") == "object" else str(one.get("type", "any value"))
