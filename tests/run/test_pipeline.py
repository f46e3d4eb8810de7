"""Plan + sources + sink → report: nothing disappears, and the sums add up."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from etl.plan.compile import compile_plan
from etl.plugin import Item, Problem, Receipt, Refusal, Sink, Source, Totals
from etl.problems import DataPlace, LedgerRefusal, Unavailable
from etl.registry import Registry
from etl.run.folder import ReportFolder
from etl.run.outcomes import SourceRow
from etl.run.pipeline import Delivery, Ran, run
from etl.run.report import Report
from etl.sinks.files import FilesOptions, FilesSink
from etl.spec.load import load

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv}
key: [order, rad]
when: "{{ antal | integer > 0 }}"
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  price: {sum: "{{ pris | amount('sv') }}", currency: SEK}
  resource_metadata: {title: "{{ titel }}", isbn: "{{ isbn | isbn13 }}"}
  fund_distribution:
    - {fund_code: BOOKS, amount: {sum: "{{ pris | amount('sv') * antal | integer }}", currency: SEK}}
  location: [{library: MAIN, shelving_location: STACK, quantity: "{{ antal }}"}]
checks:
  - {if: "{{ pris | amount('sv') > 1000 }}", hold: "price above 1000"}
"""
HEAD = "order;rad;titel;isbn;pris;antal\n"
GOOD = "A;1;Ett;978-91-999990-1-2;100,00;2\nA;2;Två;;50,50;1\n"


def ran(tmp_path: Path, data: str | bytes, more: str = "", sink: Sink | None = None, **options: Any) -> Ran:
    (tmp_path / "m.yaml").write_text(MAPPING + more, encoding="utf-8")
    raw = (HEAD + data).encode() if isinstance(data, str) else data
    path = tmp_path / "in.csv"
    path.write_bytes(raw)
    source = Source("in.csv", lambda: path.open("rb"), len(raw))
    plan = compile_plan(
        load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11), samples=[source]
    )
    sink = sink or FilesSink()
    checked = sink.Options.model_validate(
        {"directory": "out", **options} if isinstance(sink, FilesSink) else options
    )
    return run(plan, [source], Delivery(sink, checked, tmp_path), tmp_path / "report")


def lines(tmp_path: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "report" / name).read_text().splitlines()]


def test_every_record_has_one_end_and_the_sums_add_up(tmp_path: Path) -> None:
    bad = "A;3;Tre;978-91-999990-1-3;1,00;1\nA;4;Fyra;;2000,00;1\nA;5;Fem;;1,00;0\nA;6;too;many;cells;1;1;1\nA;1;Ett;978-91-999990-1-2;100,00;2\n"
    report = ran(tmp_path, GOOD + bad).report
    assert report.read == 7
    assert dict(report.records) == {"written": 2, "rejected": 3, "held": 1, "skipped": 1}
    assert report.sums["written"] == Totals(3, {"SEK": Decimal("250.50")})
    assert report.sums["held"] == Totals(1, {"SEK": Decimal("2000.00")})
    assert report.discrepancies() == []
    assert report.exit_code == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["A_1.json", "A_2.json"]


def test_what_was_not_delivered_leaves_a_trace(tmp_path: Path) -> None:
    ran(tmp_path, GOOD + "A;3;Tre;x;1,00;1\nA;4;Fyra;;2000,00;1\nA;5;Fem;;1,00;0\nA;6;a;b;1;1;1;1\n")
    rejected = lines(tmp_path, "rejected.ndjson")
    assert [(entry["record"], entry["line"]) for entry in rejected if "values" in entry] == [(3, 4)]
    raw = next(entry["raw"] for entry in rejected if "raw" in entry)
    kept = (tmp_path / "report" / raw["file"]).read_bytes()[raw["offset"] : raw["offset"] + raw["length"]]
    assert kept.rstrip(b"\n") == b"A;6;a;b;1;1;1;1"
    held = lines(tmp_path, "held.ndjson")[0]
    assert held["reasons"] == ["price above 1000"]
    assert json.loads((tmp_path / "report" / held["payload"]).read_bytes())["price"]["sum"] == "2000.00"
    assert lines(tmp_path, "skipped.ndjson")[0]["record"] == 5
    assert not (tmp_path / "out" / "A_4.json").exists()


