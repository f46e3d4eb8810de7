"""What a handler says, or a fault, → status, headers, bytes, and how the connection is treated."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from etl.simulator.call import Tree
from etl.simulator.errors import (
    DAILY,
    JSON_TYPE,
    PER_SECOND,
    SERVER_ERROR,
    UNAUTHORIZED,
    XML_TYPE,
    AlmaError,
    envelope,
    error_rows,
)
from etl.simulator.write_xml import write_xml

Wire = Literal["", "cut", "cut-within", "hang", "huge", "endless-headers"]
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_NO_TOTAL = re.compile(rb',? ?"total_record_count": ?[0-9]+| total_record_count="[0-9]+"')
# nine levels of tenfold entities: a gigabyte of text for a reader that expands them
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE po_line [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]><po_line><number>&a8;</number></po_line>"
).encode()


@dataclass(slots=True)
class Answer:
    """One answer.

    `wire`: what happens to the connection; `delay`: seconds before it is sent; `code` and `text` (Alma's
    message): for the log.
    """

    status: int
    body: bytes
    kind: str
    wire: Wire = ""
    delay: float = 0.0
    code: str = ""
    text: str = ""


def answer_tree(said: Tree, *, as_json: bool) -> Answer:
    """A handler's tree in the form the caller accepts."""
    if said.tree is None:
        return Answer(204, b"", "")
    if as_json and not said.always_xml and not isinstance(said.tree, str):
        return Answer(200, (said.json or json.dumps(said.tree, ensure_ascii=False)).encode(), JSON_TYPE)
    return Answer(200, write_xml(said.root, said.tree), XML_TYPE)


def answer_error(error: AlmaError, now: float, *, as_json: bool) -> Answer:
    """A refusal in Alma's envelope."""
    rows = error_rows(error.errors, now, tracked=error.tracked)
    return Answer(
        error.status,
        envelope(rows, as_json=as_json),
        _type(as_json),
        code=error.errors[0][0],
        text=" ".join(message.strip() for _, message in error.errors),
    )


def answer_invalid_key() -> Answer:
    """Captured: plain text, whatever is accepted."""
    return Answer(400, b"Invalid API Key", "text/plain", code="Invalid API Key")


def _type(as_json: bool) -> str:
    return JSON_TYPE if as_json else XML_TYPE


def fault_before(kind: str, now: float, *, as_json: bool, documented: tuple[str, str]) -> Answer:
    """The answer of a fault that strikes before anything is done."""
    errors = {
        "429": AlmaError(PER_SECOND, status=429, tracked=False),
        "429-as-400": AlmaError(PER_SECOND, tracked=False),
        "daily-limit": AlmaError(DAILY, status=429, tracked=False),
        "unauthorized": AlmaError(UNAUTHORIZED, tracked=False),
        "error-500": AlmaError(SERVER_ERROR, status=500),
        "no-tracking-id": AlmaError(documented, tracked=False),
        "error-with-200": AlmaError(documented, status=200),
        "two-errors": AlmaError(documented, SERVER_ERROR),
    }
    if kind in errors:
        return answer_error(errors[kind], now, as_json=as_json)
    if kind.startswith("alma-"):
        return answer_error(AlmaError(documented), now, as_json=as_json)
    if kind in ("single-error", "wrapped-error"):
        plain = answer_error(AlmaError(documented), now, as_json=as_json)
        return _odd_envelope(kind, plain) if as_json else plain  # in XML there is no other form
    others = {
        "invalid-key": answer_invalid_key(),
        "html-502": Answer(502, _HTML, "text/html", code="HTML 502"),
        "cut-before": Answer(0, b"", "", "cut"),
        "hang-before": Answer(0, b"", "", "hang"),
        "entity-bomb": Answer(200, _BOMB, XML_TYPE),
    }
    return others[kind]


def _odd_envelope(kind: str, plain: Answer) -> Answer:
    tree: dict[str, Any] = {**json.loads(plain.body), "result": None}
    if kind == "single-error":
        tree["errorList"]["error"] = tree["errorList"]["error"][0]
    plain.body = json.dumps(tree if kind == "single-error" else {"web_service_result": tree}).encode()
    return plain


def fault_after(kind: str, good: Answer, now: float, slow: float, *, as_json: bool) -> Answer:
    """A good answer that something happens to on its way."""
    if kind == "slow":
        good.delay = slow
    elif kind == "wrong-content-type":
        good.kind = "text/html;charset=UTF-8"
    elif kind == "unreadable":
        good.body = good.body[: len(good.body) // 2] or b"{"
    elif kind == "empty":
        good.body = b""
    elif kind == "error-500-after":
        return answer_error(AlmaError(SERVER_ERROR, status=500), now, as_json=as_json)
    elif kind == "unlisted-400-after":
        return answer_error(AlmaError(("402999", "The service has ended.")), now, as_json=as_json)
    elif kind == "unparsed-after":
        unparsed = ("402119", "Failed to parse the answer of the repository.")
        return answer_error(AlmaError(unparsed), now, as_json=as_json)
    elif kind == "no-total":
        good.body = _NO_TOTAL.sub(b"", good.body)
    elif kind == "html-502-after":
        return Answer(502, _HTML, "text/html", code="HTML 502")
    wires: dict[str, Wire] = {
        **dict.fromkeys(("cut-after", "reference-cut", "reference-bare"), "cut"),
        **dict.fromkeys(("created-shift", "listed-only"), "cut"),
        "cut-within": "cut-within",
        "hang-after": "hang",
        "huge-body": "huge",
        "endless-headers": "endless-headers",
    }
    good.wire = wires.get(kind, "")
    if good.status == 204 and (good.body or good.wire in ("huge", "cut-within")):
        good.status = 200  # HTTP 204 has no place for a body
    return good
