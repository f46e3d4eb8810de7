"""What others may rely on: few names, sorted, each really there."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import etl
from etl import plugin
from etl.registry import KINDS, Registry
from etl.testing.sources import bytes_source

ROOT = Path(__file__).parent.parent


def test_the_face_is_small_and_sorted() -> None:
    assert etl.__all__ == sorted(etl.__all__)
    assert len(etl.__all__) <= 12


@pytest.mark.parametrize("name", etl.__all__)
def test_every_name_of_the_face_is_there(name: str) -> None:
    assert getattr(etl, name).__name__ in (name, "run")
    assert name in dir(etl)


def test_the_face_names_for_type_checkers_what_it_loads() -> None:
    tree = ast.parse((ROOT / "etl/__init__.py").read_text(encoding="utf-8"))
    checked = {
        alias.asname or alias.name: f"{node.module}:{alias.name}"
        for guard in tree.body
        if isinstance(guard, ast.If)
        for node in guard.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert checked == etl._HOMES
    assert sorted(checked) == etl.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'comple_plan'"):
        _ = etl.comple_plan  # type: ignore[attr-defined]


def test_importing_the_face_loads_no_library() -> None:
    script = "import sys, etl; print(sorted({'polars', 'pydantic', 'jinja2', 'click'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_door_for_extensions_names_exactly_what_it_holds() -> None:
    assert plugin.__all__ == sorted(plugin.__all__)
    module = ast.parse((ROOT / "etl/plugin.py").read_text(encoding="utf-8"))
    own = {node.name for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    own |= {
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("etl.")
        for alias in node.names
    }
    assert sorted(name for name in own if not name.startswith("_")) == plugin.__all__


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_point_can_be_loaded(kind: str) -> None:
    registry = Registry.installed()
    assert registry.names(kind), "install the project again: pip install -e ."
    for name in registry.names(kind):
        loaded = registry.get(kind, name)
        assert getattr(loaded, "name", name) == name


def test_extensions_are_named_in_one_group_each() -> None:
    declared = {kind: {point.name for point in entry_points(group=f"etl.{kind}")} for kind in KINDS}
    assert declared["targets"] == {"po_line", "purchase_request"}
    assert {"files", "stdout"} <= declared["sinks"]
    assert {"csv", "marc"} <= declared["connectors"]


def test_a_program_can_embed_the_engine(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "version: 1\nname: embedded\ntarget: po_line\nsource: {connector: csv}\nkey: order\n"
        'fields: {owner: MAIN, type: PRINTED_BOOK_OT, resource_metadata: {title: "{{ title }}"}}\n',
        encoding="utf-8",
    )
    registry = etl.Registry.installed()
    sink = registry.get("sinks", "files")()
    options = sink.Options(directory="out")
    plan = etl.compile_plan(etl.load(str(mapping)), registry, run_date=date(2024, 3, 11))
    source = bytes_source("order,title\nA-1,Vindens öar\n".encode(), "orders.csv")
    ran = etl.run_plan(plan, [source], etl.Delivery(sink, options, tmp_path), tmp_path / "report")
    assert ran.report.documents["written"] == 1
    assert "Vindens öar" in (tmp_path / "out/A-1.json").read_text(encoding="utf-8")