def test_a_second_run_changes_no_byte(tmp_path: Path) -> None:
    def everything() -> dict[str, tuple[bytes, int]]:
        files = [
            path for folder in ("out", "report") for path in (tmp_path / folder).rglob("*") if path.is_file()
        ]
        return {
            str(path): (path.read_bytes(), 0 if "report" in str(path) else path.stat().st_mtime_ns)
            for path in files
        }

    ran(tmp_path, GOOD + "A;3;Tre;x;1,00;1\n")
    first = everything()
    again = ran(tmp_path, GOOD + "A;3;Tre;x;1,00;1\n")
    second = everything()
    assert again.report.notes == {"files unchanged": 2}
    assert {name: value for name, value in second.items() if "report.json" not in name} == {
        name: value for name, value in first.items() if "report.json" not in name
    }


@pytest.mark.parametrize(
    ("guards", "code"),
    [
        ("guards: {max_documents: 1}\n", "E701"),
        ("guards: {max_rejected: 0}\n", "E702"),
        ("guards: {max_rejected: 10%}\n", "E702"),
        ("guards: {max_total: {SEK: 250.49}}\n", "E703"),
    ],
)
def test_a_guard_stops_everything(tmp_path: Path, guards: str, code: str) -> None:
    done = ran(tmp_path, GOOD + "A;3;Tre;x;1,00;1\n", guards)
    assert done.report.exit_code == 4
    assert dict(done.report.records) == {"rejected": 1, "not delivered": 2}
    assert not (tmp_path / "out").exists()
    assert code in [group.examples[0].code for group in done.log.groups()]


def test_an_order_in_a_currency_without_a_limit_waits(tmp_path: Path) -> None:
    done = ran(tmp_path, GOOD, "guards: {max_total: {EUR: 1000000}}\n")
    assert done.report.exit_code == 1
    assert dict(done.report.records) == {"held": 2}
    assert {group.examples[0].code for group in done.log.groups()} >= {"E568"}


def test_guards_that_hold_say_nothing(tmp_path: Path) -> None:
    done = ran(tmp_path, GOOD, "guards: {max_documents: 2, max_rejected: 0, max_total: {SEK: 250.50}}\n")
    assert done.report.exit_code == 0


def test_equal_problems_are_one_group(tmp_path: Path) -> None:
    data = "".join(f"B;{i};T;;x{i};1\n" for i in range(500))
    done = ran(tmp_path, data)
    groups = [group for group in done.log.groups() if group.examples[0].code == "E412"]
    assert len(done.log.groups()) <= 4
    assert all(group.count == 500 for group in groups)
    assert len(lines(tmp_path, "problems.ndjson")) == len(done.log)


def test_one_ndjson_file(tmp_path: Path) -> None:
    ran(tmp_path, GOOD, directory=None, file="all.ndjson")
    written = [json.loads(line) for line in (tmp_path / "all.ndjson").read_text().splitlines()]
    assert [line["resource_metadata"]["title"] for line in written] == ["Ett", "Två"]


def test_grouped_rows_become_one_document(tmp_path: Path) -> None:
    text = "x;1;Ett;;10,00;1\ny;1;Två;;10,00;1\nx;1;Ett;;10,00;1\n"
    done = ran(tmp_path, text, "group_by: order\n")
    assert (done.report.read, done.report.documents["written"], done.report.records["written"]) == (3, 2, 3)
    assert done.report.discrepancies() == []


def test_a_group_whose_rows_disagree_is_asked_which(tmp_path: Path) -> None:
    done = ran(tmp_path, "x;1;Ett;;10,00;1\nx;1;Två;;10,00;1\n", "group_by: order\n")
    messages = [group.examples[0].message for group in done.log.groups()]
    assert any('"titel" differs among the rows of this group' in message for message in messages)
    assert done.report.records["rejected"] == 2


def test_a_group_is_not_made_of_a_part_of_its_rows(tmp_path: Path) -> None:
    """One row of the order cannot be asked whether it is wanted: no document without its copies."""
    text = "x;1;Ett;;10,00;2\ny;1;Två;;10,00;1\nx;1;Ett;;10,00;två\nx;1;Ett;;10,00;0\n"
    done = ran(tmp_path, text, "group_by: order\n")
    assert dict(done.report.records) == {"rejected": 2, "written": 1, "skipped": 1}
    [group] = [one for one in done.log.groups() if one.examples[0].code == "E418"]
    assert group.count == 1
    assert group.examples[0].data == DataPlace("in.csv", 3, 4, None, "antal")


class _Sink(Sink):
    """Answers as it is told."""

    name: ClassVar[str] = "told"
    summary: ClassVar[str] = "for tests"

    def __init__(self, outcomes: list[Any]) -> None:
        self.outcomes = outcomes

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt]:
        for item, outcome in zip(items, self.outcomes, strict=False):
            if isinstance(outcome, BaseException):
                raise outcome
            if isinstance(outcome, Receipt):
                yield outcome
            elif isinstance(outcome, Problem):
                yield Receipt(item.key, "refused", problem=outcome)
            else:
                yield Receipt(item.key, outcome)


