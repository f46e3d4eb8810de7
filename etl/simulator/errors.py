"""What Alma refuses → the envelope it says so in, JSON or XML.

The envelope alone has a namespace in XML, and limit errors carry no tracking id: both as captured.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "http://com/exlibris/urm/general/xmlbeans"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
JSON_TYPE = "application/json;charset=UTF-8"
XML_TYPE = "application/xml;charset=UTF-8"

# the strings are captured from Alma, odd spacing included
PER_SECOND = (
    "PER_SECOND_THRESHOLD",
    "HTTP requests are more than allowed per second. See https://goo.gl/2x1c1M ",
)
DAILY = ("DAILY_THRESHOLD", "Daily API limit for your institution is used up. See https://goo.gl/2x1c1M ")
UNAUTHORIZED = ("UNAUTHORIZED", "API-key not defined or not configured to allow this API.")
SERVER_ERROR = (
    "INTERNAL_SERVER_ERROR",
    "\nThe web server encountered an unexpected condition that prevented it from fulfilling the request. "
    "If the error persists, please use the unique tracking ID when reporting it.",
)


class AlmaError(Exception):
    """Alma's refusal of a call: nearly always HTTP 400, whatever the cause.

    `errors` are (code, message) pairs.
    """

    def __init__(self, *errors: tuple[str, str], status: int = 400, tracked: bool = True) -> None:
        super().__init__("; ".join(f"{code} {message}" for code, message in errors))
        self.errors, self.status, self.tracked = errors, status, tracked


class Misasked(Exception):  # noqa: N818 - an answer
    """Something that only the simulator can be asked for, and has not: plain text, no envelope."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def tracking_id(now: float) -> str:
    """An id of Alma's pattern: E01-DDMMhhmmss-XXXXX-AWAE<digits>, time in UTC."""
    letters = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=5))  # noqa: S311 - not a secret
    stamp = time.strftime("%d%m%H%M%S", time.gmtime(now))
    return f"E01-{stamp}-{letters}-AWAE{random.randrange(10**9):09d}"  # noqa: S311


def error_rows(
    errors: Sequence[tuple[str, str]], now: float, *, tracked: bool = True
) -> list[dict[str, str]]:
    """The members of `errorList.error`."""
    rows = [{"errorCode": code, "errorMessage": message} for code, message in errors]
    if tracked:
        for row in rows:
            row["trackingId"] = tracking_id(now)
    return rows


def envelope(rows: Sequence[dict[str, str]], *, as_json: bool) -> bytes:
    """The envelope's bytes in the form the caller accepts."""
    if as_json:
        tree: dict[str, Any] = {"errorsExist": True, "errorList": {"error": list(rows)}}
        return json.dumps(tree, ensure_ascii=False).encode()
    inner = "".join(
        "<error>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in row.items()) + "</error>"
        for row in rows
    )
    return (
        f'{DECLARATION}<web_service_result xmlns="{NAMESPACE}"><errorsExist>true</errorsExist>'
        f"<errorList>{inner}</errorList></web_service_result>"
    ).encode()
