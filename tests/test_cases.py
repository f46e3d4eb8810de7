"""A case folder → what `etl` says about it, compared with the expected.txt beside it.

    tests/cases/E412-swedish-amount/
        mapping.yaml  input.csv …   whatever the command reads
        command                     arguments after `etl` (default below); REPORT is a folder outside. Of several
                                    lines, those before the last have to end with 0, and nobody looks at what they say
        stdin                       standard input, if the command reads it
        expected.txt                exit code, standard output, standard error

A new case needs no code: make the folder, then `pytest tests/test_cases.py --update-cases`, and read what it wrote.
"""

from __future__ import annotations

import io
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from etl.cli.main import run_cli

CASES = Path(__file__).parent / "cases"
COMMAND = "run mapping.yaml --run-date 2024-03-11 --report REPORT"
FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir()) if CASES.is_dir() else []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    said = say(folder, tmp_path, monkeypatch)
    assert not said.startswith("exit 70"), said  # a bug is never what a case expects
    expected = folder / "expected.txt"
    if request.config.getoption("--update-cases"):
        expected.write_text(said, encoding="utf-8", newline="\n")
    assert expected.is_file(), f"{folder.name} has no expected.txt: run with --update-cases and read it"
    assert said == expected.read_text(encoding="utf-8")


def say(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the case's command in a copy of its folder, as a person would, and write down what they would see."""
    work, report = tmp_path / "case", tmp_path / "report"
    left = shutil.ignore_patterns("expected.txt", "command", "stdin")
    shutil.copytree(folder, work, symlinks=True, ignore=left)
    command, stdin = folder / "command", folder / "stdin"
    *first, last = (command.read_text(encoding="utf-8") if command.is_file() else COMMAND).splitlines()
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    monkeypatch.chdir(work)
    monkeypatch.setattr(
        sys,
        "stdin",
        io.TextIOWrapper(io.BytesIO(stdin.read_bytes() if stdin.is_file() else b"")),
    )
    with monkeypatch.context() as streams:
        streams.setattr(sys, "stdout", out)
        streams.setattr(sys, "stderr", err)
        for line in first:
            assert run_cli(shlex.split(line)) == 0, text_of(err)
        for stream in (out, err):
            stream.seek(0)
            stream.truncate()
        code = run_cli([word.replace("REPORT", str(report)) for word in shlex.split(last)])
    said = f"exit {code}\n" + "".join(
        f"--- {name}\n{text_of(stream)}" for name, stream in (("stdout", out), ("stderr", err))
    )
    return said.replace(str(report), "REPORT").replace(str(work), ".").replace(str(tmp_path), "BESIDE")


def text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    text = stream.buffer.getvalue().decode("utf-8", errors="backslashreplace")
    return text if not text or text.endswith("\n") else text + "\n\\ no newline at the end\n"
