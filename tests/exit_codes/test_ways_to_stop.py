"""Every way to stop a run → which exit code, what the report says, and what a second run does.

0 all well  1 some records  2 nothing delivered  4 guard or ledger  5 service away  6 after a part  130 signal
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from six_orders import FILES, NAMES, ORDERS, ROWS, Desk

from etl import own_files
from etl.interruption import interruption
from etl.run.folder import ReportFolder
from etl.run.mapped import Mapped
from etl.run.report import Report
from etl.sinks import files as files_sink

FULL = OSError(errno.ENOSPC, "No space left on device")


def after(turns: int, function: Callable[..., Any], stop: Callable[[], None]) -> Callable[..., Any]:
    """`function`, before whose call number `turns` + 1 `stop` happens."""
    left = turns

    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == -1:
            stop()
        return function(*arguments, **named)

    return called


def full() -> None:
    raise FULL


# ------------------------------------------------------------------------------------ disks and folders


@pytest.mark.parametrize("good", [0, 1, 3, ROWS - 1])
def test_the_disk_of_the_output_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch, good: int) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(files_sink, "whole_files", after(good, files_sink.whole_files, full))
        code, said = desk.run()
    assert code == (6 if good else 2)
    assert "error[E610]" in said
    assert "No space left on device" in said
    assert desk.written() == NAMES[:good]
    report = desk.report()
    assert report["exit_code"] == code
    assert report["stopped"] == "other"
    assert report["records"].get("written", 0) == good
    assert report["records"]["not delivered"] == ROWS - good
    assert report["adds_up"]
    desk.expect_all_well()


def test_one_file_of_lines_is_there_whole_or_not_at_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its receipts come before its rename: when that fails nothing was delivered, whatever was said before."""
    rename = Path.replace

    def refused(path: Path, target: Path) -> Path:
        if target.name == "all.ndjson":
            raise FULL
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refused)
        code, said = desk.run("--sink", "files", "--sink-option", "file=all.ndjson")
    assert code == 2, said
    assert not (desk.folder / "all.ndjson").exists()
    assert desk.report()["records"] == {"not delivered": ROWS}
    assert list(desk.folder.glob(".all.ndjson*")) == []


def test_the_output_folder_goes_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        shutil.rmtree(desk.folder / "out")
        (desk.folder / "out").write_text("a file stands there now")

    with monkeypatch.context() as patch:
        patch.setattr(files_sink, "whole_files", after(3, files_sink.whole_files, gone))
        code, said = desk.run()
    assert code == 6
    assert "error[E610]" in said
    assert desk.report()["records"] == {"written": 3, "not delivered": 3}
    (desk.folder / "out").unlink()
    desk.expect_all_well()


