"""A document model → its outline: every field with its kind and place, for all who walk documents.

Shape, payload, XML reading and JSON Schema come from this one reading of the models, so that no
second list of fields exists.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from etl.documents.code_tables import CLOSED
from etl.documents.leaves import Leaf
from etl.documents.likely_codes import known_codes
from etl.documents.money import Amount
from etl.documents.parts import Part
from etl.plugin import Shape

Form = Literal["leaf", "amount", "object", "list"]


@dataclass(frozen=True, slots=True, eq=False)  # by identity: there is one node per field of a model
class Node:
    """One field of a document.

    `name` is Alma's, `attribute` the model's. `wrapper` is the XML element around the items of a list,
    `model` the class of an object or of a list's items, `type` the annotated type for checking a
    single value.
    """

    name: str
    attribute: str
    form: Form
    doc: str
    required: bool
    type: Any
    leaf: Leaf | None = None
    model: type[Part] | None = None
    wrapper: str = ""
    members: tuple[Node, ...] = ()
    by_name: Mapping[str, Node] = field(default_factory=dict)


@cache
def outline(model: type[Part]) -> tuple[Node, ...]:
    """The fields of `model`, in the order of its declaration (which is the XSD's)."""
    hints = get_type_hints(model, include_extras=True)
    return tuple(_node(model, name, hints[name]) for name in model.model_fields)


@cache
def names(model: type[Part]) -> Mapping[str, Node]:
    """The fields of `model` by Alma's name."""
    return {node.name: node for node in outline(model)}


def _node(model: type[Part], attribute: str, hint: Any) -> Node:
    declared = model.model_fields[attribute]
    hint = _without_none(hint)
    extra = declared.json_schema_extra
    wrapper = str(extra.get("wrapper", "")) if isinstance(extra, dict) else ""
    form: Form = "leaf"
    leaf: Leaf | None = None
    inner: type[Part] | None = None
    if get_origin(hint) is tuple:
        form, item = "list", get_args(hint)[0]
        leaf, inner = _leaf(item), _part(item)
    elif inner := _part(hint):
        form = "amount" if inner is Amount else "object"
    else:
        leaf = _leaf(hint)
    return Node(
        name=declared.alias or attribute,
        attribute=attribute,
        form=form,
        doc=declared.description or "",
        required=declared.is_required(),
        type=hint,
        leaf=leaf,
        model=inner,
        wrapper=wrapper,
        members=outline(inner) if inner else (),
        by_name=names(inner) if inner else {},
    )


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    return hint


def _leaf(hint: Any) -> Leaf | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((part for part in get_args(hint) if isinstance(part, Leaf)), None)


def _part(hint: Any) -> type[Part] | None:
    return hint if isinstance(hint, type) and issubclass(hint, Part) else None


def shape_of(model: type[Part], name: str) -> Shape:
    """The document as a mapping author sees it: codes plain, lists as lists."""
    members = {node.name: _shape(node) for node in outline(model)}
    return Shape(name=name, kind="object", doc=_first_line(model), required=True, members=members)


def _shape(node: Node) -> Shape:
    if node.form == "list":
        item = (
            Shape(node.name, "object", _first_line(node.model), members=_members(node))
            if node.model
            else _leaf_shape(node, node.leaf or Leaf("text"), required=False)
        )
        return Shape(node.name, "list", node.doc, node.required, item=item)
    if node.leaf is None:
        return Shape(node.name, "object", node.doc, node.required, members=_members(node))
    return _leaf_shape(node, node.leaf, node.required)


def _leaf_shape(node: Node, leaf: Leaf, required: bool) -> Shape:
    return Shape(
        node.name,
        leaf.kind,
        node.doc,
        required,
        leaf.output_only,
        codes=known_codes(leaf.table) or dict.fromkeys(leaf.choices, ""),
        other_codes=leaf.kind != "choice" and leaf.table not in CLOSED,
    )


def _members(node: Node) -> dict[str, Shape]:
    return {member.name: _shape(member) for member in node.members}


def _first_line(model: type[Part]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def node_at(model: type[Part], path: tuple[str | int, ...]) -> Node | None:
    """The field at `path`; list positions may stand in it or be left out. None: no such field."""
    level, found = names(model), None
    for step in path:
        if isinstance(step, int):
            continue
        found = level.get(step)
        if found is None:
            return None
        level = found.by_name
    return found
