"""yaml-language-server over its standard streams: what an editor is told about a mapping, and offered at a place.

Every question is answered in order, and diagnostics come for every version of a document that is opened, so nothing
here waits for a time.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CURSOR = "‸"


class LanguageServer:
    """One running server. `schema` is the file that every document is opened with."""

    def __init__(self, process: subprocess.Popen[bytes], schema: Path) -> None:
        self._process, self._modeline = process, f"# yaml-language-server: $schema={schema}\n"
        self._asked = self._opened = 0
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self._send({"method": "initialized", "params": {}})

    def problems(self, text: str) -> list[str]:
        """What the editor underlines: the text underlined, and what is said of it."""
        uri, lines = self._open(text)
        while True:
            message = self._receive()
            params = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri:
                break
        return [f"{_underlined(one, lines)}: {one['message']}" for one in params["diagnostics"]]

    def offered(self, text: str) -> dict[str, str]:
        """What is offered where the cursor `‸` stands: label → what is said of it."""
        before = text.partition(CURSOR)[0].split("\n")
        uri, _ = self._open(text.replace(CURSOR, ""))
        place = {"line": len(before), "character": len(before[-1])}
        found = self._ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place})
        return {one["label"]: _plain(one.get("documentation", "")) for one in found["items"]}

    def hover(self, text: str) -> str:
        """What is shown when the mouse rests where the cursor `‸` stands."""
        before = text.partition(CURSOR)[0].split("\n")
        uri, _ = self._open(text.replace(CURSOR, ""))
        place = {"line": len(before), "character": len(before[-1])}
        found = self._ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        return _plain(found["contents"]) if found else ""

    def _open(self, text: str) -> tuple[str, list[str]]:
        self._opened += 1
        uri, whole = f"file:///mapping-{self._opened}.yaml", self._modeline + text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": whole}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return uri, whole.split("\n")

    def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> Any:
        """The next message that is no question. Questions are for settings: no schemas of others, else defaults."""
        assert self._process.stdout
        while True:
            header = self._process.stdout.readline()
            assert header, f"the server has ended: {self._process.wait()}"
            length = int(header.removeprefix(b"Content-Length: "))
            while self._process.stdout.readline().strip():
                pass
            message = json.loads(self._process.stdout.read(length))
            if "method" not in message or "id" not in message:
                return message
            asked = message.get("params", {}).get("items", [])
            ours = {"yaml": {"schemaStore": {"enable": False}}}
            self._send({"id": message["id"], "result": [ours.get(one.get("section")) for one in asked]})


def _plain(said: Any) -> str:
    return said if isinstance(said, str) else str(said.get("value", ""))


def _underlined(problem: Mapping[str, Any], lines: list[str]) -> str:
    start, end = problem["range"]["start"], problem["range"]["end"]
    same = start["line"] == end["line"]
    return lines[start["line"]][start["character"] : end["character"] if same else None]


@contextmanager
def language_server(program: str, schema: Path) -> Iterator[LanguageServer]:
    """Start it, and see to it that it ends. `program` is its JavaScript file."""
    command = ["node", program, "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield LanguageServer(process, schema)
        finally:
            process.kill()
