"""Text of a YAML file → a sheet, and everything wrong with the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from etl.lookups.sheet import Sheet, sheet_of
from etl.problems import MappingPlace, Problem
from etl.yaml_tree import YamlText, syntax_problem, where_too_much

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_NODES = 300_000
"""Each takes a thousand bytes while the file is read: longer tables are CSV."""
_NULLS = ("", "~", "null", "Null", "NULL")
_EXPECTED = "write a list of rows, or the key of each row with its columns below"


def read_yaml(text: str, shown: str, key: tuple[str, ...]) -> tuple[Sheet, list[Problem]]:
    """A list of mappings, or a mapping of keys to rows. Every scalar is text as written; null is None.

    In the second form the (single) key becomes the first column. Nodes are composed, not constructed:
    `no` stays "no" and `0123` stays "0123".
    """
    beyond = where_too_much(text, MAX_NODES)
    if beyond is not None:
        line, _ = beyond
        message = f"by line {line} the table has more than {MAX_NODES:,} keys and cells, or nests too deep"
        return Sheet((), []), [Problem("E463", message, mapping=MappingPlace(shown))]
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        return Sheet((), []), [replace(syntax_problem(error, YamlText(shown, text)), code="E452")]
    found: list[Problem] = []
    rows: list[tuple[dict[str, str | None], MappingPlace]] = []
    if isinstance(root, yaml.SequenceNode):
        for node in root.value:
            rows.append((_cells(node, shown, found), _place(node, shown)))
    elif isinstance(root, yaml.MappingNode):
        if len(key) != 1:
            message = f"the file maps keys to rows, which needs a key of one column, not {len(key)}"
            found.append(Problem("E455", message, mapping=_place(root, shown), help="write a list of rows"))
        rows = _keyed_rows(root, shown, key[0], found)
    else:
        place = MappingPlace(shown, 1) if root is None else _place(root, shown)
        found.append(Problem("E455", "the file holds no rows", mapping=place, help=_EXPECTED))
    if found:
        return Sheet((), [((), place) for cells, place in rows if len(cells) > 1]), found
    return sheet_of(rows)


def _keyed_rows(
    root: yaml.MappingNode, shown: str, key: str, found: list[Problem]
) -> list[tuple[dict[str, str | None], MappingPlace]]:
    rows: list[tuple[dict[str, str | None], MappingPlace]] = []
    for name, node in root.value:
        place = _place(name, shown)
        if not isinstance(name, yaml.ScalarNode):
            found.append(Problem("E455", "a key must be text", mapping=place))
            continue
        cells = _cells(node, shown, found)
        if cells.setdefault(key, name.value) != name.value:
            message = f'the row of "{name.value}" says {key} is "{cells[key]}"'
            found.append(
                Problem("E455", message, mapping=place, help=f"leave {key} out: it stands in front already")
            )
        rows.append(({key: cells.pop(key), **cells}, place))
    return rows


def _cells(node: Any, shown: str, found: list[Problem]) -> dict[str, str | None]:
    """One row; what is wrong with it goes to `found`."""
    if not isinstance(node, yaml.MappingNode):
        found.append(
            Problem(
                "E455",
                "a row must be a mapping of columns to text",
                mapping=_place(node, shown),
                help=_EXPECTED,
            )
        )
        return {}
    cells: dict[str, str | None] = {}
    first: dict[str, int] = {}
    for name, value in node.value:
        place = _place(name, shown)
        if not isinstance(name, yaml.ScalarNode) or name.value == "<<":
            found.append(
                Problem("E455", "a column name must be text; merge keys are not read", mapping=place)
            )
        elif name.value in first:
            message = f'column "{name.value}" stands twice in this row, first on line {first[name.value]}'
            found.append(Problem("E453", message, mapping=place))
        elif not isinstance(value, yaml.ScalarNode):
            found.append(
                Problem("E455", f'the cell "{name.value}" must be text', mapping=_place(value, shown))
            )
        else:
            first[name.value] = place.line
            cells[name.value] = None if not value.style and value.value in _NULLS else value.value
    return cells


def _place(node: Any, shown: str) -> MappingPlace:
    return MappingPlace(shown, node.start_mark.line + 1, node.start_mark.column + 1)