@pytest.mark.parametrize(
    ("outcomes", "records", "code"),
    [
        (["posted", "posted"], {"posted": 2}, 0),
        (["posted", "unknown"], {"posted": 1, "unknown": 1}, 1),
        (["posted", "refused"], {"posted": 1, "refused": 1}, 1),
        (["already posted", "held"], {"already posted": 1, "held": 1}, 1),
        (["posted", KeyboardInterrupt()], {"posted": 1, "unknown": 1}, 130),
        ([Refusal(Problem("E610", "no"))], {"unknown": 1, "not delivered": 1}, 6),  # the first may have gone out
        (["already posted", OSError(28, "full")], {"already posted": 1, "unknown": 1}, 6),
        (["posted", LedgerRefusal(Problem("E814", "no"))], {"posted": 1, "unknown": 1}, 6),
        (["posted", Unavailable(Problem("E832", "no"))], {"posted": 1, "unknown": 1}, 5),
    ],
)
def test_what_a_sink_answers_is_settled(
    tmp_path: Path, outcomes: list[Any], records: dict[str, int], code: int
) -> None:
    report = ran(tmp_path, GOOD, sink=_Sink(outcomes)).report
    assert dict(report.records) == records
    assert report.discrepancies() == []
    assert report.exit_code == code


def known(tmp_path: Path) -> dict[str, tuple[str, list[str]]]:
    """Key → state and codes of the causes, as the ledger beside the report has them."""
    with closing(sqlite3.connect(tmp_path / "etl-ledger.sqlite")) as ledger:
        rows = ledger.execute("select key, state, causes from orders").fetchall()
    codes = {key: [cause["code"] for cause in json.loads(causes or "[]")] for key, _, causes in rows}
    return {key: (state, codes[key]) for key, state, _ in rows}


REFUSED = Problem("E610", "no such fund")


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        (["posted", REFUSED], [("written", []), ("refused", ["E610"])]),
        (["held", "unknown"], [("held", []), ("unknown", [])]),
        (["already posted", KeyboardInterrupt()], [("written", []), ("unknown", [])]),
        (["not delivered", "held"], [("released", []), ("held", [])]),
    ],
)
def test_what_a_sink_without_a_ledger_answers_waits_until_it_is_taken(
    tmp_path: Path, answers: list[Any], states: list[tuple[str, list[str]]]
) -> None:
    ran(tmp_path, GOOD, sink=_Sink(answers))
    assert list(known(tmp_path).values()) == states
    again = ran(tmp_path, GOOD, sink=_Sink(["posted", "posted"]))
    assert dict(again.report.records) == {"posted": 2}
    assert list(known(tmp_path).values()) == [("written", [])] * 2


def test_what_may_be_there_stays_so_until_its_sink_has_answered(tmp_path: Path) -> None:
    """Held by a check by then: that it may be there is not forgotten."""
    ran(tmp_path, GOOD, sink=_Sink(["unknown", "unknown"]))
    dear = GOOD.replace("100,00", "2000,00")
    ran(tmp_path, dear, sink=_Sink([REFUSED]))
    assert list(known(tmp_path).values()) == [("unknown", ["E486"]), ("refused", ["E610"])]


def test_a_sink_that_stays_silent_leaves_an_unknown(tmp_path: Path) -> None:
    report = ran(tmp_path, GOOD, sink=_Sink([])).report
    assert report.records["unknown"] + report.records["not delivered"] == 2
    assert report.discrepancies() == []


@pytest.mark.parametrize("key", [("A", "2"), ("A",), ("1", "A"), ()])
@pytest.mark.parametrize("place", [0, 1])
def test_a_receipt_for_another_order_is_believed_of_none(
    tmp_path: Path, key: tuple[str, ...], place: int
) -> None:
    """Whatever it says: nobody knows which order it was. Those after it are not answered either."""
    outcomes = ["posted"] * place + [Receipt(("B", *key) if place else key, "posted")] * 2
    with pytest.raises(RuntimeError, match="answered for"):
        ran(tmp_path, GOOD, sink=_Sink(outcomes))
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["records"].get("posted", 0) == place
    assert sum(report["records"].values()) == report["read"] == 2
    assert (report["exit_code"], report["adds_up"]) == (70, True)


def test_wrong_sums_are_our_bug() -> None:
    report = Report("m", "po_line", "files", "2024-03-11", read=2)
    report.settle("written", 1, Totals(1, {"SEK": Decimal(5)}))
    report.built, report.built_documents = Totals(1, {"SEK": Decimal(6)}), 1
    assert len(report.discrepancies()) == 2
    assert report.exit_code == 70


