"""Parsed template → the same template made safe and traceable, or every reason why not.

Three things happen to the syntax tree before it becomes code: what is not allowed is refused; loops,
joins and comparisons get their bounds; every filter gets a name of its own, so that a failure knows
which filter at which column it was.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from etl.plugin import BadArgument, BadValue
from etl.problems import MappingPlace, Problem
from etl.template.bounds import MAX_BITS
from etl.template.builtins import CHOOSING
from etl.template.conditional_reads import conditional_reads
from etl.template.environment import Sandbox
from etl.template.filter_site import sited
from etl.template.lexer import offset_of
from etl.template.named_tables import not_named
from etl.template.operator_site import Written
from etl.template.operators import OperatorRewriter
from etl.template.other_tongues import FILTERS, from_another_language, test_of_ours
from etl.template.sample_calls import fails_on_sample

if TYPE_CHECKING:
    Locate = Callable[[int, int], MappingPlace]

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Include: "include",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.FilterBlock: "filter",
    nodes.AssignBlock: "set block",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.NSRef: "namespace",
    nodes.ExprStmt: "do",
    nodes.Break: "break",
    nodes.Continue: "continue",
}
_NAMED_BY = {"map": 0, **CHOOSING}
"""Filters that apply another filter or a test, and which of their arguments names it."""
_LISTS = frozenset(
    [
        "list",
        "map",
        "select",
        "reject",
        "selectattr",
        "rejectattr",
        "batch",
        "slice",
        "sort",
        "unique",
        "groupby",
        "dictsort",
        "items",
        "reverse",
    ]
)


@dataclass(frozen=True, slots=True)
class Names:
    """The free names of a template: name → offset of its first use."""

    needed: dict[str, int]
    optional: dict[str, int]
    attributes: dict[str, int]
    assigns: bool

    @property
    def all(self) -> Iterator[str]:
        """Every name that is read, needed or not."""
        yield from self.needed
        yield from self.optional

    def first_use(self, name: str) -> int | None:
        for where in (self.needed, self.optional, self.attributes):
            if name in where:
                return where[name]
        return None

    @classmethod
    def of(cls, tree: nodes.Template) -> Names:
        """Collect them; a name read only under `default` or `is defined` is optional."""
        guarded = {id(node.node) for node in tree.find_all(nodes.Filter) if node.name in ("default", "d")}
        guarded |= {
            id(node.node) for node in tree.find_all(nodes.Test) if node.name in ("defined", "undefined")
        }
        needed: dict[str, int] = {}
        optional: dict[str, int] = {}
        for node, bound in _free(tree, frozenset()):
            if node.name not in bound:
                (optional if id(node) in guarded else needed).setdefault(node.name, offset_of(node.lineno))
        attributes: dict[str, int] = {}
        for attribute in tree.find_all(nodes.Getattr):
            attributes.setdefault(attribute.attr, offset_of(attribute.lineno))
        assigns = any(isinstance(node, nodes.Assign) for node in tree.body)
        optional = {name: at for name, at in optional.items() if name not in needed}
        return cls(needed, optional, attributes, assigns)


def _free(node: nodes.Node, bound: frozenset[str]) -> Iterator[tuple[nodes.Name, frozenset[str]]]:
    """Every name that is read, with the names bound around it (loop variables, set, with)."""
    if isinstance(node, nodes.Name):
        if node.ctx == "load":
            yield node, bound
        return
    if isinstance(node, nodes.For):
        yield from _free(node.iter, bound)
        inner = bound | _stored(node.target) | {"loop"}
        for part in (*([node.test] if node.test else []), *node.body):
            inner |= _assigned(part)
            yield from _free(part, inner)
        for part in node.else_:
            yield from _free(part, bound)
        return
    if isinstance(node, nodes.With):
        for value in node.values:
            yield from _free(value, bound)
        inner = bound.union(*(_stored(target) for target in node.targets)) if node.targets else bound
        for part in node.body:
            yield from _free(part, inner)
        return
    for child in node.iter_child_nodes():
        yield from _free(child, bound)
        bound |= _assigned(child)


def _stored(target: nodes.Node) -> frozenset[str]:
    found = {name.name for name in target.find_all(nodes.Name)}
    return frozenset(found | ({target.name} if isinstance(target, nodes.Name) else set()))


def _assigned(node: nodes.Node) -> frozenset[str]:
    return _stored(node.target) if isinstance(node, nodes.Assign) else frozenset()


def check_nodes(tree: nodes.Template, env: Sandbox, text: str, locate: Locate) -> list[Problem]:
    """Everything in a template that is refused before the first record."""
    problems: list[Problem] = []
    for node in tree.find_all(nodes.Node):
        at = offset_of(node.lineno) if node.lineno else 0
        foreign = from_another_language(node, env.known_filters, env.tests, locate)
        if foreign is not None:
            problems.append(foreign)
        if type(node) in _REFUSED:
            word = _REFUSED[type(node)]
            problems.append(
                Problem("E212", f"{{% {word} %}} is not available in a mapping", mapping=locate(at, 0))
            )
        elif isinstance(node, nodes.For) and node.recursive:
            problems.append(
                Problem("E212", "recursive loops are not available in a mapping", mapping=locate(at, 0))
            )
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            problems.append(
                Problem(
                    "E212", f'"{node.attr}" is not allowed: names may not begin with _', mapping=locate(at, 0)
                )
            )
        elif isinstance(node, nodes.Filter):
            problems += _check_filter(node, env, text, locate)
        elif isinstance(node, nodes.CondExpr) and node.expr2 is None:
            problems.append(
                Problem("E212", "an inline if needs its else", mapping=locate(at, 0), help="x if y else ''")
            )
        elif isinstance(node, nodes.Const) and type(node.value) is int and node.value.bit_length() > MAX_BITS:
            problems.append(Problem("E212", "a number of more than a thousand digits", mapping=locate(at, 0)))
        elif isinstance(node, nodes.Name) and node.name == "self":
            problems.append(Problem("E212", '"self" is not available in a mapping', mapping=locate(at, 4)))
        elif isinstance(node, nodes.Test) and node.name not in env.tests:
            near = difflib.get_close_matches(node.name, env.tests, 1)
            help_ = test_of_ours(node) or (f'did you mean "{near[0]}"?' if near else None)
            problems.append(
                Problem(
                    "E213",
                    f'unknown test "{node.name}"',
                    mapping=locate(max(text.find(node.name, at), 0), len(node.name)),
                    help=help_,
                )
            )
    return problems or [*_check_mixed(tree, locate), *conditional_reads(tree, locate, text)]


def _check_mixed(tree: nodes.Template, locate: Locate) -> list[Problem]:
    """Lists and nulls inside text can be seen beforehand in the plain cases."""
    outputs = [part for out in tree.find_all(nodes.Output) for part in out.nodes]
    inside = outputs if len(outputs) > 1 else []
    inside = inside + [part for joined in tree.find_all(nodes.Concat) for part in joined.nodes]
    problems = []
    for part in inside:
        place = locate(offset_of(part.lineno), 0)
        if _is_list(part):
            message = "a list inside text would become the text of a Python list"
            problems.append(Problem("E214", message, mapping=place, help="use  | join(', ')  or $for"))
        elif isinstance(part, nodes.Const) and part.value is None:
            problems.append(Problem("E214", 'a null inside text would become the text "None"', mapping=place))
    return problems


def _is_list(node: nodes.Node) -> bool:
    return isinstance(node, nodes.List | nodes.Tuple | nodes.Dict) or (
        isinstance(node, nodes.Filter) and node.name in _LISTS
    )


def _check_filter(node: nodes.Filter, env: Sandbox, text: str, locate: Locate) -> list[Problem]:
    at = offset_of(node.lineno)
    place = locate(text.find(node.name, at), len(node.name))
    known = env.known_filters
    if node.name not in known:
        if node.name.casefold() in FILTERS:
            help_ = f"use {FILTERS[node.name.casefold()]}"
        else:
            near = difflib.get_close_matches(node.name.casefold(), known, 1)
            help_ = f'did you mean "{near[0]}"?' if near else "etl list filters  shows all"
        return [Problem("E213", f'unknown filter "{node.name}"', mapping=place, help=help_)]
    at_argument = _NAMED_BY.get(node.name, len(node.args))
    applied = node.args[at_argument] if at_argument < len(node.args) else None
    if isinstance(applied, nodes.Const):
        inner = str(applied.value)
        tables: list[tuple[str, Collection[str]]] = [("filter", known), ("test", env.tests)]
        (kind, names), (twin, others) = tables if node.name == "map" else reversed(tables)
        if inner not in names:
            near = difflib.get_close_matches(inner, names, 1)
            help_ = f'did you mean "{near[0]}"?' if near else f"{node.name} takes the name of a {kind}"
            if inner in others:
                help_ = f'"{inner}" is a {twin}; {node.name} takes a {kind}'
            return [Problem("E213", f'unknown {kind} "{inner}"', mapping=place, help=help_)]
    elif applied is not None:
        help_ = f"write its name in quotes:  {node.name}('…')"
        said = f"what {node.name} applies must be named in the mapping"
        return [Problem("E212", said, mapping=place, help=help_)]
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return [Problem("E212", "* and ** arguments are not available in a mapping", mapping=place)]
    named = getattr(known.get("lookup"), "tables", {})
    return not_named(node, text, named, locate) or _check_arguments(node, env, place)


def _check_arguments(node: nodes.Filter, env: Sandbox, place: MappingPlace) -> list[Problem]:
    """Number and names of arguments always; their values when they are constants."""
    filter_ = env.known_filters[node.name]
    plain = inspect.unwrap(filter_)
    given = ["value"] * (2 if hasattr(plain, "jinja_pass_arg") else 1)
    signature = inspect.signature(plain)
    try:
        bound_names: dict[str, Any] = {str(pair.key): None for pair in node.kwargs}
        signature.bind(*given, *[None] * len(node.args), **bound_names)
    except TypeError as error:
        words = str(error).replace("'value', ", "")
        return [
            Problem(
                "E215",
                f'filter "{node.name}": {words}',
                mapping=place,
                help=_usage(node.name, signature, len(given)),
            )
        ]
    try:
        arguments = [argument.as_const() for argument in node.args]
        keywords = {str(pair.key): pair.value.as_const() for pair in node.kwargs}
    except nodes.Impossible:
        return []
    if node.name not in env.domain:
        why = fails_on_sample(env, node.name, arguments, keywords)
        said = f'filter "{node.name}": with these arguments it fails whatever it gets ({why})'
        help_ = _usage(node.name, signature, len(given))
        return [] if why is None else [Problem("E215", said, mapping=place, help=help_)]
    if hasattr(filter_, "jinja_pass_arg") or hasattr(filter_, "__wrapped__"):
        return []
    try:
        filter_(None, *arguments, **keywords)
    except BadArgument as error:
        return [Problem("E215", f'filter "{node.name}": {error.message}', mapping=place, help=error.help)]
    except BadValue:
        return []  # it takes no null: a matter for records, not for the mapping
    return []


def _usage(name: str, signature: inspect.Signature, skip: int) -> str:
    parameters = [str(p) for p in list(signature.parameters.values())[skip:]]
    return f"it is used as  {name}({', '.join(p.split(':')[0] for p in parameters)})"


class Rewriter(OperatorRewriter):
    """Gives filters their own names and puts bounds around loops and joins."""

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802 - Jinja's naming
        written = self._written(node.node or node)
        told: dict[int | str, Written] = {at: self._written(one) for at, one in enumerate(node.args)}
        told |= {str(pair.key): self._written(pair.value) for pair in node.kwargs}
        self.generic_visit(node)
        offset = offset_of(node.lineno)
        name = self._site(node.name, offset, written, told)
        args = list(node.args)
        if node.name == "map" and args and isinstance(args[0], nodes.Const):
            # the filter that map applies has its defaults counted and its holds kept like any other
            each = self._site(str(args[0].value), offset, replace(written, text=""), {})
            args[0] = nodes.Const(each, lineno=args[0].lineno)
        return nodes.Filter(
            node.node,
            name,
            args,
            node.kwargs,
            node.dyn_args,
            node.dyn_kwargs,
            lineno=node.lineno,
            environment=self.env,
        )

    def _site(
        self, filter_name: str, offset: int, written: Written, told: Mapping[int | str, Written]
    ) -> str:
        """Register the filter once more, under a name of this place in the mapping alone."""
        name = f"{filter_name} {len(self.env.sites)}"
        self.env.sites.append(None)
        place = self.locate(self.text.find(filter_name, offset), len(filter_name))
        filter_ = self.env.filters[filter_name]
        self.env.filters[name] = sited(self.env, filter_, filter_name, place, written, told)
        return name

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        """Each turn costs what is in the loop, loops inside included once; they charge their own turns."""
        weight = sum(1 for part in (node.test, *node.body) if part for _ in parts_of(part))
        super().visit_For(node)
        node.iter = self.internal(node.iter, "each", nodes.Const(1 + weight))
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        """A slice is a copy; what is no constant is hashed or compared."""
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            limits = (node.arg.start, node.arg.stop, node.arg.step)
            return self.internal(node.node, "part", *(one or nodes.Const(None) for one in limits))
        node.arg = self.weighed(node.arg)
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.key = self.weighed(node.key)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return self.internal(nodes.List(node.nodes, lineno=node.lineno), "join text")


def parts_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it."""
    yield node
    for child in node.iter_child_nodes():
        yield from parts_of(child)
