"""Settings → an ASGI application that answers as Alma does.

The order of things for each request: host, key, permission, thresholds, faults that strike before, the
operation, faults that strike after. The page for people and the JSON for tests live beside /almaws and
need no key.
"""

from __future__ import annotations

import random
import string
import traceback
from email.utils import formatdate
from time import perf_counter
from urllib.parse import parse_qsl

from etl.simulator.answer import (
    Answer,
    answer_error,
    answer_invalid_key,
    answer_tree,
    fault_after,
    fault_before,
)
from etl.simulator.call import Call, Operation, Request, wants_json
from etl.simulator.errors import SERVER_ERROR, AlmaError, Misasked
from etl.simulator.faults import AFTER, BEFORE, Faults
from etl.simulator.gate import Gate, InvalidKey, check_permission, key_of
from etl.simulator.hosts import Elsewhere, check_host, check_origin, path_of
from etl.simulator.institution_parts import ApiKey
from etl.simulator.kept_otherwise import keep_otherwise
from etl.simulator.operations import PREFIX, find_operation
from etl.simulator.page import side_page
from etl.simulator.request_log import RequestLog
from etl.simulator.settings import Settings
from etl.simulator.wire import Headers, Message, Receive, Send, deliver
from etl.simulator.world import World

_PAGE: Headers = [
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_LETTERS = string.ascii_letters + string.digits


class Simulator:
    """One Alma, as an ASGI application. `log`, `world` and `faults` may be read by tests."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.world = World(settings)
        self.gate = Gate(settings.limits, self.world.store)
        self.faults = Faults(settings.faults)
        self.log = RequestLog(settings.log_size)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            raise RuntimeError(f"the simulator speaks HTTP, not {scope['type']}")
        request, whole = await _request(scope, receive, self.settings.largest_body)
        elsewhere = self._elsewhere(scope, request)
        if elsewhere is not None:
            answer = Answer(elsewhere.status, str(elsewhere).encode(), "text/plain")
        elif not whole:
            answer = Answer(413, b"body too large", "text/plain")
        elif request.path.startswith(PREFIX):
            answer = self.answer(request)
        else:
            answer = side_page(self, request)
        of_alma = elsewhere is None and request.path.startswith(PREFIX)
        await deliver(answer, self._headers(answer, of_alma=of_alma), send, receive)

    def close(self) -> None:
        """Close the state file."""
        self.world.store.close()

    def _elsewhere(self, scope: Message, request: Request) -> Elsewhere | None:
        """Why a request is not for this server, whatever it asks."""
        names, port = self.settings.hosts, (scope.get("server") or (None, None))[1]
        try:
            check_host(scope["headers"], port, names, scope.get("raw_path") or b"/")
            if request.method not in ("GET", "HEAD"):
                check_origin(request.headers, port, names)
        except Elsewhere as elsewhere:
            return elsewhere
        return None

    # ------------------------------------------------------------------------------------- answers

    def answer(self, request: Request) -> Answer:
        """What Alma says to one request, and what the log keeps of it."""
        began, now = perf_counter(), self.world.now
        as_json = wants_json(request.headers, request.query)
        call: Call | None = None
        fault = ""
        try:
            operation, arguments, key = self._let_in(request, now)
            host = "http://" + request.headers.get("host", "127.0.0.1")
            call = Call(request, operation, arguments, host, key.vendors)
            fault = self.faults.choose(request)
            answer = self._faulty(call, fault, now, as_json)
        except InvalidKey:
            answer = answer_invalid_key()
        except AlmaError as error:
            answer = answer_error(error, now, as_json=as_json)
        except Misasked as error:
            answer = Answer(error.status, str(error).encode(), "text/plain", text=str(error))
        except Exception as error:  # noqa: BLE001 - a client must get an answer, a person must get the cause
            answer = _broken(error, call, now, as_json)
        self._log(request, call, answer, fault, now, perf_counter() - began)
        return answer

    def _let_in(self, request: Request, now: float) -> tuple[Operation, dict[str, str], ApiKey]:
        key = key_of(request, self.settings.institution)
        found = find_operation(request.method, request.path)
        if isinstance(found, int):
            what = "method" if found == 405 else "path"
            raise Misasked(found, f"no such {what} in the simulator: {request.method} {request.path}")
        operation, arguments = found
        check_permission(key, operation.area, request.method)
        self.gate.pass_through(now)
        return operation, dict(arguments), key

    def _faulty(self, call: Call, fault: str, now: float, as_json: bool) -> Answer:
        if fault in BEFORE or fault.startswith("alma-"):
            if fault == "daily-limit":
                self.gate.spend_day()
            return fault_before(fault, now, as_json=as_json, documented=_documented(call.operation, fault))
        call.date_shift = fault == "date-shift"
        answer = self._operate(call, as_json)
        keep_otherwise(self.world, call, fault)
        if fault in AFTER:
            return fault_after(fault, answer, now, self.settings.timing.slow, as_json=as_json)
        return answer

    def _operate(self, call: Call, as_json: bool) -> Answer:
        unknown = [
            name
            for name in call.request.query
            if name not in call.operation.query and name not in ("apikey", "format")
        ]
        call.notes.extend(f"unknown parameter {name}" for name in unknown)
        try:
            said = call.operation.handler(self.world, call)
        except AlmaError as error:
            return answer_error(error, self.world.now, as_json=as_json)
        return answer_tree(said, as_json=as_json)

    # ----------------------------------------------------------------------------- headers and log

    def _headers(self, answer: Answer, *, of_alma: bool) -> Headers:
        headers: Headers = [(b"date", formatdate(self.world.now, usegmt=True).encode())]
        headers += [(b"server", b"Layer7-API-Gateway")] if of_alma else []
        if answer.kind:
            headers.append((b"content-type", answer.kind.encode()))
        if of_alma:
            word = "".join(random.choices(_LETTERS, k=10))  # noqa: S311 - a request's name, not a secret
            headers.append((b"x-request-id", word.encode()))
            headers.append((b"x-exl-api-remaining", b"%d" % self.gate.remaining()))
        else:
            headers += _PAGE
        return headers

    def _log(
        self, request: Request, call: Call | None, answer: Answer, fault: str, now: float, seconds: float
    ) -> None:
        self.log.add(
            request,
            time=now,
            status=answer.status if answer.wire not in ("cut", "hang") else 0,
            code=answer.code,
            text=answer.text,
            fault=fault,
            saved=call.saved if call else "",
            notes=call.notes if call else [],
            seconds=seconds,
        )


def _broken(error: Exception, call: Call | None, now: float, as_json: bool) -> Answer:
    """A bug of the simulator: Alma's server error to the client, the cause in the log and on stderr."""
    traceback.print_exception(error)
    if call is not None:
        call.notes.append(f"a bug in the simulator: {type(error).__name__}: {error}")
        call.saved = ""
    return answer_error(AlmaError(SERVER_ERROR, status=500), now, as_json=as_json)


def _documented(operation: Operation, fault: str) -> tuple[str, str]:
    """The refusal a fault answers: alma-<code>'s own, else General error."""
    code = fault.removeprefix("alma-") if fault.startswith("alma-") else operation.general
    if code == SERVER_ERROR[0]:
        return SERVER_ERROR
    return code, operation.errors.get(code, "General error.").replace("{}", "X")


async def _request(scope: Message, receive: Receive, largest: int) -> tuple[Request, bool]:
    """The request with its body, and whether the body was read whole."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more and size <= largest:
        message = await receive()
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        more = message.get("more_body", False)
    raw = path_of(scope.get("raw_path") or scope["path"].encode())
    query = dict(
        reversed(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True))
    )
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = raw.partition(b"?")[0].decode("latin-1")
    return Request(scope["method"], path, query, headers, b"".join(chunks)), size <= largest


def make_app(settings: Settings | None = None) -> Simulator:
    """The application. Loads the shipped institution unless the settings name another."""
    return Simulator(settings or Settings())
