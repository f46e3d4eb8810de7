"""A target's shape → its leaves, what is odd about it, and where its JSON Schema disagrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from etl.plugin import Kind, Shape

Path = tuple[str, ...]

# A right constant for each kind whose spelling does not depend on the field, and some wrong ones.
GOOD: dict[Kind, tuple[str, ...]] = {
    "text": ("Vindens öar",),
    "decimal": ("1", "12.5"),
    "date": ("2024-03-11",),
    "boolean": ("true", "false"),
    "integer": ("1", "12"),
}
BAD: dict[Kind, tuple[str, ...]] = {
    "decimal": ("dyr", "1,5", "NaN"),
    "date": ("11/3 2024", "2024-02-30"),
    "boolean": ("yes", "J"),
    "integer": ("two", "1.5", "-1"),
    "choice": ("no such choice",),
}


def leaves(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Every field with a value of its own, with its path (list positions left out)."""
    for name, member in shape.members.items():
        here = (*path, name)
        inner = member.item if member.kind == "list" else member
        if inner is not None and inner.members:
            yield from leaves(inner, here)
        elif inner is not None:
            output_only = member.output_only or inner.output_only
            yield (
                here,
                Shape(inner.name, inner.kind, inner.doc, member.required, output_only),
            )


def shape_oddities(shape: Shape, path: Path = ()) -> Iterator[str]:
    """What a mapping author, or the engine, would stumble over."""
    where = ".".join(path) or "the document"
    if not shape.doc.strip():
        yield f"{where} has no line of meaning"
    if shape.kind == "list" and not shape.output_only and (shape.item is None or shape.item.kind == "list"):
        yield f"{where} is a list without items, or of lists"
    if shape.kind != "list" and shape.item is not None:
        yield f"{where} is no list and has items"
    if shape.required and shape.output_only:
        yield f"{where} is required and cannot be sent"
    if shape.kind not in ("object", "list") and shape.members:
        yield f"{where} is a {shape.kind} with members"
    for name, member in shape.members.items():
        if member.name != name:
            yield f"{where}.{name} calls itself {member.name}"
        yield from shape_oddities(member, (*path, name))
    if shape.item is not None:
        yield from shape_oddities(shape.item, (*path, "[]"))


def schema_differences(shape: Shape, schema: Mapping[str, Any]) -> Iterator[str]:
    """Where the fields of the shape that can be sent are not those of the schema."""
    yield from _differences(shape, schema, schema, "$")


def _differences(
    shape: Shape, schema: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> Iterator[str]:
    schema = _followed(schema, root)
    if shape.kind == "list":
        if schema.get("type") != "array":
            yield f"{where} is a list, and {schema.get('type')} in the schema"
        elif shape.item is not None:
            yield from _differences(shape.item, schema["items"], root, f"{where}[]")
        return
    if shape.kind != "object":
        return
    # An object of which nothing can be sent is not in the schema at all.
    wanted = {name for name, member in shape.members.items() if not _closed(member)}
    found = set(schema.get("properties", {}))
    for name in sorted(wanted ^ found):
        yield f"{where}.{name} is only in the {'shape' if name in wanted else 'schema'}"
    required = {name for name, member in shape.members.items() if member.required}
    for name in sorted(required ^ set(schema.get("required", ()))):
        yield f"{where}.{name} is required only in the {'shape' if name in required else 'schema'}"
    for name in sorted(wanted & found):
        yield from _differences(shape.members[name], schema["properties"][name], root, f"{where}.{name}")


def _closed(shape: Shape) -> bool:
    inner = shape.item if shape.kind == "list" and shape.item is not None else shape
    return shape.output_only or (bool(inner.members) and all(map(_closed, inner.members.values())))


def _followed(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a local $ref."""
    while "$ref" in schema:
        found: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def places(values: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of every object in a document's values, the document's own first."""
    if isinstance(values, Mapping):
        yield path
        for name, value in values.items():
            yield from places(value, (*path, name))
    elif isinstance(values, list):
        for position, value in enumerate(values):
            yield from places(value, (*path, position))
