"""Body of an answer, JSON or XML → one kind of tree, or nothing.

Leaves are text, whichever way they came (`22.03`, `"22.03"` and `<sum>22.03</sum>` alike); what XML wraps
in a plural element is a list under the singular name, as in Alma's JSON. Attributes other than counts are
left out: they repeat (`desc`) or point (`link`).
"""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

Tree = dict[str, Any]

_SINGULAR = {"copies": "copy"}
_COUNT = "total_record_count"


def read_tree(body: bytes) -> Tree | None:
    """The tree; None for HTML, plain text, a document type (entities), broken or endlessly nested input."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")):
        return _json(start)
    if start.startswith(b"<"):
        return _xml(start)
    return None


def members(tree: Any, name: str) -> list[Any]:
    """The list under `name`: Alma leaves it out when empty, and writes one member without a list now and
    then.
    """
    found = tree.get(name) if isinstance(tree, dict) else None
    if found is None or found == "":
        return []
    return found if isinstance(found, list) else [found]


def text(tree: Any, *path: str) -> str:
    """The text at a path, "" if there is none. A coded value (`{"value": …}`) is its code."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    if isinstance(tree, dict):
        tree = tree.get("value")
    if isinstance(tree, bool):
        return "true" if tree else "false"
    return tree.strip() if isinstance(tree, str) else ""


def _json(body: bytes) -> Tree | None:
    try:
        found = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _xml(body: bytes) -> Tree | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if (
        root.getroottree().docinfo.internalDTD is not None
    ):  # entities live there; Alma sends none, and web pages have one
        return None
    if _name(root) == "html":
        return None
    found = _element(root)
    if isinstance(found, str):
        return {"value": found}
    return found


def _element(element: Any) -> Tree | str:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and _COUNT not in element.attrib:
        return (element.text or "").strip()
    tree: Tree = {}
    for child in children:
        name, value = _name(child), _element(child)
        wrapped = _SINGULAR.get(name, name.removesuffix("s"))
        if isinstance(value, dict) and set(value) == {wrapped} and wrapped != name:
            tree[wrapped] = members(value, wrapped)
        elif name in tree:
            tree[name] = [*members(tree, name), value]
        else:
            tree[name] = value
    if _COUNT in element.attrib:
        tree[_COUNT] = element.attrib[_COUNT]
    return tree


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)
