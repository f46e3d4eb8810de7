"""The trace a run leaves: report.json, every problem, and every record that did not become a payload.

    report.json      counts and sums
    problems.ndjson  every problem, one per line
    rejected.ndjson  every rejected record: where, why, its values or where its bytes are kept
    held.ndjson      every held document and its reasons; payloads under held/
    skipped.ndjson   records passed over by `when`
    raw/             bytes of records that could not be read, one file per input

The folder is made beside its place and moved there when complete, so that a reader never sees half of
it. It is private to its owner: order data names people and accounts.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TextIO

from etl.problems import MappingPlace, Problem, Refusal
from etl.records import Rejected
from etl.run.naming import name_of
from etl.run.outcomes import Held, SourceRow
from etl.run.report import Report

_MARK = "report.json"


class ReportFolder:
    """Context manager; the folder appears when `finish` has been called, whatever happened before."""

    def __init__(self, place: Path) -> None:
        self.place = place
        if place.exists() and (
            not place.is_dir() or (any(place.iterdir()) and not (place / _MARK).is_file())
        ):
            raise Refusal(
                Problem(
                    "E603",
                    f'"{place}" is not a report folder, so it is not replaced',
                    mapping=MappingPlace(str(place)),
                    help="name another folder with --report",
                )
            )
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _clear_remains(place)
            self._new = Path(tempfile.mkdtemp(prefix=f".{place.name}-{os.getpid()}-", dir=place.parent))
        except OSError as error:
            raise _cannot(place, error) from None
        self.work = self._new
        self._streams: dict[str, TextIO] = {}
        self._raw: dict[str, tuple[str, BinaryIO]] = {}
        self.problem("")  # the file exists even when there is nothing to say

    def __enter__(self) -> ReportFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what does not go to the disk any more is thrown away with the rest
            self._close()
        shutil.rmtree(self._new, ignore_errors=True)  # already moved away if all went well

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around all that is written in here. Raises Refusal (E604) when the disk does not take it."""
        try:
            yield
        except OSError as error:
            raise _cannot(self.place, error) from None

    def problem(self, problem: Problem | str) -> None:
        with self.writing():
            stream = self._stream("problems.ndjson")
            if isinstance(problem, Problem):
                stream.write(json.dumps(problem.as_dict(), ensure_ascii=False) + "\n")

    def unreadable(self, file: str, rejected: Rejected) -> None:
        """Keep the bytes of a record no connector could read."""
        with self.writing():
            kept = self._keep(file, rejected.raw)
        codes = _codes(rejected.problems)
        self._line("rejected.ndjson", {"file": file, "record": rejected.record, "codes": codes, "raw": kept})

    def _keep(self, file: str, raw: bytes) -> dict[str, Any]:
        if file not in self._raw:
            folder = self._new / "raw"
            folder.mkdir(exist_ok=True)
            name = f"{len(self._raw) + 1}-{name_of((Path(file).name,))}"
            self._raw[file] = (f"raw/{name}", (folder / name).open("wb"))
        name, stream = self._raw[file]
        kept = {"file": name, "offset": stream.tell(), "length": len(raw)}
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
                (self._new / "held").mkdir(exist_ok=True)
                (self._new / payload).write_bytes(held.payload)
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

    def finish(self, report: Report) -> None:
        """Write report.json and put the folder in its place."""
        text = json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n"
        with self.writing():
            (self._new / _MARK).write_text(text, encoding="utf-8")
            self._close()
            self._put_in_place()

    def _put_in_place(self) -> None:
        if self.place.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{self.place.name}-old-", dir=self.place.parent))
            self.place.rename(old / "report")
            self._new.rename(self.place)
            shutil.rmtree(old)
        else:
            self._new.rename(self.place)

    # ------------------------------------------------------------------------------------ inside

    def _line(self, name: str, entry: dict[str, Any]) -> None:
        with self.writing():
            self._stream(name).write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")

    def _stream(self, name: str) -> TextIO:
        if name not in self._streams:
            self._streams[name] = (self._new / name).open("w", encoding="utf-8", newline="\n")
        return self._streams[name]

    def _close(self) -> None:
        with ExitStack() as closing:  # each of them, whatever the others say
            for stream in self._streams.values():
                closing.callback(stream.close)
            for _, raw in self._raw.values():
                closing.callback(raw.close)


def _cannot(place: Path, error: OSError) -> Refusal:
    return Refusal(
        Problem(
            "E604",
            f"cannot write the report: {_why(error)}",
            mapping=MappingPlace(str(place)),
            help="see to it that the folder can be written to and has room, or name another with --report; "
            "then run again: what Alma has already is not sent twice",
        )
    )


def _clear_remains(place: Path) -> None:
    """Unfinished folders of runs that were killed: they hold order data and nobody will finish them."""
    for left in place.parent.glob(f".{place.name}-*-*"):
        pid = left.name.removeprefix(f".{place.name}-").split("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)  # another run may be clearing it too


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _why(error: OSError) -> str:
    # mkdir says "File exists" where a file stands in the place of a folder
    return (
        "a file stands where a folder is needed"
        if isinstance(error, FileExistsError)
        else str(error.strerror)
    )


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
    return {name: value for name, value in row.values.items() if value not in (None, "", [])}