def test_a_report_folder_does_not_replace_anything_else(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "precious.txt").write_text("mine")
    with pytest.raises(Refusal, match="E603"):
        ran(tmp_path, GOOD)
    assert (tmp_path / "report" / "precious.txt").read_text() == "mine"


def test_nothing_is_left_behind_by_a_mapping_that_cannot_be_compiled(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        ran(tmp_path, b"order;rad\nA;1\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "m.yaml"]


def test_report_folder_is_private(tmp_path: Path) -> None:
    ran(tmp_path, GOOD)
    assert (tmp_path / "report").stat().st_mode & 0o077 == 0


def test_files_options_are_one_or_the_other() -> None:
    with pytest.raises(ValueError, match="either"):
        FilesOptions(directory="a", file="b")


def test_the_remains_of_a_killed_run_are_cleared_and_those_of_a_live_one_left(tmp_path: Path) -> None:
    """Who holds the lock lives. It is held by another process here: its number is of no matter."""
    ran(tmp_path, GOOD)
    work = "from etl.own_files import OwnFolder; import pathlib, sys; from etl.run.folder import _MARK, _WORDS\n"
    work += "made = OwnFolder(pathlib.Path(sys.argv[1]), _MARK, _WORDS, 'report.json')\n"
    work += "(made.work / 'raw').mkdir(); print(made.work.name, flush=True); sys.stdin.read()\n"
    words = [sys.executable, "-c", work, str(tmp_path / "report")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        folder = tmp_path / "report" / other.stdout.readline().strip()
        ran(tmp_path, GOOD)
        assert (folder / "raw").is_dir(), "its run lives"
        other.kill()
    empty, strange = (tmp_path / "report" / f".unfinished-{name}" for name in ("empty", "strange"))
    empty.mkdir()
    strange.mkdir()
    (strange / "mine.txt").write_text("mine")
    ran(tmp_path, GOOD)
    assert (folder.exists(), empty.exists(), strange.exists()) == (False, False, True)


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF])
def test_where_there_are_no_locks_nobody_is_taken_for_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """Some network drives: runs go well, and what killed ones left stays."""

    def refused(_handle: int, _how: int) -> None:
        raise OSError(error, os.strerror(error))

    left = tmp_path / "report/.unfinished-x"
    ran(tmp_path, GOOD)
    left.mkdir()
    (left / ".alive").touch()
    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", refused)
        assert ran(tmp_path, GOOD).report.exit_code == 0
        assert left.exists()
    assert ran(tmp_path, GOOD).report.exit_code == 0
    assert not left.exists()


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    raw = (HEAD + "".join(f"B;{i};T;;1,00;1\n" for i in range(50))).encode()
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_bytes(raw)
    sources = [Source(str(path), lambda path=path: path.open("rb"), len(raw)) for path in paths]  # type: ignore[misc]
    plan = compile_plan(
        load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11), samples=sources[:1]
    )
    shares: list[float | None] = []
    delivery = Delivery(FilesSink(), FilesOptions(directory="out"), tmp_path)
    run(plan, sources, delivery, tmp_path / "report", progress=shares.append)
    known = [share for share in shares if share is not None]
    assert len(known) == len(shares) == 100
    assert known == sorted(known)
    assert known[0] < 0.05
    assert 0.95 < known[-1] <= 1


def test_what_a_sink_refuses_is_told_with_the_place_it_came_from(tmp_path: Path) -> None:
    no = [
        Problem("E820", 'Alma refused "A + 1"', help="see the funds"),
        Problem("E820", 'Alma refused "A + 2"'),
    ]
    ran(tmp_path, GOOD, sink=_Sink(no))
    told = [entry["data"] for entry in lines(tmp_path, "problems.ndjson") if entry["code"] == "E820"]
    assert told == [{"file": "in.csv", "record": 1, "line": 2}, {"file": "in.csv", "record": 2, "line": 3}]


@pytest.mark.parametrize("offset", [None, 0, 7])
def test_where_a_record_stood_is_told_as_far_as_it_is_known(tmp_path: Path, offset: int | None) -> None:
    with ReportFolder(tmp_path / "report") as folder:
        folder.skipped(SourceRow({"a": "1"}, "in.csv", 1, None, offset))
        folder.finish(Report("m", "po_line", "files", "2024-03-11"))
    told = json.loads((tmp_path / "report/skipped.ndjson").read_text())
    where = {} if offset is None else {"offset": offset}
    assert told == {"file": "in.csv", "record": 1, **where, "values": {"a": "1"}}
