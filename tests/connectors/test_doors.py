"""What connectors import, how long their files are, and that every code they use is explained."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from etl.plugin import Rejected

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "connectors").rglob("*.py"))
DOORS = {
    "pymarc": {"marc8.py"},
    "python_calamine": {"workbook.py"},
    "lxml": {"marcxml.py", "marcxml_records.py"},
    "regex": {"own_pattern.py"},
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_through_the_plugin_door(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] == "etl"}
    assert {name for name in ours if not name.startswith("etl.values.")} <= {"etl.plugin"}
    if path.parent.name == "formats":
        assert not [n for n in imported(path) if n.startswith("connectors.") and ".formats." not in n]


@pytest.mark.parametrize(("library", "doors"), DOORS.items())
def test_one_door_per_library(library: str, doors: set[str]) -> None:
    formats = {path.name for path in FILES if library in {name.split(".")[0] for name in imported(path)}}
    assert formats <= doors | {path.name for path in FILES if path.parent.name == "connectors"}
    assert doors <= formats


def test_nothing_but_declared_libraries() -> None:
    known = set(sys.stdlib_module_names) | {
        "etl",
        "connectors",
        "pydantic",
        "polars",
        "pymarc",
        "python_calamine",
        "lxml",
        "regex",
        "",
    }
    assert {name.split(".")[0] for path in FILES for name in imported(path)} <= known


def test_files_are_small() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_every_code_is_used_and_explained() -> None:
    used = set(re.findall(r'"(E3\d\d)"', "".join(path.read_text("utf-8") for path in FILES)))
    pages = {page.name: page.read_text("utf-8") for page in (ROOT / "etl" / "codes").glob("*.md")}
    explained = {name: re.findall(r"^## (E\d{3}) \S", text, re.M) for name, text in pages.items()}
    assert used <= {code for codes in explained.values() for code in codes}
    said_by_the_engine = {Rejected.NOT_WHOLE, "E329"}
    assert set(explained["e3-reading.md"]) <= used | said_by_the_engine
    assert explained["e3-reading.md"] == sorted(set(explained["e3-reading.md"]))
