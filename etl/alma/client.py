"""Calls of Alma's acquisition API → what came of them.

One call is one request: what may be repeated, and when, is decided by who calls (`patience.py`,
`deliver.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from etl.alma.alma_clock import AlmaClock
from etl.alma.envelope import read_answer
from etl.alma.recovery import Kind, Operation, Verdict, judge, lost, not_sent, unreadable
from etl.alma.tree import Tree, members, text
from etl.alma.wire import Lost, NotSent, Sent, Transport
from etl.ledger.numbers import is_number

_LINES = "/almaws/v1/acq/po-lines"
_REQUESTS = "/almaws/v1/acq/purchase-requests"
_NEWEST_FIRST = {"order_by": "created_date", "direction": "desc"}
_PROOF = {
    "post_line": "number",
    "get_line": "number",
    "post_request": "request_id",
    "get_request": "request_id",
    "change_line": "number",
    "change_request": "request_id",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. `tree` is the document, if it was done and Alma sent one; `remaining` calls of
    today.
    """

    verdict: Verdict
    tree: Tree | None = None
    remaining: int | None = None

    @property
    def done(self) -> bool:
        return self.verdict.kind is Kind.DONE


class AlmaClient:
    """The calls this program makes. Safe to use from several threads."""

    def __init__(
        self,
        transport: Transport,
        *,
        profile_code: str | None = None,
        manual_review: bool = False,
        user_id_type: str | None = None,
    ) -> None:
        self._transport = transport
        self.clock = AlmaClock()
        self._line_query = {
            **({"profile_code": profile_code} if profile_code else {}),
            **({"requires_manual_review": "true"} if manual_review else {}),
        }
        self._user_query = {"user_id_type": user_id_type} if user_id_type else {}

    # -------------------------------------------------------------------------------- writing

    def post_line(self, payload: bytes) -> Outcome:
        """POST /acq/po-lines. The body is JSON or XML, and the answer comes back alike."""
        return self._call("post_line", "POST", _LINES, self._line_query, payload)

    def post_request(self, user: str, payload: bytes) -> Outcome:
        """POST /users/{user_id}/purchase-requests."""
        return self._call(
            "post_request", "POST", f"{_user(user)}/purchase-requests", self._user_query, payload
        )

    def decide(self, request_id: str, decision: Literal["approve", "reject"], body: bytes) -> Outcome:
        """POST /acq/purchase-requests/{id}?op=…, with approved_by or reject_reason in the body."""
        path = f"{_REQUESTS}/{_segment(request_id)}"
        return self._call(decision, "POST", path, {"op": decision}, body)

    def cancel(self, user: str, request_id: str) -> Outcome:
        """POST /users/{user_id}/purchase-requests/{id}?op=cancel."""
        path = f"{_user(user)}/purchase-requests/{_segment(request_id)}"
        return self._call("cancel", "POST", path, {"op": "cancel", **self._user_query})

    def change_line(self, number: str, document: bytes, *, redistribute: bool) -> Outcome:
        """PUT /acq/po-lines/{number}. `redistribute`: Alma spreads the new total over the funds it has."""
        query = {"redistribute_funds": "true"} if redistribute else {}
        return self._call("change_line", "PUT", f"{_LINES}/{_segment(number)}", query, document)

    def change_request(self, request_id: str, document: bytes) -> Outcome:
        """PUT /acq/purchase-requests/{id}."""
        path = f"{_REQUESTS}/{_segment(request_id)}"
        return self._call("change_request", "PUT", path, body=document)

    def cancel_line(self, number: str, query: Mapping[str, str]) -> Outcome:
        """DELETE /acq/po-lines/{number} with reason, comment, inform_vendor, override, bib."""
        return self._call("cancel_line", "DELETE", f"{_LINES}/{_segment(number)}", query)

    # -------------------------------------------------------------------------------- reading

    def line(self, number: str) -> Outcome:
        """GET /acq/po-lines/{number}."""
        return self._call("get_line", "GET", f"{_LINES}/{_segment(number)}")

    def lines(self, query: str, *, limit: int = 100, offset: int = 0) -> Outcome:
        """GET /acq/po-lines?q=…, the newest first, closed and cancelled ones included (`ALL` would leave out
        the closed).
        """
        asked = {"q": query, "status": "ALL_WITH_CLOSED", "limit": str(limit), "offset": str(offset)}
        return self._call("list_lines", "GET", _LINES, {**asked, **_NEWEST_FIRST})

    def request(self, request_id: str) -> Outcome:
        """GET /acq/purchase-requests/{id}."""
        return self._call("get_request", "GET", f"{_REQUESTS}/{_segment(request_id)}")

    def requests(self, **filters: str) -> Outcome:
        """GET /acq/purchase-requests/ with status, owning_library, citation_type, format, limit, offset."""
        return self._call("list_requests", "GET", f"{_REQUESTS}/", filters)

    def requests_of(self, user: str, *, limit: int = 100, offset: int = 0) -> Outcome:
        """GET /users/{user_id}/purchase-requests."""
        asked = {**self._user_query, "limit": str(limit), "offset": str(offset)}
        return self._call("list_requests", "GET", f"{_user(user)}/purchase-requests", asked)

    def reference(self, path: str, **query: str) -> Outcome:
        """GET of reference data: `path` (encoded) follows /almaws/v1, as /acq/funds or /conf/libraries."""
        return self._call("get_reference", "GET", f"/almaws/v1{path}", query)

    def institution(self) -> Outcome:
        """GET /acq/test: whose key it is; see `institution_code`."""
        return self.reference("/acq/test")

    # --------------------------------------------------------------------------------- inside

    def _call(
        self,
        operation: Operation,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Outcome:
        form = "application/xml" if body.lstrip().startswith(b"<") else "application/json"
        headers = {"Accept": form, "User-Agent": "alma-orderdesk"}
        if body:
            headers["Content-Type"] = f"{form}; charset=UTF-8" if form.endswith("xml") else form
        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        try:
            received = self._transport(Sent(method, target, headers, body))
        except NotSent as error:
            return Outcome(not_sent(str(error)))
        except Lost as error:
            return Outcome(lost(operation, str(error)))
        self.clock.hear(received.headers.get("date", ""))
        answer = read_answer(received)
        verdict = judge(operation, answer)
        proof = _PROOF.get(operation)
        if verdict.kind is Kind.DONE and proof and not is_number(text(answer.tree, proof)):
            verdict = unreadable(operation, f"HTTP {answer.status} without {proof}: {answer.excerpt}")
        done = verdict.kind is Kind.DONE
        return Outcome(verdict, answer.tree if done else None, answer.remaining)


def institution_code(tree: Tree | None) -> str:
    """`GET - OK - institutionCode: 01ABC_INST`, in XML whatever is asked for; "" when it says none."""
    return text(tree, "value").partition("institutionCode:")[2].strip()


def listed_lines(tree: Tree | None) -> list[Any]:
    """The rows of a list of order lines."""
    return members(tree, "po_line")


def listed_requests(tree: Tree | None) -> list[Any]:
    """The rows of a list of purchase requests: one client's author met the key `user_request`."""
    return members(tree, "purchase_request") or members(tree, "user_request")


def total(tree: Tree | None) -> int | None:
    """How many there are in all, if Alma says it."""
    said = text(tree, "total_record_count")
    return int(said) if said.isdecimal() else None


def _user(identifier: str) -> str:
    return f"/almaws/v1/users/{_segment(identifier)}"


def _segment(value: str) -> str:
    """One segment of a path: a slash, a blank or an umlaut in an identifier changes nothing else."""
    quoted = quote(value, safe="")
    return {".": "%2E", "..": "%2E%2E"}.get(quoted, quoted)
