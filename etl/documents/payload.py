"""A document → its canonical payload: the one place where bytes are made.

JSON: two-space indent, UTF-8, no escapes but the necessary, final newline. XML: plain elements without
namespace, wrapper elements around lists, the declaration Alma itself writes. Both in the XSD's order,
empties left out, so equal documents have equal bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring  # the C quoting of json.dumps
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from etl.documents.money import Amount, percent_text, sum_text
from etl.documents.outline import Node, outline
from etl.documents.parts import Part

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STEP = "  "
_ABSENT: Final[tuple[object, ...]] = ((), "")


def payload(document: Part, root: str, form: Literal["json", "json-line", "xml"]) -> bytes:
    """The bytes of `document`; `root` names the XML root element."""
    tree = tree_of(document)
    if form == "xml":
        body = "".join(_element(root, _xml(tree, outline(type(document)), _STEP), ""))
        return (_DECLARATION + body).encode()
    if form == "json-line":
        return (json.dumps(tree, ensure_ascii=False) + "\n").encode()
    return (_json(tree, "\n") + "\n").encode()


def tree_of(document: Part) -> dict[str, Any]:
    """The document as JSON values (dict, list, str, int, bool), in Alma's names and order."""
    return _tree(document, outline(type(document)))


def _tree(part: Part, nodes: Sequence[Node]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    values = part.__dict__
    for node in nodes:
        value = values[node.attribute]
        if value is None or value in _ABSENT:
            continue
        if node.form == "leaf":
            tree[node.name] = _leaf(node, value)
        elif node.form == "list":
            inner = node.members
            tree[node.name] = [_tree(item, inner) for item in value] if inner else list(value)
        elif node.form == "amount":
            tree[node.name] = _amount(value)
        else:
            tree[node.name] = _tree(value, node.members)
    return tree


def _leaf(node: Node, value: Any) -> Any:
    if type(value) is str:
        return {"value": value} if node.leaf and node.leaf.wrapped else value
    if isinstance(value, bool | int):
        return value
    return _text_of(node, value)


def _text_of(node: Node, value: Any) -> str:
    kind = node.leaf.kind if node.leaf else "text"
    if kind == "date":
        return f"{value.isoformat()}Z"
    if kind == "decimal":
        return percent_text(value)
    raise AssertionError(f"no spelling for {kind} {value!r}")


def _amount(amount: Amount) -> dict[str, Any]:
    return {"sum": sum_text(amount.sum, amount.currency), "currency": {"value": amount.currency}}


def _json(value: Any, newline: str) -> str:
    """json.dumps(indent=2), which the standard library does in slow Python for indented text only."""
    if type(value) is str:
        quoted: str = encode_basestring(value)
        return quoted
    if value is True:
        return "true"
    if value is False:
        return "false"
    deeper = newline + _STEP
    if type(value) is dict:
        members = [f"{encode_basestring(name)}: {_json(item, deeper)}" for name, item in value.items()]
        return "{" + deeper + ("," + deeper).join(members) + newline + "}"
    if type(value) is list:
        return "[" + deeper + ("," + deeper).join([_json(item, deeper) for item in value]) + newline + "]"
    return str(value)


def _xml(tree: Mapping[str, Any], nodes: Sequence[Node], indent: str) -> Iterator[str]:
    """The members of one object as elements, one line each."""
    for node in nodes:
        value = tree.get(node.name)
        if value is None:
            continue
        if node.form == "list":
            yield from _element(node.wrapper, _items(node, value, indent + _STEP), indent)
        elif node.members:
            yield from _element(node.name, _xml(value, node.members, indent + _STEP), indent)
        else:
            yield _text_element(node.name, value, indent)


def _items(node: Node, items: Sequence[Any], indent: str) -> Iterator[str]:
    for item in items:
        if node.members:
            yield from _element(node.name, _xml(item, node.members, indent + _STEP), indent)
        else:
            yield _text_element(node.name, item, indent)


def _element(name: str, content: Iterator[str], indent: str) -> Iterator[str]:
    yield f"{indent}<{name}>\n"
    yield from content
    yield f"{indent}</{name}>\n"


def _text_element(name: str, value: Any, indent: str) -> str:
    plain = value["value"] if type(value) is dict else value
    if type(plain) is bool:
        plain = "true" if plain else "false"
    # A bare carriage return would come back as a line feed.
    return f"{indent}<{name}>{escape(str(plain), {chr(13): '&#13;'})}</{name}>\n"
