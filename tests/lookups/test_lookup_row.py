"""Rows answer to templates by attribute and item, and to nobody's write."""

from __future__ import annotations

import copy
import pickle

import pytest
from jinja2 import StrictUndefined, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from etl.lookups import Row, row_cells, row_place
from etl.problems import MappingPlace

NAMES = ("items", "keys", "values", "get", "count", "index", "copy", "vendor account", "å", "class")
PLACE = MappingPlace("lookups/t.csv", 2)
ROW = Row({name: number for number, name in enumerate(NAMES)}, tuple(f"cell {name}" for name in NAMES), PLACE)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_reachable_by_item(name: str) -> None:
    assert ROW[name] == f"cell {name}"


@pytest.mark.parametrize("name", [name for name in NAMES if name.isidentifier()])
def test_no_method_hides_a_column_from_a_template(name: str) -> None:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    assert environment.from_string(f"{{{{ row.{name} }}}}").render(row=ROW) == f"cell {name}"
    assert environment.from_string(f"{{{{ row['{name}'] }}}}").render(row=ROW) == f"cell {name}"


def test_an_unknown_column_is_undefined() -> None:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    with pytest.raises(UndefinedError, match="library"):
        environment.from_string("{{ row.library }}").render(row=ROW)


def test_a_row_has_no_public_attribute_of_its_own() -> None:
    assert [name for name in dir(Row) if not name.startswith("_")] == []


def test_a_row_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="read-only"):
        ROW.items = "x"
    with pytest.raises(AttributeError, match="read-only"):
        del ROW.items
    assert ROW["items"] == "cell items"


def test_cells_place_and_truth() -> None:
    null = Row({"a": 0}, (None,), None, is_null=True)
    assert (row_cells(null), bool(null), row_place(null)) == ({"a": None}, False, None)
    assert (row_place(ROW), bool(ROW), len(ROW), next(iter(ROW))) == (PLACE, True, len(NAMES), "items")
    assert "items" in ROW
    assert "library" not in ROW


def test_rows_compare_copy_and_pickle() -> None:
    again = pickle.loads(pickle.dumps(ROW))  # noqa: S301 - our own bytes
    assert again == ROW == copy.deepcopy(ROW)
    assert hash(again) == hash(ROW)
    assert row_place(again) == PLACE
    assert Row({"a": 0}, ("1",), None) != Row({"a": 0}, ("2",), None)
    assert Row({"a": 0}, ("1",), None) != {"a": "1"}
    assert repr(Row({"a": 0}, ("1",), None)) == "Row(a='1')"
