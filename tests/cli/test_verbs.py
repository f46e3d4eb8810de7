"""Command lines as a person types them: exit codes, streams, formats, environment twins."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from etl.cli.main import VERBS, run_cli

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
parameters: {library: {default: MAIN}}
key: [id]
fields:
  owner: "{{ parameters.library }}"
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  price: {sum: "{{ pris | amount('sv') }}", currency: SEK}
  resource_metadata: {title: "{{ titel }}", isbn: "{{ isbn | isbn13 }}"}
  fund_distribution: [{fund_code: B, amount: {sum: "{{ pris | amount('sv') }}", currency: SEK}}]
  location: [{library: MAIN, quantity: 1}]
"""
GOOD = "id;titel;isbn;pris\n1;Ett;9789199999012;10,00\n2;Två;9789199999029;20,00\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "in.csv").write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_puts_data_on_stdout_and_talk_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["run", "m.yaml"]) == 0
    out, err = capfd.readouterr()
    assert [json.loads(line)["resource_metadata"]["title"] for line in out.splitlines()] == ["Ett", "Två"]
    assert "2 records read: 2 written" in err
    assert Path("etl-report/t/report.json").is_file()


def test_nothing_is_delivered_by_check(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run_cli(["check", "m.yaml"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "good" in err
    assert sorted(path.name for path in folder.iterdir()) == ["in.csv", "m.yaml"]


def test_rejected_records_are_exit_code_1(capfd: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text(GOOD + "3;Tre;9789199999013;5\n", encoding="utf-8")
    assert run_cli(["run", "m.yaml", "--sink", "files", "--sink-option", "directory=out"]) == 1
    err = capfd.readouterr().err
    assert "error[E403]" in err
    assert "data     in.csv:4  column isbn  (record 3)" in err
    assert "mapping  m.yaml:13:" in err
    assert sorted(path.name for path in Path("out").iterdir()) == ["1.json", "2.json"]


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "gone.yaml"],
        ["run", "m.yaml", "gone.csv"],
        ["run", "m.yaml", "--sink", "nowhere"],
        ["run", "m.yaml", "--sink", "files"],
        ["run", "m.yaml", "--param", "library"],
        ["run", "m.yaml", "--param", "libary=X"],
        ["run", "m.yaml", "--run-date", "yesterday"],
        ["run", "m.yaml", "."],
        ["check"],
        ["check", "gone.yaml"],
        ["preview", "m.yaml", "--record", "9"],
        ["explain", "E999"],
        ["list", "dragons"],
        ["schema", "po_lin"],
        ["inspect", "gone.csv"],
        ["rum"],
    ],
)
def test_usage_and_mapping_errors_are_exit_code_2(
    words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(words) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err


def test_a_wrong_verb_is_corrected(capfd: pytest.CaptureFixture[str]) -> None:
    run_cli(["rum"])
    assert 'did you mean "run"?' in capfd.readouterr().err


def test_json_format(capfd: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text(GOOD + "3;Tre;9789199999013;5\n", encoding="utf-8")
    assert (
        run_cli(["run", "m.yaml", "--sink", "files", "--sink-option", "file=o.ndjson", "--format", "json"])
        == 1
    )
    said = json.loads(capfd.readouterr().out)
    assert said["report"]["records"] == {"written": 2, "rejected": 1}
    [group] = [one for one in said["problems"] if one["examples"][0]["code"] == "E403"]
    assert group["examples"][0]["data"] == {
        "file": "in.csv",
        "record": 3,
        "line": 4,
        "field": "isbn",
    }


def test_github_format_annotates_the_line(capfd: pytest.CaptureFixture[str]) -> None:
    Path("m.yaml").write_text(MAPPING.replace("{{ titel }}", "{{ title }}"), encoding="utf-8")
    assert run_cli(["check", "m.yaml", "--format", "github"]) == 2
    out = capfd.readouterr().out
    assert out.startswith("::error file=m.yaml,line=13,col=")
    assert "title=E221" in out


def test_environment_twins(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ETL_FORMAT", "json")
    monkeypatch.setenv("ETL_PARAM_LIBRARY", "HBG")
    monkeypatch.setenv("ETL_SINK", "stdout")
    monkeypatch.setenv("ETL_REPORT", "elsewhere")
    assert run_cli(["run", "m.yaml"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[0])["owner"] == {"value": "HBG"}
    assert Path("elsewhere/report.json").is_file()


def test_every_option_shows_its_twin_in_help(capfd: pytest.CaptureFixture[str]) -> None:
    run_cli(["run", "--help"])
    text = capfd.readouterr().out
    for name in ("ETL_SINK", "ETL_REPORT", "ETL_RUN_DATE", "ETL_FORMAT", "ETL_PARAM_NAME", "ETL_DEBUG"):
        assert name in text


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(GOOD.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run_cli(["run", "m.yaml", "-"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 2


def test_an_empty_inbox_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    Path("inbox").mkdir()
    assert run_cli(["run", "m.yaml", "inbox/*.csv"]) == 0
    assert "warning[E602]" in capfd.readouterr().err


def test_a_guard_is_exit_code_4(capfd: pytest.CaptureFixture[str]) -> None:
    Path("m.yaml").write_text(MAPPING + "guards: {max_documents: 1}\n", encoding="utf-8")
    assert run_cli(["run", "m.yaml"]) == 4
    assert capfd.readouterr().out == ""


def test_a_bug_is_exit_code_70_and_a_traceback_only_with_debug(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("etl.cli.run.run", broken)
    assert run_cli(["run", "m.yaml"]) == 70
    err = capfd.readouterr().err
    assert "E900" in err
    assert "Traceback" not in err
    assert run_cli(["run", "m.yaml", "--debug"]) == 70
    assert "ZeroDivisionError: boom" in capfd.readouterr().err.split("Traceback", 1)[1]


def test_an_interruption_is_exit_code_130(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("etl.cli.run.run", interrupted)
    assert run_cli(["run", "m.yaml"]) == 130
    assert "interrupted" in capfd.readouterr().err


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    (folder / "in.csv").write_text("id;titel;isbn;pris\n" + "".join(f"{i};T;;1,00\n" for i in range(3000)))
    command = f"{sys.executable} -m etl run m.yaml 2>err.txt | head -n 1"
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, cwd=folder, env=os.environ)
    assert "Traceback" not in (folder / "err.txt").read_text()


def test_preview_says_where_each_value_came_from(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["preview", "m.yaml", "--record", "2"]) == 0
    out = capfd.readouterr().out
    assert 'titel  "Två"' in out
    assert "price.sum = 20.00" in out
    assert '| amount("sv"): "20,00" → 20.00' in out
    assert "m.yaml:12" in out


def test_preview_of_a_rejected_record_shows_why(capfd: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text(GOOD + "3;Tre;9789199999013;5\n", encoding="utf-8")
    assert run_cli(["preview", "m.yaml", "--record", "3"]) == 0
    captured = capfd.readouterr()
    assert "rejected" in captured.out.splitlines()[0]
    assert "E403" in captured.err


def test_inspect_tells_encoding_columns_and_fill_rates(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["inspect", "in.csv"]) == 0
    out = capfd.readouterr().out
    assert "utf-8" in out
    assert "semicolon" in out
    assert "100 %" in out


def test_show_prints_origins(capfd: pytest.CaptureFixture[str]) -> None:
    Path("child.yaml").write_text("extends: m.yaml\nname: child\nfields: {rush: true}\n", encoding="utf-8")
    assert run_cli(["show", "child.yaml"]) == 0
    out = capfd.readouterr().out
    assert "# m.yaml:9" in out
    assert "# child.yaml:3" in out


@pytest.mark.parametrize(
    ("name", "draft"), [("mapping", "draft-07"), ("po_line", "2020-12"), ("purchase_request", "2020-12")]
)
def test_schemas_are_json(name: str, draft: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["schema", name]) == 0
    assert f"{draft}/schema" in json.loads(capfd.readouterr().out)["$schema"]


def test_list_names_what_is_installed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["list"]) == 0
    out = capfd.readouterr().out
    for name in ("connectors", "csv", "po_line", "files", "isbn13", "alma-orderdesk"):
        assert name in out


def test_check_payload(capfd: pytest.CaptureFixture[str]) -> None:
    run_cli(["run", "m.yaml", "--sink", "files", "--sink-option", "directory=out"])
    assert run_cli(["check", "--payload", "out/1.json", "--payload", "out/2.json"]) == 0
    Path("bad.json").write_text('{"owner": {"value": "MAIN"}, "vendr": 1}')
    capfd.readouterr()
    assert run_cli(["check", "--payload", "bad.json"]) == 1
    err = capfd.readouterr().err
    assert "vendr" in err
    assert "bad.json" in err


def test_every_verb_has_help(capfd: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        assert run_cli([verb, "--help"]) == 0
        assert "Usage: etl" in capfd.readouterr().out
