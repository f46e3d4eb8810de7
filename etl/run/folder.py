"""The trace a run leaves: report.json, every problem, and every record that did not become a payload.

    report.json      counts and sums
    problems.ndjson  every problem, one per line
    rejected.ndjson  every rejected record: where, why, its values or where its bytes are kept
    held.ndjson      every held document and its reasons; payloads under held/
    skipped.ndjson   records passed over by `when`
    raw/             bytes of records that could not be read, one file per input

New files are made in a hidden folder inside and take the place of the last run's at the end, report.json as
the last: where it is, the folder is one run's and whole. Files that no run made are left alone. What is in
it is private to its owner: order data names people and accounts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TextIO

from etl.identity import HOLDS
from etl.own_files import OwnFolder, keep_aside
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.records import Rejected
from etl.run.naming import name_of
from etl.run.outcomes import Held, SourceRow
from etl.run.report import Report, Stop
from etl.shown import shown_json

_REPORT = "report.json"
_MARK = ".etl-report"
_WORDS = (
    "Written by etl: the files named below are replaced by the next run. Other files here are left alone."
)
_RESERVED = 64 * 1024
"""Bytes kept free for report.json before the first document is delivered: a report is never lost after that.
"""


class ReportFolder:
    """Context manager; the new report is in its place when `finish` has been called.

    Until `delivering` a disk that takes no report refuses the run, and the folder stays as it was. After that
    the report of this run is kept whatever happens, in its place or beside it, and nothing here raises any
    more: `trouble` says what is wrong with the disk.
    """

    def __init__(self, place: Path) -> None:
        self.place = self.found = place
        self.trouble: OSError | None = None
        self._delivering = self._finished = False
        self._streams: dict[str, TextIO] = {}
        self._raw: dict[str, str] = {}
        self._open: tuple[str, BinaryIO] | None = None
        """The file in raw/ that is written to, by its input: one is open, however many there are."""
        with self.writing():
            self._folder = OwnFolder(place, _MARK, _WORDS, _REPORT)
        self.work = self._folder.work
        self.warnings = [_left_behind(place, left) for left in self._folder.left]
        self.problem("")  # the file exists even when there is nothing to say

    def __enter__(self) -> ReportFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what does not go to the disk any more is thrown away with the rest
            self._close()
        if not self._delivering:
            self._folder.discard()
        elif self.work.exists():
            keep_aside(self.work, self.place)  # a fault of ours in the middle: it says how far we came
        self._folder.close()

    @property
    def refused(self) -> bool:
        """No report can be written, and nothing was delivered: there will be none."""
        return self.trouble is not None and not self._delivering

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around all that is written in here. Raises Refusal (E604) when the disk does not take it and
        nothing has been delivered yet.
        """
        try:
            yield
        except OSError as error:
            self.trouble = self.trouble or error
            if not self._delivering:
                raise Refusal(cannot_write(self.place, error)) from None

    def delivering(self, report: Report) -> None:
        """From here on the report is kept. Everything so far is put on the disk, with room for the end.

        Raises Refusal (E604) when there is no such room.
        """
        with self.writing():
            self._folder.look()
            for stream in self._streams.values():
                stream.flush()
                os.fsync(stream.fileno())
            self._close_raw()
            with _private(self.work / _REPORT) as reserved:
                reserved.write(_text(report, finished=False).ljust(_RESERVED))
                reserved.flush()
                os.fsync(reserved.fileno())
        self._delivering = True

    def finish(self, report: Report) -> Problem | None:
        """Write report.json and put everything in its place.

        What went wrong with it, if something was delivered: the report says so too, and is kept in another
        place, which is named (`found`). Raises Refusal (E604) if nothing was.
        """
        self._finished = True
        with self.writing():
            self._close()
        with self.writing():
            self._end(report)
            if self.trouble is None:
                self._folder.put_in_place()
        if self.trouble is None:
            return None
        report.stop = report.stop or Stop.OTHER
        with suppress(OSError):  # the disk takes nothing any more: what it has is true but for this
            self._end(report)
        self.found = keep_aside(self.work, self.place)
        return cannot_write(self.place, self.trouble, self.found)

    def _end(self, report: Report) -> None:
        """report.json over the room that was kept for it."""
        with _private(self.work / _REPORT, os.O_RDWR | os.O_CREAT) as stream:
            stream.write(_text(report, finished=self.trouble is None))
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())

    def problem(self, problem: Problem | str) -> None:
        if self._finished:  # that the report has no place is said on the terminal alone
            return
        with self.writing():
            stream = self._stream("problems.ndjson")
            if isinstance(problem, Problem):
                stream.write(shown_json(json.dumps(problem.as_dict(), ensure_ascii=False)) + "\n")

    def unreadable(self, file: str, rejected: Rejected) -> None:
        """Keep the bytes of a record no connector could read."""
        with self.writing():
            kept = self._keep(file, rejected.raw)
        codes = _codes(rejected.problems)
        self._line("rejected.ndjson", {"file": file, "record": rejected.record, "codes": codes, "raw": kept})

    def _keep(self, file: str, raw: bytes) -> dict[str, Any]:
        if file not in self._raw:
            (self.work / "raw").mkdir(mode=0o700, exist_ok=True)
            self._raw[file] = f"raw/{len(self._raw) + 1}-{name_of((Path(file).name,))}"
        name = self._raw[file]
        if self._open is None or self._open[0] != file:
            self._close_raw()
            self._open = file, _private(self.work / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        stream = self._open[1]
        kept = {"file": name, "offset": stream.seek(0, os.SEEK_END), "length": len(raw)}
        stream.write(raw)
        return kept

    def rejected(self, rows: Iterable[SourceRow], problems: Iterable[Problem]) -> None:
        """A record that was read, but made no document."""
        codes = _codes(problems)
        for row in rows:
            self._line("rejected.ndjson", {**_where(row), "codes": codes, "values": _values(row)})

    def held(self, rows: Iterable[SourceRow], held: Held) -> None:
        """A document for a person, with its reasons."""
        payload = None
        if held.payload is not None:
            payload = f"held/{held.name}.{'xml' if held.payload.startswith(b'<') else 'json'}"
            with self.writing():
                (self.work / "held").mkdir(mode=0o700, exist_ok=True)
                with _private(self.work / payload) as stream:
                    stream.write(held.payload)
        self._line(
            "held.ndjson",
            {
                "key": held.key,
                "payload": payload,
                "reasons": [problem.message for problem in held.problems],
                "codes": _codes(held.problems),
                "records": [{**_where(row), "values": _values(row)} for row in rows],
            },
        )

    def skipped(self, row: SourceRow) -> None:
        self._line("skipped.ndjson", {**_where(row), "values": _values(row)})

    # ------------------------------------------------------------------------------------ inside

    def _line(self, name: str, entry: dict[str, Any]) -> None:
        with self.writing():
            self._stream(name).write(shown_json(json.dumps(entry, ensure_ascii=False, default=str)) + "\n")

    def _stream(self, name: str) -> TextIO:
        if name not in self._streams:
            made = _private(self.work / name)
            self._streams[name] = TextIOWrapper(made, encoding="utf-8", newline="\n")
        return self._streams[name]

    def _close(self) -> None:
        with ExitStack() as closing:  # each of them, whatever the others say
            for stream in self._streams.values():
                closing.callback(stream.close)
            closing.callback(self._close_raw)

    def _close_raw(self) -> None:
        """All of it on the disk."""
        if self._open is not None:
            (_, stream), self._open = self._open, None
            with stream:
                stream.flush()
                os.fsync(stream.fileno())


def _text(report: Report, *, finished: bool) -> bytes:
    """report.json. One that is not `finished` counts what was mapped: its run ended before it could say
    more.
    """
    whole = {**report.as_dict(), "finished": finished}
    return shown_json(json.dumps(whole, ensure_ascii=False, indent=2)).encode() + b"\n"


def cannot_write(place: Path, error: OSError, kept: Path | None = None) -> Problem:
    """E604, for a report that could not be written, or not put in its place: then it was `kept` elsewhere."""
    return Problem(
        "E604",
        f"cannot write the report: {_why(error)}" + (f'; what there is of it is in "{kept}"' if kept else ""),
        mapping=MappingPlace(str(place)),
        help="see to it that the folder can be written to and has room, or name another with --report; "
        "then run again: what Alma has already is not sent twice",
    )


def _left_behind(place: Path, left: Path) -> Problem:
    return Problem(
        "E614",
        "a run before this one was killed while it delivered",
        Severity.WARNING,
        mapping=MappingPlace(str(place)),
        help=f'what it left is in "{left}": its report.json says what it had mapped. Run its input again to '
        "deliver the rest; then the folder can go",
    )


def _why(error: OSError) -> str:
    # mkdir says "File exists" where a file stands in the place of a folder
    if isinstance(error, FileExistsError):
        return "a file stands where a folder is needed" if error.errno else str(error)
    return str(error.strerror)


def _private(path: Path, flags: int = os.O_WRONLY | os.O_CREAT | os.O_TRUNC) -> BinaryIO:
    return os.fdopen(os.open(path, flags, 0o600), "r+b" if flags & os.O_RDWR else "wb")


def _codes(problems: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(problem.code for problem in problems))


def _where(row: SourceRow) -> dict[str, Any]:
    where: dict[str, Any] = {"file": row.file, "record": row.record}
    if row.line is not None:
        where["line"] = row.line
    if row.offset is not None:
        where["offset"] = row.offset
    return where


def _values(row: SourceRow) -> dict[str, Any]:
    filled = ((name, value) for name, value in row.values.items() if value not in (None, "", []))
    return {name: value for name, value in filled if name != HOLDS}
