"""Scalars of the mapping → constants and compiled templates, with a note of which names each may read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from etl.plan.plan import Constant, Expression, Value
from etl.problems import MappingPlace, Problem
from etl.slips.other_templates import without_marks
from etl.slips.quoted import template_text, yaml_quoted
from etl.template.compile import Template, compile_template, is_template
from etl.template.environment import Sandbox
from etl.yaml_tree import Node, Scalar

_BETWEEN = re.compile("[,;&+]")
_FOR = re.compile(r"\s*([A-Za-z_]\w*)\s+in\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Use:
    """A template and what it may see: names of loops and `$let`, and whether those of `let` exist by then."""

    template: Template
    local: frozenset[str]
    sees_lets: bool


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text that is written without braces, or round a template: where it stands, and the names of loops and
    `$let` there. `around` is the text with the code of templates blanked out.
    """

    text: str
    around: str
    place: MappingPlace
    locate: Callable[[int, int], MappingPlace]
    local: frozenset[str]


@dataclass(slots=True)
class Templates:
    """Compiles scalars; collects problems and uses."""

    env: Sandbox
    problems: list[Problem] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    made: list[tuple[str, MappingPlace]] = field(default_factory=list)
    """Every name that is made, and where."""
    texts: list[PlainText] = field(default_factory=list)
    local: frozenset[str] = frozenset()
    sees_lets: bool = True

    def refuse(self, code: str, message: str, place: MappingPlace, help: str | None = None) -> None:
        self.problems.append(Problem(code, message, mapping=place, help=help))

    def value(self, node: Node) -> Value:
        """A scalar: constant text, nothing, or a template."""
        if not isinstance(node, Scalar):
            self.refuse("E201", "a text or a template belongs here", node.place())
            return Constant(None, node.place())
        if node.is_null:
            return Constant(None, node.place())
        if not is_template(node.text):
            place = node.place(len(node.text))
            self.texts.append(PlainText(node.text, node.text, place, node.locate, self.local))
            return Constant(node.text, place, node.as_bool)
        return self._expression(node, node.text, 0) or Constant(None, node.place())

    def text(self, node: Node, what: str) -> Value:
        """A scalar that gives a text: true and false without quotes are none."""
        value = self.value(node)
        if isinstance(value, Constant):
            self.refuse_truth(value, what, f'in quotes it is a text:  "{value.value}"')
        return value

    def refuse_truth(self, value: Constant, what: str, help: str) -> None:
        """Refuse true and false without quotes at a place that takes text."""
        if value.truth is not None:
            self.refuse("E504", f"{what} is a text, and gets {value.value}, a yes or no", value.place, help)

    def condition(self, node: Node, what: str) -> Expression | None:
        """A template that decides. Plain text would always be true, so it is refused."""
        if isinstance(node, Scalar) and not node.is_null and node.text.strip() and not is_template(node.text):
            self.refuse(
                "E202",
                f"{what} is plain text and would always be true",
                node.place(len(node.text)),
                f"write it as a template: {yaml_quoted(f'{{{{ {without_marks(node.text).strip()} }}}}')}",
            )
            return None
        if not isinstance(node, Scalar):
            self.value(node)
            return None
        if not is_template(node.text):
            help_ = 'write what it asks:  "{{ copies | integer > 0 }}"  , or leave it out'
            self.refuse("E202", f"{what} is empty", node.place(), help_)
            return None
        blanks = len(node.text) - len(node.text.lstrip())
        found = self._expression(node, node.text.strip(), blanks)
        if found is not None and found.template.has_text_around:
            said = f"{what} is text with a template in it: it would be the text of an answer, never an answer"
            self.refuse("E202", said, found.place, 'one template holds all of it:  "{{ a and b }}"')
            return None
        return found

    def name_or_template(self, node: Node) -> tuple[str, Expression] | None:
        """A column name, a let name or a template, as in `key` and `group_by`."""
        if isinstance(node, Scalar) and node.text and not is_template(node.text):
            if not node.text.isidentifier():
                self.refuse(
                    "E203",
                    f'"{node.text}" is not a name',
                    node.place(len(node.text)),
                    _help_for_no_name(node.text),
                )
                return None
            shifted = self._expression(node, f"{{{{ {node.text} }}}}", -3)
            return (node.text, shifted) if shifted else None
        value = self.value(node)
        if isinstance(value, Expression):
            return value.template.text.strip("{} "), value
        if isinstance(node, Scalar) and not is_template(node.text):
            self.refuse("E203", "a column name or a template belongs here", node.place())
        return None

    def attribute(self, node: Scalar, name: str, column: str) -> Expression | None:
        """`name.column`, at the place where the column is asked for."""
        return self._expression(node, f"{{{{ {name}.{column} }}}}", -len(name) - len("{{ ."))

    def loop(self, node: Node) -> tuple[str, Template | None] | None:
        """`place in placements` → its name and the template of what it runs over, None if it has slips."""
        found = _FOR.match(node.text) if isinstance(node, Scalar) else None
        if found is None or not isinstance(node, Scalar):
            self.refuse(
                "E204",
                "$for is written  name in list",
                node.place(),
                "for example  $for: place in placements",
            )
            return None
        over = node.text[found.end() :]
        if is_template(over):
            self.refuse("E204", "$for takes an expression without braces", node.place(len(node.text)))
            return None
        compiled = self._expression(node, f"{{{{ {over} }}}}", found.end() - 3)
        return found[1], compiled.template if compiled else None

    def _expression(self, node: Scalar, text: str, shift: int) -> Expression | None:
        def locate(offset: int, length: int) -> MappingPlace:
            return node.locate(min(max(offset + shift, 0), len(node.text)), min(length, len(node.text)))

        compiled = compile_template(text, self.env, locate)
        if isinstance(compiled, list):
            self.problems += compiled
            return None
        self.uses.append(Use(compiled, self.local, self.sees_lets))
        if not compiled.is_expression:
            around = compiled.text_around()
            self.texts.append(PlainText(text, around, compiled.place(), locate, self.local))
        return Expression(compiled, compiled.place())


def _help_for_no_name(text: str) -> str:
    """What to write for a part of `key` that is no name: several in one, or another program's marks."""
    several = [one.strip() for one in _BETWEEN.split(text.strip().strip(",;"))]
    if len(several) > 1 and all(one.isidentifier() for one in several):
        return f"of several write a list:  [{', '.join(several)}]"
    name = without_marks(text.strip(" ,;"))
    if name.isidentifier():
        return f"write  {name}  alone"
    return f"for such a column write  {yaml_quoted(f'{{{{ row[{template_text(name)}] }}}}')}"
