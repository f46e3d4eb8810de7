"""The project → a wheel → an empty environment in which `etl` maps a file, without pytest and the rest.

Slow (a minute): it builds and installs for real. The wheel is what users get, and the source tree hides what is
missing from it: data files, entry points, a dependency that only the developers have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent

MAPPING = """\
version: 1
name: wheel
target: po_line
source: {connector: csv, path: orders.csv}
key: order
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  price: {sum: "{{ price | amount('sv') }}", currency: SEK}
  resource_metadata: {title: "{{ title }}", isbn: "{{ isbn | isbn13 }}"}
  fund_distribution: [{fund_code: BOOKS}]
  location: [{library: MAIN, quantity: 1}]
"""
ORDERS = "order;title;isbn;price\nA-1;Vindens öar;978-91-99999-91-3;249,00 kr\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the tree stays clean."""
    target = tmp_path_factory.mktemp("wheel")
    source = target / "source"
    for name in ("etl", "connectors", "mappings"):
        _copy(ROOT / name, source / name)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(target), str(source))
    [built] = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel, its dependencies and nothing else."""
    home = tmp_path_factory.mktemp("empty")
    venv.create(home, with_pip=False)
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    pip(
        sys.executable,
        "--python",
        str(folder / "python"),
        "install",
        "--constraint",
        str(ROOT / "constraints.txt"),
        str(wheel),
    )
    return folder


def test_the_wheel_holds_what_the_source_tree_holds(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in ("etl", "connectors")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    wanted |= {f"etl/{path.relative_to(ROOT).as_posix()}" for path in shipped_files()}
    assert sorted(wanted - inside) == [], "name them in [tool.setuptools.package-data]"
    strays = {
        name for name in inside if not name.startswith(("etl/", "connectors/")) and ".dist-info/" not in name
    }
    assert strays == set()


def test_its_mappings_are_to_the_byte_those_of_the_source_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        wrong = [
            path
            for path in shipped_files()
            if packed.read(f"etl/{path.relative_to(ROOT).as_posix()}") != path.read_bytes()
        ]
    assert wrong == []


def test_a_copy_of_a_mapping_is_well_in_it(bin_folder: Path, tmp_path: Path) -> None:
    """The shared bases come along, and the samples still become what was reviewed."""
    done = etl(bin_folder, "new", "north", "--from", "adlibris", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for verb in ("check", "snapshot"):
        done = etl(bin_folder, verb, "mappings", cwd=tmp_path)
        assert done.returncode == 0, done.stderr


def shipped_files() -> list[Path]:
    """What belongs to the mappings, without what a run of theirs has left in the tree."""
    left = ("out", "etl-report")
    return [p for p in (ROOT / "mappings").rglob("*") if p.is_file() and not set(left) & set(p.parts)]


def test_a_mapping_runs_without_the_development_dependencies(bin_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    done = etl(bin_folder, "run", "mapping.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    document = json.loads(line)
    assert document["price"] == {"sum": "249.00", "currency": {"value": "SEK"}}
    assert document["resource_metadata"] == {
        "title": "Vindens öar",
        "isbn": "9789199999913",
    }
    assert "1 written" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["run", "--help"],
        ["list"],
        ["list", "mappings"],
        ["explain", "E412"],
        ["schema", "po_line"],
    ],
)
def test_verbs_work_in_it(bin_folder: Path, tmp_path: Path, words: Sequence[str]) -> None:
    done = etl(bin_folder, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_development_dependencies_are_really_absent(bin_folder: Path, tmp_path: Path) -> None:
    for name in ("pytest", "syrupy", "hypothesis"):
        done = run([str(bin_folder / "python"), "-c", f"import {name}"], cwd=tmp_path)
        assert "ModuleNotFoundError" in done.stderr


def etl(folder: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run([str(folder / "etl"), *words], cwd=cwd)


def pip(python: str, *words: str) -> None:
    environment = {
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    done = run([python, "-m", "pip", *words], cwd=ROOT, **environment)
    assert done.returncode == 0, f"pip {words[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def run(command: Sequence[str], cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """In a clean environment: no PYTHONPATH that would show the source tree."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ETL_"))
    }
    environment |= {"PYTHONUTF8": "1", **extra}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
