"""docs/vendors.md says what is installed and shipped, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from etl.registry import Registry

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendors_page", ROOT / "benchmarks" / "vendors_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["vendors_page"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_has_not_drifted(script: ModuleType) -> None:
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run  python benchmarks/vendors_page.py  and read the diff"


def test_every_connector_has_its_evidence_and_no_other(script: ModuleType) -> None:
    registry = Registry.installed()
    ours = {name for name in registry.names("connectors") if registry.origin("connectors", name).startswith("alma-orderdesk ")}
    assert set(script.EVIDENCE) == ours


def test_every_shipped_mapping_is_on_the_page_and_has_its_own(script: ModuleType) -> None:
    text = script.page()
    folders = [folder for folder in sorted(script.MAPPINGS.iterdir()) if folder.is_dir() and not folder.name.startswith("_")]
    assert [folder.name for folder in folders if f"`{folder.name}/" not in text] == []
    assert [folder.name for folder in folders if not (folder / "README.md").is_file()] == []
