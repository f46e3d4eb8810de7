"""The `fields` tree and the target's shape → a tree of what fills what, or every reason why not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingType
from dataclasses import replace

from etl.plan.plan import Constant, FieldPlan, Items, Loop, Members, When
from etl.plan.templates import Templates
from etl.plugin import Fault, Shape, Target
from etl.problems import Problem, Refusal, Severity
from etl.yaml_tree import MAX_DEPTH, Mapping, Node, Scalar, Sequence, merge

MAX_PLANS = 100_000
"""Fragments are copies: a small file may not become a large tree."""
DIRECTIVES = ("$if", "$for", "$value", "$include")


class FieldCompiler:
    """Walks the mapping's fields beside the target's shape."""

    def __init__(self, templates: Templates, target: Target, fragments: MappingType[str, Node]) -> None:
        self.templates, self.target, self.fragments = templates, target, fragments
        self.warnings: list[Problem] = []
        self.used_fragments: set[str] = set()
        self.count = 0

    def compile(self, node: Node) -> Members:
        """The whole `fields` section."""
        assert isinstance(node, Mapping)  # noqa: S101 - the shape of the file was checked when it was loaded
        plan = self._object(self._included(node, ()), self.target.shape, ())
        for group in self.target.one_of:
            if all(_never(_at(plan, name.split("."))) for name in group):
                words = " or ".join(f'"{name}"' for name in group)
                self.templates.refuse(
                    "E220", f"one of {words} is required and none is ever set", node.place()
                )
        return plan

    # -------------------------------------------------------------------------------- one node

    def _node(self, node: Node, shape: Shape, path: tuple[str, ...], in_list: bool = False) -> FieldPlan:
        self._expanded(1, node)
        if isinstance(node, Mapping):
            return self._mapping(self._included(node, ()), shape, path, in_list)
        if isinstance(node, Sequence):
            if shape.kind != "list" or shape.item is None:
                self.templates.refuse("E206", f'"{shape.name}" takes one value, not a list', node.place())
                return _refused(node)
            return Items(
                tuple(self._node(child, shape.item, path, in_list=True) for child in node.items), node.place()
            )
        assert isinstance(node, Scalar)  # noqa: S101 - there are three kinds of nodes
        before = len(self.templates.problems)
        value = self.templates.value(node)
        if len(self.templates.problems) > before:
            return _refused(node)
        if isinstance(value, Constant) and value.value:
            self._constant(value, shape, path)
        return value

    def _mapping(self, node: Mapping, shape: Shape, path: tuple[str, ...], in_list: bool) -> FieldPlan:
        """Directives outside in: $for, then $if, then $value or the fields themselves."""
        outer = self.templates.local
        loop = None
        if "$for" in node.items:
            loop = self.templates.loop(node.items["$for"])
            if not in_list:
                self.templates.refuse(
                    "E204", "$for belongs inside a list", node.key_place("$for"), "begin the line with -"
                )
            if loop:
                self.templates.local = outer | {loop[0], "loop"}
        condition = self.templates.condition(node.items["$if"], "$if") if "$if" in node.items else None
        body: FieldPlan
        if "$value" in node.items:
            rest = [name for name in node.items if name not in DIRECTIVES]
            if rest:
                self.templates.refuse(
                    "E207", f'"{rest[0]}" cannot stand beside $value', node.key_place(rest[0])
                )
            body = self._node(node.items["$value"], shape, path)
        elif shape.kind == "object":
            body = self._object(node, shape, path)
        else:
            body = self._misplaced(node, shape)
        self.templates.local = outer
        if condition is not None:
            body = When(condition.template, body, node.key_place("$if"))
        if loop is not None:
            size = sum(1 for _ in _plans(body))
            body = Loop(loop[0], loop[1], body, node.key_place("$for"), size)
        return body

    def _misplaced(self, node: Mapping, shape: Shape) -> FieldPlan:
        if shape.kind == "list":
            help_ = "begin its members with -"
        elif "value" in node.items:
            help_ = f"codes are written plainly: {shape.name}: CODE"
        elif any(name in DIRECTIVES for name in node.items):
            help_ = "say with $value what it is"
        else:
            help_ = None
        self.templates.refuse(
            "E206", f'"{shape.name}" is a {shape.kind}, not a group of fields', node.place(), help_
        )
        return _refused(node)

    def _object(self, node: Mapping, shape: Shape, path: tuple[str, ...]) -> Members:
        members: dict[str, FieldPlan] = {}
        for name, child in node.items.items():
            if name in DIRECTIVES:
                if name == "$if" and not path:
                    self.templates.refuse("E204", "$if on the whole document is `when`", node.key_place(name))
                continue
            known = shape.members.get(name)
            if known is None:
                self._unknown(node, name, shape)
            elif known.output_only:
                self.templates.refuse(
                    "E209", f'"{name}" is set by {"Alma"}, not by us', node.key_place(name), "leave it out"
                )
            else:
                members[name] = self._node(child, known, (*path, name))
        for name, known in shape.members.items():
            filled = members.get(name)
            if known.required and not known.output_only and _never(filled):
                where = ".".join((*path, name))
                self.templates.refuse(
                    "E220", f'"{where}" is required and never set', node.place(), known.doc or None
                )
        return Members(members, node.place())

    def _unknown(self, node: Mapping, name: str, shape: Shape) -> None:
        if name.startswith("$"):
            near = difflib.get_close_matches(name, DIRECTIVES, 1) or ["$if, $for, $value, $include"]
            self.templates.refuse(
                "E208", f'unknown directive "{name}"', node.key_place(name), f"did you mean {near[0]}?"
            )
            return
        near = difflib.get_close_matches(name, shape.members, 1)
        help_ = f'did you mean "{near[0]}"?' if near else f"etl schema {self.target.name}  lists the fields"
        place = node.key_place(name)
        self.templates.refuse("E208", f'{shape.name} has no field "{name}"', place, help_)

    def _constant(self, value: Constant, shape: Shape, path: tuple[str, ...]) -> None:
        if shape.kind in ("object", "list"):
            self.templates.refuse("E206", f'"{shape.name}" is a {shape.kind}, not a text', value.place)
            return
        fault = self.target.check_constant(path, value.value or "")
        if fault is None:
            return
        problem = Problem(fault.code, fault.message, mapping=value.place, help=fault.help)
        if _only_warns(self.target, fault):
            self.warnings.append(replace(problem, severity=Severity.WARNING))
        else:
            self.templates.problems.append(problem)

    # ------------------------------------------------------------------------------- $include

    def _expanded(self, size: int, node: Node) -> None:
        self.count += size
        if self.count > MAX_PLANS:
            what = f"the file expands to too much: more than {MAX_PLANS:,} values, fragments included"
            raise Refusal(Problem("E104", what, mapping=node.place()))

    def _included(self, node: Mapping, trail: tuple[str, ...]) -> Mapping:
        """The node with `$include` resolved: the fragment below, the node's own fields on top."""
        self._expanded(len(node.items), node)
        asked = node.items.get("$include")
        if asked is None:
            return node
        name = asked.text if isinstance(asked, Scalar) else ""
        rest = replace(
            node,
            items={key: child for key, child in node.items.items() if key != "$include"},
            keys={key: child for key, child in node.keys.items() if key != "$include"},
        )
        fragment = self.fragments.get(name)
        if len(trail) == MAX_DEPTH:
            said = f"fragments include one another more than {MAX_DEPTH} deep"
            self.templates.refuse("E210", said, asked.place(len(name)))
            return rest
        if name in trail:
            self.templates.refuse("E210", f'fragment "{name}" includes itself', asked.place(len(name)))
            return rest
        if not isinstance(fragment, Mapping):
            near = difflib.get_close_matches(name, self.fragments, 1)
            help_ = f'did you mean "{near[0]}"?' if near else "name it under fragments:"
            self.templates.refuse("E210", f'no fragment "{name}" with fields', asked.place(len(name)), help_)
            return rest
        self.used_fragments.add(name)
        return merge(self._included(fragment, (*trail, name)), rest)


def _refused(node: Node) -> Items:
    """What stands where a value was refused: something, so that it is not called "never set" as well."""
    return Items((), node.place())


def _never(plan: FieldPlan | None) -> bool:
    return plan is None or (isinstance(plan, Constant) and not plan.value)


def _at(plan: FieldPlan | None, names: list[str]) -> FieldPlan | None:
    """The plan of a nested field; an expression on the way may fill anything below it."""
    for name in names:
        while isinstance(plan, When):
            plan = plan.body
        if not isinstance(plan, Members):
            return plan
        plan = plan.members.get(name)
    return plan


def _only_warns(target: Target, fault: Fault) -> bool:
    return fault.code in target.open_codes


def _plans(plan: FieldPlan) -> Iterator[FieldPlan]:
    """The plan and everything below it."""
    yield plan
    if isinstance(plan, Members):
        below: Iterable[FieldPlan] = plan.members.values()
    elif isinstance(plan, Items):
        below = plan.items
    else:
        below = (plan.body,) if isinstance(plan, When | Loop) else ()
    for child in below:
        yield from _plans(child)
