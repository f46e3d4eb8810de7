"""XML bytes → plain values, wrapper elements become lists; entities, DTDs and namespaces refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from etl.documents.empties import Path
from etl.documents.outline import Node, names
from etl.documents.parts import Part
from etl.documents.values import shown
from etl.plugin import Fault

# `total_record_count` stands on `portfolios` in responses; like link and desc it says nothing to Alma.
_IGNORED_ATTRIBUTES = frozenset({"link", "desc", "total_record_count"})


def read_xml(payload: bytes, model: type[Part], root: str) -> dict[str, Any] | list[Fault]:
    """The members of the document in `payload`. Alma's documents are plain elements without namespace."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        element = etree.fromstring(payload, parser)
    except etree.XMLSyntaxError as error:
        return [Fault((), "E517", f"the payload is not XML: {error.msg}", "look at the named place")]
    if _has_doctype(element):
        return [
            Fault(
                (),
                "E518",
                "the payload has a document type declaration, which orders never need and attacks use",
                "remove the <!DOCTYPE …> part",
            )
        ]
    if element.tag != root:
        return [
            Fault(
                (),
                "E519",
                f"the root element is {shown(element.tag)}, not {shown(root)}",
                _root_help(element),
            )
        ]
    reader = _Reader()
    values = reader.object(element, names(model), ())
    return reader.faults or values


def _has_doctype(element: etree._Element) -> bool:
    info = element.getroottree().docinfo
    return info is not None and info.internalDTD is not None


def _root_help(element: etree._Element) -> str:
    if str(element.tag).startswith("{"):
        return "Alma's documents have no namespace: remove the xmlns attribute"
    return "check the mapping's target, or which file this is"


class _Reader:
    """Walks elements beside the fields they should be, gathering faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def object(self, element: etree._Element, known: Mapping[str, Node], path: Path) -> dict[str, Any]:
        """The members of an object element; unknown ones are kept, for validation to name."""
        self._stray(element, path)
        wrappers = {node.wrapper: node for node in known.values() if node.wrapper}
        values: dict[str, Any] = {}
        for child in element:
            tag = str(child.tag)
            wrapped = wrappers.get(tag)
            node = wrapped or known.get(tag)
            name = node.name if node else tag
            if name in values:
                self._fault("E520", f"the element {shown(tag)} stands twice", "keep one", (*path, name))
            elif wrapped:
                values[name] = self._list(child, wrapped, (*path, name))
            elif node and node.form == "list":
                self._fault(
                    "E521",
                    f"the element {shown(tag)} stands alone, and Alma would drop it",
                    f"put it into <{node.wrapper}>, as Alma's XML does",
                    (*path, name),
                )
            else:
                values[name] = self._value(child, node, (*path, name))
        return values

    def _list(self, element: etree._Element, node: Node, path: Path) -> list[Any]:
        self._stray(element, path)
        items = []
        for position, child in enumerate(element):
            if child.tag != node.name:
                self._fault(
                    "E521",
                    f"the element {shown(child.tag)} stands in <{node.wrapper}>",
                    f"only <{node.name}> belongs there",
                    (*path, position),
                )
                continue
            items.append(self._value(child, node, (*path, position)))
        return items

    def _value(self, element: etree._Element, node: Node | None, path: Path) -> Any:
        if node and node.members:
            return self.object(element, node.by_name, path)
        self._attributes(element, path)
        if len(element):
            if node is None or (node.leaf and node.leaf.output_only):
                return etree.tostring(element, encoding="unicode", method="text").strip() or None
            self._fault("E503", "elements stand where plain text belongs", "write the text itself", path)
            return None
        if element.text and node and node.leaf and node.leaf.kind not in ("text", "code"):
            return element.text.strip()  # XML Schema drops blanks around numbers, dates and flags
        return element.text

    def _stray(self, element: etree._Element, path: Path) -> None:
        self._attributes(element, path)
        stray = "".join(filter(None, [element.text, *(child.tail for child in element)])).strip()
        if stray:
            self._fault("E521", f"the text {shown(stray)} stands between elements", "remove it", path)

    def _attributes(self, element: etree._Element, path: Path) -> None:
        for name in element.attrib:
            if name not in _IGNORED_ATTRIBUTES:
                self._fault("E521", f"Alma has no attribute {shown(name)} here", "remove it", path)

    def _fault(self, code: str, message: str, help: str, path: Path) -> None:
        self.faults.append(Fault(path, code, message, help))
