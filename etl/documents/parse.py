"""Payload bytes, JSON or XML → a document, or everything that is wrong with them.

Takes what Alma writes and its documentation shows as well as our own payloads: `link` and `desc`
(ignored by Alma on input), numbers and booleans given as text, empty strings, the empty fund entry of
responses without funds. Other fields that Alma fills are faults: such a file is a response, not an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from etl.documents.build import build
from etl.documents.money import sent_amount
from etl.documents.parse_json import read_json
from etl.documents.parse_xml import read_xml
from etl.documents.parts import Part
from etl.plugin import Fault

Document = TypeVar("Document", bound=Part)

_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte order marks, blanks, the zeros of UTF-16


def parse(model: type[Document], root: str, payload: bytes) -> Document | list[Fault]:
    """Read `payload` as a document of `model`; `root` is the name of the XML root element."""
    is_xml = payload.lstrip(_BEFORE_MARKUP).startswith(b"<")
    values = read_xml(payload, model, root) if is_xml else read_json(payload)
    if isinstance(values, list):
        return values
    return build(model, _without_decoration(values))


def _without_decoration(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without `link` and `desc` at any depth, and without `portfolios` that holds none."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("link", "desc"):
            continue
        if name == "portfolios" and isinstance(value, Mapping) and not value.get("portfolio"):
            continue  # {"portfolio": [], "total_record_count": 0} in every response
        kept[name] = _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_decoration(sent_amount(value))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
