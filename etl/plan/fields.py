"""The `fields` tree and the target's shape → a tree of what fills what, or every reason why not."""

from __future__ import annotations

import difflib
from dataclasses import replace

from etl.plan.plan import Constant, Items, Members, Named, ValuePlan, When
from etl.plan.shapes import Path, ShapeCompiler, Slot, never_given
from etl.plan.typed_fields import TEXTS
from etl.plugin import Shape, Target
from etl.problems import Problem, Severity
from etl.slips.joined_key import joined_key
from etl.spec.directives import DIRECTIVES
from etl.template.plain_words import filled_in
from etl.yaml_tree import Mapping, Node, Sequence


def compile_fields(node: Node, target: Target, compiler: ShapeCompiler, warnings: list[Problem]) -> Members:
    """The whole `fields` section. What is only doubtful is added to `warnings`."""
    assert isinstance(node, Mapping)  # noqa: S101 - the shape of the file was checked when it was loaded
    whole = compiler.included(node)
    for name in DIRECTIVES:
        if name in whole.items:
            said = "$if on the whole document is `when`" if name == "$if" else f"{name} cannot stand here"
            compiler.templates.refuse("E204", said, whole.key_place(name))
    slips: list[str] = []
    plan = _Field(target.shape, target, compiler, warnings, slips).group(whole, ())
    for group in target.one_of:
        owners = [_at(plan, name.split(".")[:-1]) for name in group]
        if all(map(never_given, owners)) or any(_meant(slips, name.split(".")[-1]) for name in group):
            continue  # said already: they are in what is missing itself, or are misspelt
        if all(never_given(_at(plan, name.split("."))) for name in group):
            words = " or ".join(f'"{name}"' for name in group)
            said = f"one of {words} is required and none is ever set"
            opened = group[0].replace(".", ": {")
            help_ = f'for example  {opened}: "{{{{ … }}}}"{"}" * group[0].count(".")}'
            compiler.templates.refuse("E220", said, node.place(), help_)
    assert isinstance(plan, Members)  # noqa: S101 - the target is an object
    return plan


class _Field(Slot):
    """What the target wants at one place."""

    def __init__(
        self,
        shape: Shape,
        target: Target,
        compiler: ShapeCompiler,
        warnings: list[Problem],
        slips: list[str],
    ) -> None:
        self._shape, self._target, self._compiler, self._warnings = shape, target, compiler, warnings
        self._slips = slips
        self._refuse = compiler.templates.refuse

    def group(self, node: Mapping, path: Path) -> ValuePlan:
        """An object: each of its fields is known, those that are required are there."""
        shape = self._shape
        if shape.kind != "object":
            return self._misplaced(node)
        members: dict[str, ValuePlan] = {}
        slips: list[str] = []
        for name, child in node.items.items():
            known = shape.members.get(name)
            if name in DIRECTIVES:
                continue
            if known is None:
                slips.append(name)
                self._unknown(node, name, path)
            elif known.output_only:
                said = f'"{name}" is set by Alma, not by us'
                self._refuse("E209", said, node.key_place(name), "leave it out")
            else:
                members[name] = self._compiler.node(child, self._of(known), (*path, name))
        self._slips += slips
        for name, known in shape.members.items():
            # misspelt, or one level too high
            meant = _meant(slips, name) or known.members.keys() & set(slips)
            if known.required and not known.output_only and never_given(members.get(name)) and not meant:
                where = ".".join((*path, name))
                said = f'"{where}" is required and never set'
                help_ = f"add  {name}: …{'  ' + known.doc if known.doc else ''}"
                self._refuse("E220", said, node.place(), help_)
        return Members(members, node.place())

    def member(self, node: Sequence, /) -> Slot | None:
        if self._shape.kind == "list" and self._shape.item is not None:
            return self._of(self._shape.item)
        self._refuse("E206", f'"{self._shape.name}" takes one value, not a list', node.place())
        return None

    def constant(self, value: Constant, path: Path) -> None:
        """A code, a date, an amount that is written in the mapping is checked now."""
        if self._shape.kind in ("object", "list"):
            said = f'"{self._shape.name}" is {_a(self._shape.kind)}, not a text'
            self._refuse("E206", said, value.place)
            return
        if self._shape.kind in TEXTS:
            quoted = f'write the text; if it is "{value.value}" itself, in quotes'
            self._compiler.templates.refuse_truth(value, f'"{self._shape.name}"', quoted)
        text = value.value or ""
        fault = self._target.check_constant(path, text)
        if fault is None:
            return
        may_be_column = text.isidentifier() and self._shape.kind != "code"  # codes are written plainly
        help_ = filled_in(fault.help, text) if may_be_column else fault.help
        problem = Problem(fault.code, fault.message, mapping=value.place, help=help_)
        if fault.code in self._target.open_codes:
            self._warnings.append(replace(problem, severity=Severity.WARNING))
        else:
            self._compiler.templates.problems.append(problem)

    def _of(self, shape: Shape) -> _Field:
        return _Field(shape, self._target, self._compiler, self._warnings, self._slips)

    def _misplaced(self, node: Mapping) -> ValuePlan:
        shape = self._shape
        if shape.kind == "list":
            help_ = "begin its members with -"
        elif "value" in node.items:
            help_ = f"codes are written plainly: {shape.name}: CODE"
        elif not node.items:
            help_ = "say with $value what it is"
        else:
            help_ = None
        said = f'"{shape.name}" is {_a(shape.kind)}, not a group of fields'
        self._refuse("E206", said, node.place(), help_)
        return Items((), node.place())  # something, so that it is not called "never set" as well

    def _unknown(self, node: Mapping, name: str, path: Path) -> None:
        if name.startswith("$"):
            self._compiler.unknown_directive(node, name)
            return
        fault = self._target.check_constant((*path, name), "")  # a target knows best what is meant
        help_ = fault.help if fault and fault.help else f"etl schema {self._target.name}  lists the fields"
        help_ = joined_key(name, self._shape.members) or help_
        said = f'{self._shape.name} has no field "{name}"'
        self._refuse("E208", said, node.key_place(name), help_)


def _meant(slips: list[str], name: str) -> bool:
    """Is the field that is missing one of the unknown ones, misspelt? That has been said."""
    return name in slips or bool(difflib.get_close_matches(name, slips, 1))


def _at(plan: ValuePlan | None, names: list[str]) -> ValuePlan | None:
    """The plan of a nested field; an expression on the way may fill anything below it."""
    for name in names:
        while isinstance(plan, When | Named):
            plan = plan.body
        if not isinstance(plan, Members):
            return plan
        plan = plan.members.get(name)
    return plan


def _a(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "aeio" else f"a {kind}"
