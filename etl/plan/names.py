"""Templates and the names they may read → unknown names, unused lets, and the columns that are wanted."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence

from jinja2 import nodes

from etl.lookups import Table
from etl.plan.plan import Expression, Value
from etl.plan.templates import Use
from etl.plugin import Columns
from etl.problems import MappingPlace, Problem, Severity
from etl.template.compile import Template
from etl.template.lexer import offset_of

GIVEN = {
    "parameters": "the mapping's parameters",
    "run_date": "the run's date",
    "row": "all columns of the record by name",
    "rows": "the rows of the group (with group_by)",
    "record": "number, line and file of the record",
    "range": "Jinja's range",
}


def unknown_names(
    uses: Sequence[Use],
    lets: Sequence[tuple[str, Value]],
    columns: Columns,
    grouped: bool,
    optional_too: bool,
) -> list[Problem]:
    """Names no column, let, loop or given name answers to, if the columns are known.

    `optional_too`: the connector has these columns and never others, so that a name under `default` that is
    not among them is a slip.
    """
    if not columns.closed:
        return []
    problems = []
    names_of_lets = [name for name, _ in lets]
    given = set(GIVEN) - (set() if grouped else {"rows"})
    for use in uses:
        visible = names_of_lets if use.lets is None else names_of_lets[: use.lets]
        known = {*columns.names, *visible, *given, *use.local}
        for name, offset in use.template.names.needed.items():
            if name not in known:
                problems.append(
                    _unknown(name, use.template.locate(offset, len(name)), known, names_of_lets, columns)
                )
        if optional_too:
            for name, offset in use.template.names.optional.items():
                if name not in known:
                    place = use.template.locate(offset, len(name))
                    problems.append(_unknown(name, place, known, names_of_lets, columns))
    return problems


def _unknown(name: str, place: MappingPlace, known: set[str], lets: list[str], columns: Columns) -> Problem:
    if name in lets:
        return Problem("E222", f'"{name}" is used before it is set in let', mapping=place, help="move it up")
    if name == "rows":
        return Problem("E222", '"rows" exists only with group_by', mapping=place)
    near = difflib.get_close_matches(name, known, 1)
    folded = [other for other in known if other.casefold() == name.casefold()]
    guess = next(iter(folded or near), None)
    help_ = f'did you mean "{guess}"?' if guess else "columns: " + ", ".join(sorted(columns.names)[:20])
    return Problem("E221", f'unknown column or name "{name}"', mapping=place, help=help_)


def unused_lets(uses: Sequence[Use], lets: Sequence[tuple[str, Value]], keys: Sequence[str]) -> list[Problem]:
    """let names that nothing reads (a warning: a base mapping may offer more than one needs)."""
    read = {name for use in uses for name in (*use.template.names.needed, *use.template.names.optional)}
    return [
        Problem(
            "E223",
            f'"{name}" in let is never used',
            severity=Severity.WARNING,
            mapping=value.place,
        )
        for name, value in lets
        if name not in read and name not in keys
    ]


def wanted_columns(
    uses: Sequence[Use], lets: Sequence[tuple[str, Value]]
) -> tuple[frozenset[str] | None, dict[str, MappingPlace]]:
    """The columns templates read (None: any, by `row` or `rows`), and where each needed one is first read."""
    names_of_lets = {name for name, _ in lets}
    read: set[str] = set()
    needs: dict[str, MappingPlace] = {}
    for use in uses:
        own = names_of_lets if use.lets is None else {name for name, _ in list(lets)[: use.lets]}
        for group, strict in ((use.template.names.needed, True), (use.template.names.optional, False)):
            for name, offset in group.items():
                if name in own or name in use.local:
                    continue
                read.add(name)
                if strict and name not in GIVEN:
                    needs.setdefault(name, use.template.locate(offset, len(name)))
    wanted = None if read & {"row", "rows"} else frozenset(read - set(GIVEN))
    return wanted, needs


def lookup_columns(
    uses: Sequence[Use], lets: Sequence[tuple[str, Value]], tables: Mapping[str, Table]
) -> list[Problem]:
    """`account_row.libary`: columns a lookup's table does not have."""
    rows = {name: table for name, value in lets if (table := _table_of(value, tables)) is not None}
    problems = []
    for use in uses:
        for node in use.template.tree.find_all(nodes.Getattr):
            table = None
            if isinstance(node.node, nodes.Name) and node.node.name not in use.local:
                table = rows.get(node.node.name)
            elif isinstance(node.node, nodes.Filter):
                table = _table_of_filter(node.node, tables)
            if table is not None and node.attr not in table.columns:
                problems.append(_no_column(node, table, use.template))
    return problems


def _no_column(node: nodes.Getattr, table: Table, template: Template) -> Problem:
    near = difflib.get_close_matches(node.attr, table.columns, 1)
    help_ = f'did you mean "{near[0]}"?' if near else "columns: " + ", ".join(table.columns)
    at = template.text.find(node.attr, offset_of(node.lineno))
    place = template.locate(max(at, 0), len(node.attr))
    return Problem("E224", f'lookup table has no column "{node.attr}"', mapping=place, help=help_)


def _table_of(value: Value, tables: Mapping[str, Table]) -> Table | None:
    if not isinstance(value, Expression) or not value.template.is_expression:
        return None
    output = value.template.tree.body[0]
    assert isinstance(output, nodes.Output)  # noqa: S101 - is_expression
    node = output.nodes[0]
    return _table_of_filter(node, tables) if isinstance(node, nodes.Filter) else None


def _table_of_filter(node: nodes.Filter, tables: Mapping[str, Table]) -> Table | None:
    """The table a `| lookup('name')` without a column answers from."""
    if node.name.split(" ")[0] != "lookup" or len(node.args) != 1:
        return None
    argument = node.args[0]
    if any(pair.key == "column" for pair in node.kwargs) or not isinstance(argument, nodes.Const):
        return None
    return tables.get(str(argument.value))


def unknown_column(name: str, place: MappingPlace, columns: Columns) -> Problem:
    """A needed column that the file's header lacks."""
    return _unknown(name, place, set(columns.names), [], columns)


def unknown_parameters(uses: Sequence[Use], declared: Collection[str]) -> list[Problem]:
    """`parameters.libary`: parameters that are not declared."""
    problems = []
    for use in uses:
        for node in use.template.tree.find_all(nodes.Getattr):
            if (
                isinstance(node.node, nodes.Name)
                and node.node.name == "parameters"
                and node.attr not in declared
            ):
                near = difflib.get_close_matches(node.attr, declared, 1)
                help_ = f'did you mean "{near[0]}"?' if near else "declare it under parameters:"
                at = use.template.text.find(node.attr, offset_of(node.lineno))
                place = use.template.locate(max(at, 0), len(node.attr))
                problems.append(
                    Problem("E231", f'no parameter "{node.attr}" is declared', mapping=place, help=help_)
                )
    return problems
