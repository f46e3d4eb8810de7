"""etl snapshot MAPPING → exit code, differences on standard output, words on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.cli.main import run_cli


def snapshot(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run_cli(["snapshot", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_check_update_check(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = snapshot(capsys, str(mapping))
    assert (code, out.count("new: ")) == (3, 3)
    assert f"etl snapshot {mapping} --update" in err
    code, out, err = snapshot(capsys, str(mapping), "--update")
    assert (code, out.count("added: ")) == (0, 3)
    code, out, err = snapshot(capsys, str(mapping), "--check")
    assert (code, out) == (0, "")
    assert "3 files of 1 sample, all as reviewed" in err
    assert not (mapping.parent / "etl-report").exists()


def test_a_changed_mapping_shows_as_a_diff(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot(capsys, str(mapping), "--update")
    text = (
        mapping.read_text(encoding="utf-8").replace("owner: MAIN", "owner: LAW").replace("dear", "expensive")
    )
    mapping.write_text(text, encoding="utf-8")
    code, out, err = snapshot(capsys, str(mapping))
    assert code == 3
    assert '-    "value": "MAIN"\n+    "value": "LAW"' in out
    assert "-  hold[E486] too dear\n+  hold[E486] too expensive" in out
    assert "3 changed" in err


def test_orphans_fail_and_are_removed(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot(capsys, str(mapping), "--update")
    stray = mapping.parent / "snapshots/po_line/a.csv/99.json"
    stray.write_bytes(stray.with_name("1.json").read_bytes())
    code, out, _ = snapshot(capsys, str(mapping))
    assert code == 3
    assert f"claimed by no document: {stray}" in out
    code, out, _ = snapshot(capsys, str(mapping), "--update")
    assert (code, out) == (0, f"removed: {stray}\n")
    assert not stray.exists()


def test_forms_for_machines(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = snapshot(capsys, str(mapping), "--format", "json")
    told = json.loads(out)
    assert (code, told["as_reviewed"], len(told["differences"])) == (3, False, 3)
    code, out, _ = snapshot(capsys, str(mapping), "--format", "github")
    assert code == 3
    assert out.startswith("::error file=")
    assert len(out.splitlines()) == 3


def test_a_mapping_that_cannot_be_used(mapping: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("isbn13", "isbn14"), encoding="utf-8")
    code, _, err = snapshot(capsys, str(mapping))
    assert code == 2
    assert 'error[E213] unknown filter "isbn14"' in err
    assert f"{mapping}:16:" in err
    assert "isbn14 }}" in err, "the line of the mapping is shown"
