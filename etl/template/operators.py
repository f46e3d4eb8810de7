"""A template's operators → calls of functions that know the language's rules and their place."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from etl.problems import MappingPlace
from etl.template.arithmetic import negated
from etl.template.builtins import ORDERED_TESTS
from etl.template.environment import Sandbox
from etl.template.logic import as_choice, is_true
from etl.template.operator_site import (
    Written,
    answer_site,
    arithmetic_site,
    operand_site,
    sign_site,
)
from etl.template.plain_words import shown
from etl.template.sources_read import sources_of
from etl.template.spans import span_of

_ORDERED = {"lt", "lteq", "gt", "gteq"}


class OperatorRewriter(NodeTransformer):
    """Comparisons, arithmetic, and wherever a yes or no is asked."""

    def __init__(self, env: Sandbox, locate: Callable[[int, int], MappingPlace], text: str) -> None:
        self.env, self.locate, self.text = env, locate, text

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        """Null has no order, and nothing is in it; it may be asked for with == and !=.

        To compare with one constant costs no more than the constant is long, unless it is looked for.
        """
        operators = ["", *(operand.op for operand in node.ops), ""]
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        written = [self._written(one) for one in operands]
        self.generic_visit(node)
        operands = [node.expr, *(operand.expr for operand in node.ops)]
        many = sum(not _is_constant(one) for one in operands) > 1
        for at, one in enumerate(operands):
            before, behind = operators[at], operators[at + 1]
            looked_in = before in ("in", "notin")
            what_for = "look in" if looked_in else "compare" if {before, behind} & _ORDERED else None
            weigh = self.env.budget.weigh if many or looked_in else None
            if not _is_constant(one) and (what_for or weigh):
                operands[at] = self._sited(one, operand_site(written[at], what_for, weigh))
        node.expr = operands[0]
        for operand, expression in zip(node.ops, operands[1:], strict=True):
            operand.expr = expression
        return node

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        """As a comparison, where it is one."""
        tested = [node.node, *node.args] if node.name in ORDERED_TESTS else []
        written = [self._written(one) for one in tested]
        self.generic_visit(node)
        if tested:
            sites = [operand_site(one, "compare", None) for one in written]
            node.node = self._sited(node.node, sites[0])
            node.args = [self._sited(one, site) for one, site in zip(node.args, sites[1:], strict=True)]
        return node

    def _visit_arithmetic(self, node: nodes.BinExpr) -> nodes.Node:
        written = [self._written(one) for one in (node.left, node.right, node)]
        self.generic_visit(node)
        site = arithmetic_site(self.env.budget, str(node.operator), *written)
        return self._sited(node.left, site, node.right)

    visit_Add = visit_Sub = visit_Mul = visit_Div = _visit_arithmetic  # noqa: N815
    visit_FloorDiv = visit_Mod = visit_Pow = _visit_arithmetic  # noqa: N815

    def visit_Neg(self, node: nodes.Neg) -> nodes.Node:  # noqa: N802
        written = self._written(node.node)
        self.generic_visit(node)
        if isinstance(node.node, nodes.Const) and isinstance(node.node.value, int | Decimal):
            return nodes.Const(negated(node.node.value), lineno=node.lineno)
        return self._sited(node.node, sign_site(written))

    def visit_Pos(self, node: nodes.Pos) -> nodes.Node:  # noqa: N802
        """`+x` is `0 + x`: a number, or nothing to calculate with."""
        zero = nodes.Const(0, lineno=node.lineno)
        return self._visit_arithmetic(nodes.Add(zero, node.node, lineno=node.lineno))

    def _visit_logic(self, node: nodes.And | nodes.Or) -> nodes.Node:
        """`and` gives yes or no, `or` the first that is filled."""
        answer = is_true if isinstance(node, nodes.And) else as_choice
        written = [self._written(one) for one in (node.left, node.right)]
        self.generic_visit(node)
        node.left, node.right = (
            one if _is_answer(one) else self._sited(one, answer_site(self.env.budget, said, answer))
            for one, said in zip((node.left, node.right), written, strict=True)
        )
        return node

    visit_And = visit_Or = _visit_logic  # noqa: N815

    def visit_Not(self, node: nodes.Not) -> nodes.Node:  # noqa: N802
        written = self._written(node.node)
        self.generic_visit(node)
        node.node = self._condition(node.node, written)
        return node

    def _visit_if(self, node: nodes.CondExpr | nodes.If) -> nodes.Node:
        written = self._written(node.test)
        self.generic_visit(node)
        assert isinstance(node.test, nodes.Expr)  # noqa: S101 - what else could one ask
        node.test = self._condition(node.test, written)
        return node

    visit_CondExpr = visit_If = _visit_if  # noqa: N815

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        """`{% for … if … %}` asks too."""
        written = self._written(node.test) if node.test is not None else None
        self.generic_visit(node)
        if isinstance(node.test, nodes.Expr) and written is not None:
            node.test = self._condition(node.test, written)
        return node

    def _condition(self, node: nodes.Expr, written: Written) -> nodes.Expr:
        if _is_answer(node):
            return node
        return self._sited(node, answer_site(self.env.budget, written, is_true))

    def _written(self, node: nodes.Node) -> Written:
        start, end = span_of(node)
        return Written(shown(self.text[start:end]), self.locate(start, end - start), sources_of(node))

    def _sited(self, node: nodes.Expr, site: Callable[..., Any], *args: nodes.Expr) -> nodes.Filter:
        """A call of a function that knows this place in the mapping."""
        name = f"operator {len(self.env.sites)}"
        self.env.sites.append(None)
        self.env.filters[name] = site
        return self.internal(node, name, *args)

    def weighed(self, node: nodes.Expr) -> nodes.Expr:
        """The node, its value charged to the record's budget."""
        return node if _is_constant(node) else self.internal(node, "weigh")

    def internal(self, node: nodes.Node, name: str, *args: nodes.Expr) -> nodes.Filter:
        """The node, gone through a function that mappings cannot name."""
        wrapped = nodes.Filter(node, name, list(args), [], None, None)
        wrapped.set_lineno(node.lineno).set_environment(self.env)
        return wrapped


def _is_answer(node: nodes.Node) -> bool:
    """Is its value yes or no, whatever the record?"""
    if isinstance(node, nodes.Const):
        return isinstance(node.value, bool)
    if isinstance(node, nodes.Or):
        return _is_answer(node.left) and _is_answer(node.right)
    return isinstance(node, nodes.Compare | nodes.Test | nodes.Not | nodes.And)


def _is_constant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(isinstance(one, nodes.Const) for one in node.items)
    return isinstance(node, nodes.Const) and node.value is not None
