"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from etl.testing.snapshots import expected_files

CONFIG = "[pytest]\netl_mappings = shop/*.yaml\n"


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Another process: syrupy and our plugin keep state in the one they are loaded in."""
    (folder / "pytest.ini").write_text(CONFIG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_update_then_pass_then_fail(mapping: Path) -> None:
    root = mapping.parent.parent
    code, told = run(root, "shop")
    assert code == 1, told
    assert "+++ a.csv/1.json (now)" in told
    assert "if that is right: pytest --snapshot-update" in told
    code, told = run(root, "shop", "--snapshot-update")
    assert code == 0, told
    folder = mapping.parent / "snapshots/po_line"
    written = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert written == expected_files(mapping), "the same bytes as the command line writes"
    code, told = run(root, "shop", "-v")
    assert code == 0, told
    assert "po_line.yaml::a.csv PASSED" in told
    assert "po_line.yaml::orphans PASSED" in told
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("owner: MAIN", "owner: LAW"), encoding="utf-8"
    )
    code, told = run(root, "shop")
    assert code == 1
    assert '+    "value": "LAW"' in told


@pytest.mark.slow
def test_an_orphan_fails_and_update_removes_it(mapping: Path) -> None:
    root = mapping.parent.parent
    run(root, "shop", "--snapshot-update")
    stray = mapping.parent / "snapshots/po_line/a.csv/99.json"
    stray.write_bytes(stray.with_name("1.json").read_bytes())
    code, told = run(root, "shop")
    assert code == 1
    assert "claimed by no document: a.csv/99.json" in told
    assert "1 failed, 1 passed" in told
    assert run(root, "shop", "--snapshot-update")[0] == 0
    assert not stray.exists()


@pytest.mark.slow
def test_update_of_one_sample_leaves_the_others_alone(mapping: Path) -> None:
    root = mapping.parent.parent
    sample = mapping.parent / "samples/a.csv"
    (mapping.parent / "samples/b.csv").write_bytes(sample.read_bytes())
    run(root, "shop", "--snapshot-update")
    code, told = run(root, "shop/po_line.yaml::a.csv", "--snapshot-update")
    assert code == 0, told
    assert (mapping.parent / "snapshots/po_line/b.csv/1.json").exists()


@pytest.mark.slow
def test_line_ends_are_compared(mapping: Path) -> None:
    root = mapping.parent.parent
    run(root, "shop", "--snapshot-update")
    payload = mapping.parent / "snapshots/po_line/a.csv/1.json"
    payload.write_bytes(payload.read_bytes().replace(b"\n", b"\r\n"))
    code, told = run(root, "shop")
    assert code == 1
    assert "only line ends" in told


def test_a_mapping_that_cannot_be_used_says_why(mapping: Path) -> None:
    root = mapping.parent.parent
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("isbn13", "isbn14"), encoding="utf-8")
    code, told = run(root, "shop")
    assert code == 1
    assert 'error[E213] unknown filter "isbn14"' in told
    assert "Traceback" not in told


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    program = "import sys; import etl.testing.pytest_plugin; print([m for m in ('polars', 'pydantic', 'jinja2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_other_yaml_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/x.yaml").write_text("not: a mapping\n", encoding="utf-8")
    code, told = run(tmp_path, "other")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED, told
