"""Parameters, lookups, guards and checks of a Spec → their compiled forms."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as MappingType
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from etl.lookups import VALIDITY, Table, inline_table, load_table
from etl.lookups.sheet import did_you_mean
from etl.plan.lookup_filter import LookupTable, Missing
from etl.plan.plan import Check, Constant, Guards, ValuePlan, When
from etl.plan.templates import Templates
from etl.plan.typed_tables import typed_table
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.spec.directives import VERDICTS
from etl.spec.load import Spec, sibling
from etl.spec.model import CellKind, LookupSection
from etl.yaml_tree import Mapping, Node, Scalar, Sequence, find


def parameters(spec: Spec, given: MappingType[str, str], problems: list[Problem]) -> dict[str, str]:
    """Declared parameters with the values given for them."""
    values: dict[str, str] = {}
    for name, section in spec.model.parameters.items():
        value = given.get(name, section.default)
        if value is None:
            problems.append(
                Problem(
                    "E230",
                    f'parameter "{name}" is not given',
                    mapping=spec.place("parameters", name),
                    help=f"give --param {name}=… or ETL_PARAM_{name.upper()}"
                    + (f" ({section.help})" if section.help else ""),
                )
            )
        else:
            values[name] = value
    frozen = spec.model.snapshot.parameters if spec.is_whole else {}
    for name in {**given, **frozen}:
        if name not in spec.model.parameters:
            near = difflib.get_close_matches(name, spec.model.parameters, 1)
            help_ = (
                f'did you mean "{near[0]}"?'
                if near
                else f"declared: {', '.join(spec.model.parameters) or 'none'}"
            )
            place = spec.place("snapshot", "parameters", name) if name in frozen else spec.place("parameters")
            problems.append(Problem("E231", f'no parameter "{name}" is declared', mapping=place, help=help_))
    return values


def dashes(tables: MappingType[str, LookupTable]) -> list[Problem]:
    """Warnings of keys that are "-": what a vendor leaves out is found by an empty cell."""
    places = dict.fromkeys(place for one in tables.values() if (place := one.table.dash_in_key()))
    said = 'a key cell is "-", which is found by the text "-" alone'
    return [
        Problem("E236", said, Severity.WARNING, place, help="an empty cell stands for what was left out")
        for place in places
    ]


def lookups(spec: Spec, problems: list[Problem]) -> dict[str, LookupTable]:
    """Every lookup table, loaded and indexed."""
    tables: dict[str, LookupTable] = {}
    for name, section in spec.model.lookups.items():
        try:
            table = _table(spec, name, section)
            columns = _declared(spec, name, section, table, problems)
            table = typed_table(table, section.columns or {})
            tables[name] = LookupTable(name, table, _missing(spec, name, table, problems), columns)
        except Refusal as refusal:
            problems += refusal.problems
    return tables


def _declared(
    spec: Spec, name: str, section: LookupSection, table: Table, problems: list[Problem]
) -> MappingType[str, CellKind] | None:
    """The columns the mapping says the table has, each there, with their types; None when it says nothing."""
    if section.columns is None:
        return None
    said = spec.node("lookups", name, "columns")
    for position, column in enumerate(section.columns):
        if isinstance(said, Mapping):
            at = said.key_place(column)
        else:
            at = find(said, (position,)).place(len(column))
        if column in table.key:
            what, help_ = f'"{column}" is the key of "{name}": columns are what it answers', "leave it out"
        elif column in VALIDITY:
            what, help_ = f'"{column}" says how long a row is valid: it answers nothing', "leave it out"
        elif column not in table.columns:
            what = f'{table.shown} has no column "{column}"'
            help_ = did_you_mean(column, table.columns)
        else:
            continue
        problems.append(Problem("E235", what, mapping=at, help=help_))
    return section.columns


def _table(spec: Spec, name: str, section: LookupSection) -> Table:
    node = spec.node("lookups", name)
    key = tuple(section.key)
    if (section.file is None) == (section.rows is None):
        raise Refusal(Problem("E232", f'lookup "{name}" needs either file or rows', mapping=node.place()))
    if section.file is None:
        rows = spec.node("lookups", name, "rows")
        return inline_table(
            _rows(rows, key),
            key,
            shown=f"lookups.{name}",
            case_insensitive=section.case_insensitive,
            place=rows.place(),
        )
    written = spec.node("lookups", name, "file")
    shown = sibling(written.file, section.file)
    return load_table(
        Path(shown),
        shown,
        key,
        case_insensitive=section.case_insensitive,
        place=written.place(len(section.file)),
    )


def _rows(node: Node, key: tuple[str, ...]) -> list[tuple[dict[str, str | None], MappingPlace]]:
    """Rows written in the mapping: a list of rows, or key → row, or key → value (column `value`)."""
    if isinstance(node, Sequence):
        return [(_row(child), child.place()) for child in node.items]
    if isinstance(node, Mapping):
        if len(key) != 1:
            raise Refusal(
                Problem(
                    "E232",
                    "rows by key need a key of one column",
                    mapping=node.place(),
                    help="write a list of rows",
                )
            )
        rows: list[tuple[dict[str, str | None], MappingPlace]] = []
        for name, child in node.items.items():
            columns = _row(child) if isinstance(child, Mapping) else {"value": _text(child)}
            rows.append(({key[0]: name, **columns}, node.key_place(name)))
        return rows
    raise Refusal(Problem("E232", "rows is a list of rows, or key → row", mapping=node.place()))


def _row(node: Node) -> dict[str, str | None]:
    if not isinstance(node, Mapping):
        raise Refusal(Problem("E232", "a row is a group of columns", mapping=node.place()))
    return {name: _text(child) for name, child in node.items.items()}


def _text(node: Node) -> str | None:
    if not isinstance(node, Scalar):
        raise Refusal(Problem("E232", "a cell is one text", mapping=node.place()))
    return None if node.is_null else node.text


def _missing(spec: Spec, name: str, table: Table, problems: list[Problem]) -> Missing:
    lookup = spec.node("lookups", name)
    node = lookup.items.get("on_missing") if isinstance(lookup, Mapping) else None
    if node is None:
        return Missing("reject")
    if isinstance(node, Mapping):
        try:
            return Missing("row", table.default_row(_row(node), node.place()))
        except Refusal as refusal:
            problems += refusal.problems
            return Missing("reject")
    text = (
        "null" if isinstance(node, Scalar) and node.is_null else node.text if isinstance(node, Scalar) else ""
    )
    if text not in ("reject", "hold", "null"):
        near = difflib.get_close_matches(text, ("reject", "hold", "null"), 1)
        help_ = f'did you mean "{near[0]}"?' if near else "reject, hold, null, or a row to use instead"
        problems.append(Problem("E233", f'on_missing is "{text}"', mapping=node.place(len(text)), help=help_))
        return Missing("reject")
    return Missing(cast(Literal["reject", "hold", "null"], text))


def guards(spec: Spec) -> Guards:
    """Limits of the run; `2%` and `20` are different things."""
    section = spec.model.guards
    limit = section.max_rejected
    share = Decimal(limit[:-1]) if limit and limit.endswith("%") else None
    count = int(Decimal(limit)) if limit and share is None else None
    return Guards(section.max_documents, count, share, section.max_total)


def identity(spec: Spec, templates: Templates) -> dict[str, ValuePlan]:
    """What an order line is known by besides its key: columns or templates, and the condition `another`."""
    section = spec.tree.items.get("identity")
    plans: dict[str, ValuePlan] = {}
    for name, node in section.items.items() if isinstance(section, Mapping) else ():
        if name == "another":
            asked = templates.condition(node, "another")
            if asked:
                plans[name] = When(asked.template, Constant(None, asked.place), asked.place)
        elif found := templates.name_or_template(node):
            plans[name] = found[1]
    return plans


def checks(spec: Spec, templates: Templates) -> tuple[Check, ...]:
    """The author's rules, base mapping's first."""
    compiled = []
    section = spec.tree.items.get("checks")
    for node in section.items if isinstance(section, Sequence) else ():
        if not isinstance(node, Mapping):
            templates.refuse("E234", "a check is written {if: …, reject|hold|warn: …}", node.place())
            continue
        for name in node.items:
            if name != "if" and name not in VERDICTS:
                near = difflib.get_close_matches(name, ("if", *VERDICTS), 1)
                templates.refuse(
                    "E107",
                    f'unknown key "{name}"',
                    node.key_place(name),
                    f'did you mean "{near[0]}"?' if near else None,
                )
        verdicts = [name for name in VERDICTS if name in node.items]
        if len(verdicts) != 1 or "if" not in node.items:
            templates.refuse("E234", "a check needs if and one of reject, hold, warn", node.place())
            continue
        condition = templates.condition(node.items["if"], "if")
        written = node.items[verdicts[0]]
        message = templates.text(written, f"the message of {verdicts[0]}")
        if isinstance(written, Scalar) and (written.is_null or not written.text.strip()):
            help_ = "say why: whoever decides reads these words"
            templates.refuse("E234", f"{verdicts[0]} has no message", written.place(), help_)
        if condition is not None:
            verdict = cast(Literal["reject", "hold", "warn"], verdicts[0])
            compiled.append(Check(condition.template, verdict, message, node.items["if"].place()))
    return tuple(compiled)
