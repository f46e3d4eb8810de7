"""Items → one line each on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from etl.interruption import interruption
from etl.plugin import Item, Receipt, Refusal, Sink
from etl.problems import output_gone


class StdoutSink(Sink):
    """NDJSON (or, with format: xml, documents one after another) on standard output."""

    name: ClassVar[str] = "stdout"
    keeps: ClassVar[bool] = False
    summary: ClassVar[str] = "payloads on standard output, one JSON document a line"

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        return "xml" if options.format == "xml" else "json-line"

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt]:
        del options, base
        for item in items:
            try:
                with interruption.breaking():  # a reader that has stopped reading may block it for ever
                    sys.stdout.buffer.write(item.payload)
                    sys.stdout.buffer.flush()
            except OSError as error:
                yield Receipt(item.key, "unknown", "-")
                problem = output_gone(error)
                part = f"a part of {' + '.join(item.key)} may have got out; {problem.help}"
                raise Refusal(replace(problem, help=part)) from None
            yield Receipt(item.key, "written", "-")
