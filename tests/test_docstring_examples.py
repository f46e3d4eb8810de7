"""What a docstring shows is what happens."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    str(file.relative_to(ROOT).with_suffix("")).replace("/", ".")
    for package in ("etl", "connectors")
    for file in (ROOT / package).rglob("*.py")
    if "\n    >>> " in file.read_text(encoding="utf-8")
)


def test_there_are_enough_of_them() -> None:
    assert len(MODULES) > 50


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert (found.failed, found.attempted > 0 or "template.filters" in name) == (0, True)