def test_there_is_no_room_for_a_report(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found out before the first document leaves: room for report.json is taken then."""
    with monkeypatch.context() as patch:
        patch.setattr("etl.run.folder.os.fsync", after(0, os.fsync, full))
        code, said = desk.run()
    assert code == 2
    assert "error[E604]" in said
    assert desk.written() == []
    assert not (desk.folder / "etl-report/t").exists()
    desk.expect_all_well()


def test_the_disk_of_the_report_is_full_while_documents_leave(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is handed over; what there is of the report is kept, and named."""
    made: list[ReportFolder] = []

    def delivering(folder: ReportFolder, report: Report) -> None:
        made.append(folder)
        begin(folder, report)

    def trouble() -> None:
        with made[0].writing():
            raise FULL

    begin = ReportFolder.delivering
    with monkeypatch.context() as patch:
        patch.setattr(ReportFolder, "delivering", delivering)
        patch.setattr(files_sink, "whole_files", after(3, files_sink.whole_files, trouble))
        code, said = desk.run()
    assert code == 6, said
    assert "error[E604]" in said
    assert 'unfinished-1"' in said
    kept = desk.report("etl-report/t/unfinished-1")
    assert (kept["finished"], kept["exit_code"]) == (False, 6)
    assert kept["records"] == {"written": 4, "not delivered": 2}
    desk.expect_all_well()


def test_the_report_cannot_take_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything was delivered, then the old report could not be replaced: the new one is not lost."""
    desk.run()
    (desk.folder / "in.csv").write_text(ORDERS + "7;Ny bok\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(own_files.OwnFolder, "put_in_place", after(0, lambda _: None, full))
        code, said = desk.run()
    assert code == 6
    assert "error[E604]" in said
    assert len(desk.written()) == ROWS + 1
    assert desk.report()["records"] == {"written": ROWS}, "the old one still stands"
    assert desk.report("etl-report/t/unfinished-1")["records"] == {"written": ROWS + 1}
    code, _ = desk.run()
    assert code == 0
    assert desk.report()["records"] == {"written": ROWS + 1}
    assert desk.report("etl-report/t/unfinished-1")["records"] == {"written": ROWS + 1}, "nobody clears it"


def test_a_file_of_somebody_else_stands_where_the_report_wants_to_be(desk: Desk) -> None:
    """It is found out before the first document leaves."""
    desk.run()
    (desk.folder / "m.yaml").write_text(
        (desk.folder / "m.yaml").read_text() + 'checks:\n  - {if: "{{ id == \'3\' }}", hold: "look"}\n'
    )
    (desk.folder / "etl-report/t/held").mkdir()
    mine = desk.folder / "etl-report/t/held/3.json"
    mine.write_text("mine")
    shutil.rmtree(desk.folder / "out")
    code, said = desk.run()
    assert code == 2, said
    assert mine.read_text() == "mine"
    assert "was not made by etl, so it is not replaced" in said
    assert desk.written() == []
    assert desk.report()["records"] == {"written": ROWS}, "that of the run before"


# ---------------------------------------------------------------------------------------------- signals


def told(number: signal.Signals) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    "number", [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
)
class TestSignals:
    def test_while_records_are_mapped(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Mapped, "_settle", after(3, Mapped._settle, told(number)))
            code, said = desk.run()
        assert code == 130
        assert "interrupted" in said
        assert desk.written() == []
        report = desk.report()
        assert (report["interrupted"], report["exit_code"], report["finished"]) == (True, 130, True)
        assert report["records"] == {"not delivered": 4}
        desk.expect_all_well()

    def test_swallowed_by_a_destructor_while_records_are_mapped(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
    ) -> None:
        """An exception in `__del__` is printed and forgotten; the flag is not."""

        def swallowed() -> None:
            try:
                told(number)()
            except KeyboardInterrupt:
                return

        with monkeypatch.context() as patch:
            patch.setattr(Mapped, "_settle", after(3, Mapped._settle, swallowed))
            code, _ = desk.run()
        assert code == 130
        assert desk.written() == []
        desk.expect_all_well()

    def test_while_documents_leave(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
    ) -> None:
        """The one under way is finished and answered for."""
        with monkeypatch.context() as patch:
            patch.setattr(files_sink, "whole_files", after(3, files_sink.whole_files, told(number)))
            code, _ = desk.run()
        assert code == 130
        assert desk.written() == NAMES[:4]
        report = desk.report()
        assert report["records"] == {"written": 4, "not delivered": 2}
        assert report["interrupted"] is True
        desk.expect_all_well()

    def test_before_the_first_document_leaves(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(ReportFolder, "delivering", after(0, ReportFolder.delivering, told(number)))
            code, _ = desk.run()
        assert code == 130
        assert desk.written() == []
        assert desk.report()["records"] == {"not delivered": ROWS}
        desk.expect_all_well()

    def test_while_the_report_is_put_in_its_place(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
    ) -> None:
        """All was delivered and the report is whole: nothing is left to interrupt."""
        with monkeypatch.context() as patch:
            placed = own_files.OwnFolder.put_in_place
            patch.setattr(own_files.OwnFolder, "put_in_place", after(0, placed, told(number)))
            code, _ = desk.run()
        assert code == 0
        assert desk.written() == NAMES
        assert desk.report()["records"] == {"written": ROWS}
        desk.expect_all_well()

    def test_the_next_run_in_the_same_process_is_not_told(self, desk: Desk, number: signal.Signals) -> None:
        with pytest.raises(KeyboardInterrupt), interruption.listening():
            told(number)()
        assert not interruption.asked, "nor is who looks without listening, as a program that only maps does"
        interruption.look()
        desk.expect_all_well()

    def test_again_while_the_first_is_being_answered(self, desk: Desk, number: signal.Signals) -> None:
        """The process ends by itself, with its own code, not by the signal."""
        twice = (
            "from etl.cli import output\nfrom etl.run import rows\n"
            f"def kill(*_): os.kill(os.getpid(), {int(number)})\n"
            "class Told: look = kill\n"
            "rows.interruption, output.Output.say = Told(), kill\n"
        )
        done = desk.process(before=twice)
        assert done.returncode == 130, done.stderr
        assert "Traceback" not in done.stderr
        assert desk.written() == []
        desk.expect_all_well()

    def test_a_pipe_that_nobody_reads(self, desk: Desk, number: signal.Signals) -> None:
        """The write blocks for ever, and a signal ends it."""
        long = "En lång titel " * 400
        text = "id;titel\n" + "".join(f"{n};{long}\n" for n in range(200))
        (desk.folder / "in.csv").write_text(text, encoding="utf-8")
        inside, outside = os.pipe()
        wait = "import signal, threading\n"
        kill = f"lambda: os.kill(os.getpid(), {int(number)})"
        hook = (
            "from etl.sinks.stdout import StdoutSink\n"
            "deliver = StdoutSink.deliver\n"
            f"def delayed(self, *more):\n    threading.Timer(1, {kill}).start()\n    return deliver(self, *more)\n"
            "StdoutSink.deliver = delayed\n"
        )
        try:
            done = desk.process(
                "--sink",
                "stdout",
                before=wait + hook,
                stdout=outside,
                stderr=subprocess.PIPE,
                capture_output=False,
            )
        finally:
            os.close(inside)
            os.close(outside)
        assert done.returncode == 130, done.stderr
        report = desk.report()
        assert report["interrupted"] is True
        assert report["adds_up"]
        assert report["records"]["not delivered"] > 0


@pytest.mark.parametrize("good", [0, 3])
def test_killed_while_delivering(desk: Desk, good: int) -> None:
    """kill -9: the next run says so, and what the killed one knew is kept where it is seen."""
    kill = (
        "from etl.sinks import files\n"
        f"keep, left = files.whole_files, [{good}]\n"
        "def killed(*words, **named):\n"
        "    if not left[0]:\n        os.kill(os.getpid(), 9)\n"
        "    left[0] -= 1\n    return keep(*words, **named)\n"
        "files.whole_files = killed\n"
    )
    done = desk.process(before=kill)
    assert done.returncode == -signal.SIGKILL
    assert desk.written() == NAMES[:good]
    assert not (desk.folder / "etl-report/t/report.json").exists()
    code, said = desk.run()
    assert code == 0
    assert "warning[E614]" in said
    assert desk.written() == NAMES
    kept = desk.report("etl-report/t/unfinished-1")
    assert kept["finished"] is False
    assert kept["read"] == ROWS
    desk.expect_all_well()


# ------------------------------------------------------------------------------------------- what is asked


def test_a_guard(desk: Desk) -> None:
    (desk.folder / "m.yaml").write_text(
        (desk.folder / "m.yaml").read_text() + "guards: {max_documents: 2}\n", encoding="utf-8"
    )
    code, said = desk.run()
    assert code == 4
    assert "nothing was delivered" in said
    assert desk.written() == []
    assert desk.report()["stopped"] == "guard"
    (desk.folder / "m.yaml").write_text(
        (desk.folder / "m.yaml").read_text().replace("max_documents: 2", "max_documents: 20")
    )
    desk.expect_all_well()


@pytest.mark.parametrize(
    "error", [FULL, PermissionError(errno.EACCES, "Permission denied", "x.csv"), MemoryError()]
)
def test_what_the_system_refuses_is_no_bug(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def refused() -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Mapped, "run", after(0, Mapped.run, refused))
        code, said = desk.run()
    assert code == 2
    assert "error[E613] the system refuses to go on" in said
    assert "a bug" not in said
    assert desk.written() == []
    desk.expect_all_well()


# ------------------------------------------------------------------------------------- standard streams


def test_output_that_takes_no_more(desk: Desk) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full on this system")
    with full.open("wb") as stream:
        done = desk.process("--sink", "stdout", stdout=stream, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 6, done.stderr  # the first may have got out in part
    assert "error[E616] standard output takes no more: No space left on device" in done.stderr
    assert "a bug" not in done.stderr
    assert desk.report()["records"] == {"unknown": 1, "not delivered": ROWS - 1}


def test_a_reader_that_goes_away(desk: Desk) -> None:
    """`| head -1`: what was read was read, the rest was not delivered."""
    inside, outside = os.pipe()
    os.close(inside)
    with os.fdopen(outside, "wb") as stream:
        done = desk.process("--sink", "stdout", stdout=stream, stderr=subprocess.PIPE, capture_output=False)
    assert done.returncode == 6
    assert "error[E616] standard output takes no more: Broken pipe" in done.stderr
    assert desk.report()["records"] == {"unknown": 1, "not delivered": ROWS - 1}


@pytest.mark.parametrize("number", [1, 2])
def test_problems_as_json_for_a_reader_that_goes_away(desk: Desk, number: int) -> None:
    """All was delivered; that it could not be said changes 0 into 6, and the report stands."""
    stream = ("stdout", "stderr")[number - 1]
    inside, outside = os.pipe()
    os.close(inside)
    with os.fdopen(outside, "wb") as gone:
        streams: dict[str, BinaryIO | int] = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            stream: gone,
        }
        done = desk.process(*FILES, "--format", "json", capture_output=False, **streams)
    assert done.returncode == (6 if number == 1 else 0)
    assert desk.written() == NAMES
    assert desk.report()["records"] == {"written": ROWS}


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams(desk: Desk, closed: tuple[int, ...]) -> None:
    """No file that is opened later takes the number of a closed stream, so no talk lands in a payload."""
    before = "".join(f"os.close({number})\n" for number in closed)
    for number in closed:  # as the interpreter leaves them when it finds them closed
        before += f"sys.{('stdin', 'stdout', 'stderr')[number]} = None\n"
    done = desk.process(before=before)
    assert done.returncode == 0, done.stderr
    assert desk.written() == NAMES
    for name in NAMES:
        json.loads((desk.folder / "out" / name).read_text())


def test_payloads_for_a_closed_standard_output(desk: Desk) -> None:
    before = "os.close(1)\nsys.stdout = None\n"
    done = desk.process("--sink", "stdout", before=before)
    assert done.returncode == 6
    assert "error[E616] standard output takes no more: Bad file descriptor" in done.stderr


def test_an_input_that_is_a_closed_standard_input(desk: Desk) -> None:
    done = desk.process("-", "--sink", "stdout", before="os.close(0)\nsys.stdin = None\n")
    assert done.returncode == 2
    assert "a bug" not in done.stderr
    assert "error[E301]" in done.stderr


@pytest.mark.parametrize("words", [("show", "m.yaml"), ("list",), ("explain", "E412"), ("schema", "po_line")])
def test_data_for_a_reader_that_goes_away(desk: Desk, words: tuple[str, ...]) -> None:
    inside, outside = os.pipe()
    os.close(inside)
    code = f"from etl.cli.main import main\nmain({list(words)!r})\n"
    with os.fdopen(outside, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=desk.folder,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, ""), "it has seen enough"
