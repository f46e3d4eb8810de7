"""A document model → JSON Schema (2020-12) of the payloads this program writes.

`python -m etl.documents.schema` writes the committed files in `schemas/`. The schema is that of the
canonical form: no `desc`, no empty members, real booleans and numbers. What Alma fills is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from etl.documents.leaves import Leaf
from etl.documents.outline import Node, outline
from etl.documents.parts import Part
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest

_PATTERNS = {
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}Z$",
    "decimal": r"^[0-9]{1,3}(\.[0-9]+)?$",  # percentages; sums have their own
}
_SUM = {"type": "string", "pattern": r"^-?[0-9]{1,14}(\.[0-9]+)?$"}
_CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}


def json_schema(model: type[Part], name: str) -> dict[str, Any]:
    """The schema of one document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Alma {name}",
        **_object(model, (model.__doc__ or "").strip()),
    }


def _object(model: type[Part], doc: str) -> dict[str, Any]:
    nodes = [node for node in outline(model) if not (node.leaf and node.leaf.output_only)]
    schema: dict[str, Any] = {
        "description": doc,
        "type": "object",
        "properties": {node.name: _member(node) for node in nodes},
        "additionalProperties": False,
        "minProperties": 1,
    }
    if required := [node.name for node in nodes if node.required]:
        schema["required"] = required
    if model.one_group_of:
        schema["anyOf"] = [{"required": list(group)} for group in model.one_group_of]
    if model.goes_with:
        schema["dependentRequired"] = {name: [other] for name, other in model.goes_with.items()}
    return schema


def _member(node: Node) -> dict[str, Any]:
    if node.form == "amount":
        return _amount(node)
    if node.form == "list":
        items = _object(node.model, (node.model.__doc__ or "").strip()) if node.model else _leaf(node.leaf)
        return {"description": node.doc, "type": "array", "items": items, "minItems": 1}
    if node.model:
        return _object(node.model, node.doc)
    return {"description": node.doc, **_leaf(node.leaf)}


def _amount(node: Node) -> dict[str, Any]:
    return {
        "description": node.doc,
        "type": "object",
        "properties": {"sum": _SUM, "currency": _wrapped(_CURRENCY)},
        "required": ["sum", "currency"],
        "additionalProperties": False,
    }


def _leaf(leaf: Leaf | None) -> dict[str, Any]:
    leaf = leaf or Leaf("text")
    if leaf.kind == "boolean":
        return {"type": "boolean"}
    if leaf.kind == "integer":
        return {"type": "integer", "minimum": leaf.minimum, "maximum": 2**31 - 1}
    schema: dict[str, Any] = {"type": "string", "minLength": 1}
    if leaf.limit:
        schema["maxLength"] = leaf.limit
    if leaf.choices:
        schema = {"enum": list(leaf.choices)}
    if pattern := _PATTERNS.get(leaf.kind):
        schema = {"type": "string", "pattern": pattern}
    return _wrapped(schema) if leaf.wrapped else schema


def _wrapped(schema: dict[str, Any]) -> dict[str, Any]:
    """Alma's "string with attr.": a code in an object of its own."""
    return {
        "type": "object",
        "properties": {"value": schema},
        "required": ["value"],
        "additionalProperties": False,
    }


def schema_bytes(model: type[Part], name: str) -> bytes:
    """The committed form of a schema."""
    return (json.dumps(json_schema(model, name), indent=2, ensure_ascii=False) + "\n").encode()


def write_schemas(folder: Path) -> None:
    """Write both schemas into `folder`."""
    for model, name in ((PoLine, "po_line"), (PurchaseRequest, "purchase_request")):
        (folder / f"{name}.json").write_bytes(schema_bytes(model, name))


if __name__ == "__main__":
    write_schemas(Path(__file__).parent / "schemas")
