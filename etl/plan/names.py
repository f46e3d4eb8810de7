"""Templates and the names they may read → unknown names, unused lets, and the columns that are wanted."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from jinja2 import nodes

from etl.normal_form import normal_form
from etl.plan.lookup_filter import LookupTable
from etl.plan.plan import Expression, ValuePlan
from etl.plan.shapes import ShapeCompiler, never_given
from etl.plan.templates import Templates, Use
from etl.plugin import Columns, Connector
from etl.problems import MappingPlace, Problem, Severity
from etl.spec.load import Spec
from etl.template.other_tongues import CONSTANTS
from etl.yaml_tree import Mapping as Group
from etl.yaml_tree import Node
from etl.yaml_tree import Sequence as List

GIVEN = {
    "parameters": "the mapping's parameters",
    "run_date": "the run's date",
    "row": "all columns of the record by name",
    "rows": "the rows of the group (with group_by)",
    "record": "number, line and file of the record",
    "range": "Jinja's range",
}


_SHOWN = 80
Lets = Mapping[str, ValuePlan]


def lacking(columns: Columns, always: bool) -> Callable[[str], bool]:
    """May a column of this name be lacking, so that a default stands for it?

    Not where the connector has these columns `always`; nor where the file has one that is spelt nearly so:
    the default would stand for it for ever. `isbn2` beside `isbn` is no slip.
    """

    def may_lack(name: str) -> bool:
        near = _nearest(name, columns.names, 0.8)
        return not always and (near is None or _digits(near) != _digits(name))

    return may_lack


def _digits(name: str) -> list[str]:
    return [sign for sign in name if sign.isdigit()]


def unknown_names(
    uses: Sequence[Use], lets: Lets, columns: Columns, grouped: bool, may_lack: Callable[[str], bool]
) -> list[Problem]:
    """Names no column, let, loop or given name answers to, if the columns are known.

    `may_lack`: is a name under `default` that is not among them no slip?
    """
    if not columns.closed:
        return []
    problems = []
    given = set(GIVEN) - (set() if grouped else {"rows"})
    readers = _readers(uses, lets)
    for use in uses:
        known = {*columns.names, *(lets if use.sees_lets else ()), *given, *use.local}
        optional = use.template.names.optional.items()
        read = {**use.template.names.needed, **{name: at for name, at in optional if not may_lack(name)}}
        problems += [
            _unknown(
                name,
                use.template.locate(offset, len(name)),
                known - readers(name),
                lets,
                columns,
                use.template.with_quotes(name),
            )
            for name, offset in read.items()
            if name not in known
        ]
    return problems


def _readers(uses: Sequence[Use], lets: Lets) -> Callable[[str], set[str]]:
    """The lets that would have their value from a name, also by way of others: none of them can be meant by
    it.
    """
    read: dict[str, set[str]] = {}
    for use in uses:
        within = use.template.locate(0, 0).path.partition("let.")
        if not within[0] and (own := re.split(r"[.\[]", within[2], maxsplit=1)[0]) in lets:
            read.setdefault(own, set()).update(use.template.names.all)

    def readers(name: str) -> set[str]:
        found, new = set[str](), {name}
        while new:
            new = {one for one, names in read.items() if names & new} - found
            found |= new
        return found

    return readers


def _unknown(
    name: str, place: MappingPlace, known: set[str], lets: Lets, columns: Columns, quoted: str | None = None
) -> Problem:
    """`quoted`: what is written, if the name were a text that a filter is given."""
    if name in lets:
        said = f'"{name}" is not there yet: when and group_by come before let'
        return Problem("E222", said, mapping=place, help="they read columns")
    if name == "rows":
        return Problem("E222", '"rows" exists only with group_by', mapping=place)
    guess = _nearest(name, known)
    if name.casefold() in CONSTANTS:
        said = f'"{name}" is no name here'
        return Problem("E221", said, mapping=place, help=f"write  {CONSTANTS[name.casefold()]}")
    help_ = f'did you mean "{guess}"?' if guess else "columns: " + ", ".join(sorted(columns.names)[:20])
    if quoted:
        help_ = f"a text stands in quotes: write  {quoted}" + (f" ;  or {help_}" if guess else "")
    return Problem("E221", f'unknown column or name "{name}"', mapping=place, data=columns.header, help=help_)


def _nearest(name: str, known: Collection[str], cutoff: float = 0.6) -> str | None:
    folded = [other for other in known if other.casefold() == name.casefold()]
    return next(iter(folded or difflib.get_close_matches(name, known, 1, cutoff)), None)


_SOME = 3
"""Columns that a mapping reads, and none is there: then it is not this or that name that is wrong."""


def no_header(missing: Mapping[str, MappingPlace], columns: Columns) -> Problem | None:
    """Of a file that has none of the columns `missing` (all that are read): told once, of its header."""
    if columns.header is None or len(missing) < _SOME:
        return None
    words = "; ".join(name for name in columns.names)
    told = f"the header has none of the {len(missing)} columns that the mapping reads: {_cut(words)}"
    help_ = (
        f"is it a row of data, or another file? Wanted: {_cut(', '.join(missing))}; "
        "for a vendor who never sends a header, under source:  options: {header: false}"
    )
    return Problem("E221", told, mapping=next(iter(missing.values())), data=columns.header, help=help_)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def needed_columns(uses: Sequence[Use], lets: Lets) -> dict[str, MappingPlace]:
    """What templates need that only a column can be, and where each is first read."""
    needs: dict[str, MappingPlace] = {}
    for use in uses:
        own = {*use.local, *(lets if use.sees_lets else ()), *GIVEN}
        for name, offset in use.template.names.needed.items():
            if name not in own:
                needs.setdefault(name, use.template.locate(offset, len(name)))
    return needs


def unmet(spec: Spec, lets: Lets, columns: Columns) -> list[Problem]:
    """What a base `requires` and nothing gives, if the columns are known."""
    if not columns.closed:
        return []
    given = {name for name, plan in lets.items() if not never_given(plan)}
    given |= columns.names.keys() | spec.model.parameters.keys()
    return [
        Problem(
            "E253",
            f'"{name}" is required and nothing gives it: {what}',
            mapping=spec.place("requires", name),
            help=f"name it in let, in {spec.path}",
        )
        for name, what in spec.model.requires.items()
        if name not in given
    ]


def hiding(made: Sequence[tuple[str, MappingPlace]], columns: Columns, always: bool) -> list[Problem]:
    """Names that a column has already: an error where the columns are `always` these, else a warning."""
    severity = Severity.ERROR if always else Severity.WARNING
    return [
        Problem("E225", f'"{name}" hides the column of that name', severity, place, help="another name")
        for name, place in made
        if columns.closed and name in columns.names
    ]


def misspelt_ignored(spec: Spec, columns: Columns, may_lack: Callable[[str], bool]) -> list[Problem]:
    """Warnings of `source.ignore` that speaks of no column of the file, which has one that is spelt nearly
    so. A column that this file lacks may stand in another.
    """
    problems = []
    known = {normal_form(name).casefold() for name in columns.names}
    for entry in spec.model.source.ignore if columns.header is not None else ():
        if normal_form(entry).casefold() in known or set("*?") & set(entry) or may_lack(entry):
            continue
        said = f'"{entry}" in source.ignore is no column of the input'
        help_ = f'did you mean "{_nearest(entry, columns.names)}"?'
        node = spec.node("source", "ignore")
        place = node.key_place(entry) if isinstance(node, Group) else node.place()
        problems.append(Problem("E221", said, Severity.WARNING, place, columns.header, help_))
    return problems


def read_names(uses: Sequence[Use]) -> set[str]:
    """Every name that some template reads."""
    return {name for use in uses for name in use.template.names.all}


def unused_lets(spec: Spec, templates: Templates, compiler: ShapeCompiler, lets: Lets) -> list[Problem]:
    """Names that the mapping itself makes, in `let` or `$let`, and nothing reads. A base may offer more than
    one mapping needs.
    """
    read, texts = read_names(templates.uses), {one.text for one in templates.texts}
    made = [(name, spec.place("let", name), name in read, "let") for name in lets]
    made += [(name, place, known, "$let") for place, (name, known) in compiler.inner_lets.items()]
    problems = []
    for name, place, known, where in made:
        if known or place.file != spec.path:
            continue
        near = difflib.get_close_matches(name, sorted(read), 1, cutoff=0.75)
        help_ = f'"{near[0]}" is read: is that meant?' if near and near[0] != name else "leave it out"
        if name in texts:
            help_ = f'it stands somewhere as a text, without braces: write  "{{{{ {name} }}}}"  there'
        problems.append(Problem("E223", f'"{name}" in {where} is never used', mapping=place, help=help_))
    return problems


def lost_levels(spec: Spec, templates: Templates, compiler: ShapeCompiler) -> list[Problem]:
    """Levels that a `$level` goes without because what they name gives no row anywhere: a weaker one would
    say the value, and nobody would know. Of a base alone a warning: the name may be another file's.
    """
    compiled = {name for name, _ in templates.made}
    made = compiled | set(_inner_names(spec.tree))
    severity = Severity.ERROR if spec.is_whole else Severity.WARNING
    problems = []
    for level, name in spec.model.levels.items():
        if level not in compiler.passed_over or name in compiler.row_names | compiler.unread:
            continue
        near = _nearest(name, compiler.row_names) or _nearest(name, made)
        if name not in made:
            said = f'level "{level}" is said by "{name}", and nothing of that name is made'
            help_ = f'did you mean "{near}"?' if near else "name a row of let or $let, or leave the level out"
        elif name in compiled:
            said = f'level "{level}" is said by "{name}", which is no row of a table that lists its columns'
            help_ = "list them under  columns:  of its lookup, or say the level beside each $level"
        else:
            continue  # a fragment that is not included makes it: a base may offer more than a mapping needs
        place = spec.node("levels", level).place(len(name))
        problems.append(Problem("E252", said, severity, place, help=help_))
    return problems


def _inner_names(node: Node) -> Iterator[str]:
    """Every name that a `$let` makes, in fragments that are not included as well."""
    if isinstance(node, Group):
        inner = node.items.get("$let")
        yield from inner.items if isinstance(inner, Group) else ()
        for child in node.items.values():
            yield from _inner_names(child)
    for child in node.items if isinstance(node, List) else ():
        yield from _inner_names(child)


def wanted_columns(
    uses: Sequence[Use], lets: Lets, connector: Connector
) -> tuple[frozenset[str] | None, dict[str, MappingPlace]]:
    """The columns templates read, and those by which an order line is known (None: any, by `row` or `rows`);
    and where each needed one is first read.
    """
    read = {column.partition(".")[0] for columns in connector.identity.values() for column in columns}
    for use in uses:
        read |= set(use.template.names.all) - {*use.local, *(lets if use.sees_lets else ())}
    wanted = None if read & {"row", "rows"} else frozenset(read - set(GIVEN))
    return wanted, needed_columns(uses, lets)


def members_read(uses: Sequence[Use]) -> frozenset[str]:
    """The members that templates ask of groups, whatever the group: `spot.note`, `raw['Moms %']`."""
    return frozenset(member for use in uses for _, member in use.template.sources if isinstance(member, str))


def declared_columns(value: Expression, tables: Mapping[str, LookupTable]) -> frozenset[str] | None:
    """What the table behind a row says a level may be asked for; None when the value is no row."""
    table = _table_of(value, tables)
    return None if table is None else frozenset(table.columns or ())


def _table_of(value: ValuePlan, tables: Mapping[str, LookupTable]) -> LookupTable | None:
    if not isinstance(value, Expression) or not value.template.is_expression:
        return None
    output = value.template.tree.body[0]
    assert isinstance(output, nodes.Output)  # noqa: S101 - is_expression
    node = output.nodes[0]
    return _table_of_filter(node, tables) if isinstance(node, nodes.Filter) else None


def _table_of_filter(node: nodes.Filter, tables: Mapping[str, LookupTable]) -> LookupTable | None:
    """The table a `| lookup('name')` without a column answers from."""
    if node.name.split(" ")[0] != "lookup" or len(node.args) != 1:
        return None
    argument = node.args[0]
    if any(pair.key == "column" for pair in node.kwargs) or not isinstance(argument, nodes.Const):
        return None
    return tables.get(str(argument.value))


def unknown_column(name: str, place: MappingPlace, columns: Columns) -> Problem:
    """A needed column that the file's header lacks."""
    return _unknown(name, place, set(columns.names), {}, columns)
