"""A template's syntax tree and the types of the names it reads → the type it gives, and every misfit in it.

One pass, and one short rule for each kind of node: it asks for the types of the parts, says what does not
fit, and answers with the type of the whole. What is unknown stays unknown and is never said to be wrong.
The rules of statements, of operators and of filters have files of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from jinja2 import nodes

from etl.template.always_true import refuse_constants
from etl.template.bounds import bounded_range
from etl.template.comparing import check_test, side
from etl.template.environment import OTHER_METHODS, TEXT_METHODS
from etl.template.lexer import offset_of
from etl.template.operator_types import OPERATORS, concat
from etl.template.reading import Applied, FilterRule, Misfit, Reading
from etl.template.sample_calls import SAMPLE, always_fails
from etl.template.spans import span_of
from etl.template.statements import STATEMENTS
from etl.template.types import (
    DECIMAL,
    INTEGER,
    NOTHING,
    NUMBERS,
    ONE_LETTER,
    TEXT,
    UNKNOWN,
    YES_NO,
    Type,
    group_of,
    join,
    list_of,
    or_nothing,
)

_CALLS: Final[Mapping[str, Type]] = {
    **dict.fromkeys(("split", "rsplit", "splitlines", "partition", "rpartition"), list_of(TEXT)),
    **dict.fromkeys(("count", "find", "rfind", "index", "rindex"), INTEGER),
    **dict.fromkeys(("startswith", "endswith"), YES_NO),
    **{name: YES_NO for name in TEXT_METHODS if name.startswith("is")},
}
"""What a method of a text gives; the others give text."""
_OF_GROUPS: Final[Mapping[str, Type]] = {
    "items": list_of(UNKNOWN),
    "keys": list_of(TEXT),
    "values": list_of(UNKNOWN),
}


def infer(
    tree: nodes.Template,
    text: str,
    names: Mapping[str, Type],
    filters: Mapping[str, FilterRule],
    *,
    condition: bool = False,
) -> tuple[Type, list[Misfit]]:
    """The type of a template's value and what can never be right in it, in the order of the text.

    `tree` as it was parsed from `text`, `names` → the types of what it may read; a name that is not there is
    unknown. `filters`: name → rule. `condition`: the value decides, so a number, list or row is refused.
    """
    reading = Reading(text, dict(names), filters, _RULES)
    for guard in tree.find_all((nodes.Filter, nodes.Test)):
        if guard.name in ("default", "d", "defined", "undefined"):
            reading.guarded.add(id(guard.node))
    refuse_constants(reading, tree, condition)
    only = tree.body[0] if len(tree.body) == 1 else None
    if isinstance(only, nodes.Output) and len(only.nodes) == 1:
        found = (reading.logic if condition else reading.of)(only.nodes[0])
    else:
        found = TEXT
        for node in tree.body:
            reading.of(node)
    return found, sorted(dict.fromkeys(reading.misfits), key=lambda one: one.offset)


# --------------------------------------------------------------------------- one rule for each node


def _name(reading: Reading, node: nodes.Name) -> Type:
    return reading.names.get(node.name, UNKNOWN)


def _const(reading: Reading, node: nodes.Const) -> Type:
    """Nobody writes 1.000 for 1: there it stands for a thousand, which it is not."""
    if isinstance(node.value, Decimal) and _THOUSAND.fullmatch(written := reading.shown(node)):
        said = f"{written} is {int(node.value)} here: a dot begins the decimals"
        reading.refuse("E211", node, said, f"write  {written.replace('.', '')}  or  {int(node.value)}")
    found = _OF_CONSTANTS.get(type(node.value), UNKNOWN)
    return replace(found, one_of=(node.value,)) if isinstance(node.value, str) else found


_OF_CONSTANTS: Final[Mapping[type, Type]] = {
    str: TEXT,
    bool: YES_NO,
    int: INTEGER,
    float: DECIMAL,
    Decimal: DECIMAL,
    type(None): NOTHING,
}


def _list(reading: Reading, node: nodes.List | nodes.Tuple) -> Type:
    """A list. One that is written without brackets, by a decimal comma, is none."""
    if isinstance(node, nodes.Tuple) and any(_decimal_comma(reading, node, one) for one in node.items[:-1]):
        return UNKNOWN
    return list_of(join([reading.of(one) for one in node.items]))


def _decimal_comma(reading: Reading, node: nodes.Tuple, one: nodes.Node) -> bool:
    """Does a decimal comma part it from the next, as in `netto > 1000,00`? If so, that is said."""
    written, at = reading.text, span_of(one)[1]
    front, behind = _DIGITS_BEFORE.search(written[:at]), _DIGITS_BEHIND.match(written, at)
    bare = written[: span_of(node)[0]].rstrip().endswith("{{")
    if front is None or behind is None or not (bare or not all(map(_is_const, node.items))):
        return False
    number = front[0] + behind[0]
    said = f'"{number}" is two numbers, with a comma between them'
    help_ = f"write the number with a dot:  {number.replace(',', '.')}"
    reading.misfits.append(Misfit("E211", front.start(), len(number), said, help_))
    return True


def _is_const(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const)


_DIGITS_BEFORE: Final = re.compile(r"(?<![\w.])[0-9]++\Z")
_DIGITS_BEHIND: Final = re.compile(r",[0-9]++(?![\w.])")
_THOUSAND: Final = re.compile(r"[1-9][0-9]{0,2}\.000")


def _dict(reading: Reading, node: nodes.Dict) -> Type:
    members: dict[str, Type] = {}
    closed = True
    for pair in node.items:
        reading.of(pair.key)
        value = reading.of(pair.value)
        if isinstance(pair.key, nodes.Const) and isinstance(pair.key.value, str):
            members[pair.key.value] = value
        else:
            closed = False
    return group_of(members if closed else {}, None if closed else UNKNOWN)


def _getattr(reading: Reading, node: nodes.Getattr) -> Type:
    base = reading.of(node.node)
    at = reading.text.find(node.attr, offset_of(node.lineno))
    return reading.member(base, node.attr, node, max(at, 0))


def _is_turn(node: nodes.Expr) -> bool:
    """`loop.index0`, `loop.index` and those with a number added or taken off."""
    if isinstance(node, nodes.Add | nodes.Sub):
        return _is_turn(node.left) and isinstance(node.right, nodes.Const)
    loop = node.node if isinstance(node, nodes.Getattr) and node.attr in ("index", "index0") else None
    return isinstance(loop, nodes.Name) and loop.name == "loop"


def _getitem(reading: Reading, node: nodes.Getitem) -> Type:
    base, key = reading.of(node.node), reading.of(node.arg)
    if isinstance(node.arg, nodes.Slice):
        return _part(reading, node, base)
    if _is_turn(node.arg):
        said = f"{reading.shown(node)} takes a member by the turn of a loop over another list"
        help_ = "walk them side by side:  {'a': …, 'b': …} | side_by_side  refuses lists of different lengths"
        reading.refuse("E495", node, said, help_)
    if isinstance(node.arg, nodes.Slice):
        return replace(base, one_of=()) if base.kind in ("text", "list") else UNKNOWN
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        at = reading.text.find(node.arg.value, offset_of(node.arg.lineno))
        return reading.member(base, node.arg.value, node, max(at, 0))
    if base.kind == "group" and key.one_of:
        start, end = span_of(node.arg)
        names = dict.fromkeys(key.one_of)
        return join([reading.member(base, one, node, start, length=end - start) for one in names])
    if base.kind in NUMBERS or base.kind in ("date", "yes_no"):
        reading.refuse("E244", node, f"{reading.shown(node.node)} is {base}: it has no members")
    if key.kind != "integer":
        return UNKNOWN
    if base.item is not None:
        return or_nothing(base.item)
    if base.kind == "text":
        return replace(base, no_number=ONE_LETTER, one_of=())
    return base if base == NOTHING else UNKNOWN


def _part(reading: Reading, node: nodes.Getitem, base: Type) -> Type:
    """`title[:100]`: of a text a text, of a list a list."""
    for limit in node.arg.iter_child_nodes():
        found = reading.of(limit)
        if found.kind not in ("integer", "unknown", "nothing"):
            message = f"a part goes by whole numbers, and {reading.shown(limit)} is {found}"
            reading.refuse("E215", limit, message, "the first ten are  [:10] , the last  [-1:]")
    step = node.arg.step if isinstance(node.arg, nodes.Slice) else None
    if isinstance(step, nodes.Const) and step.value == 0:
        reading.refuse("E215", step, "a part in steps of 0 has no end", "the first ten are  [:10]")
    return replace(base, one_of=()) if base.kind in ("text", "list") else UNKNOWN


def _call(reading: Reading, node: nodes.Call) -> Type:
    """`range(…)`, a method of a text, `.get('x')` of a group; other methods are not looked into."""
    types = [reading.of(one) for one in node.args]
    for pair in node.kwargs:
        reading.of(pair.value)
    called = node.node
    if isinstance(called, nodes.Name):
        if called.name == "range":
            _refuse_call(reading, node, bounded_range, "range", types)
        return list_of(INTEGER) if called.name == "range" else reading.of(called)
    if not isinstance(called, nodes.Getattr):
        return reading.of(called)
    base = reading.of(called.node)
    if base.kind == "text" and called.attr in TEXT_METHODS:
        _refuse_call(reading, node, getattr(SAMPLE, called.attr), called.attr, types)
        return _CALLS.get(called.attr, TEXT)
    if base.kind == "group" and called.attr in _OF_GROUPS and called.attr not in (base.members or {}):
        return _OF_GROUPS[called.attr]
    first = node.args[0] if node.args else None
    if base.kind == "group" and called.attr == "get" and isinstance(first, nodes.Const):
        at = reading.text.find(str(first.value), offset_of(first.lineno))
        found = reading.member(base, str(first.value), called, max(at, 0), guarded=len(node.args) > 1)
        return join([found, *map(reading.of, node.args[1:])])
    if called.attr not in OTHER_METHODS:
        at = reading.text.find(called.attr, offset_of(called.lineno))
        reading.member(base, called.attr, called, max(at, 0))
    return TEXT if base.kind == "date" and called.attr == "isoformat" else UNKNOWN


def _refuse_call(
    reading: Reading, node: nodes.Call, function: Callable[..., Any], name: str, types: list[Type]
) -> None:
    """Say so where a method or `range` fails whatever the values of these types are."""
    if node.kwargs or not always_fails(function, node.args, types):
        return
    given = ", ".join(reading.shown(one) for one in node.args)
    help_ = "write  range(first, the one behind the last, step)  in whole numbers, with no step of 0"
    if name != "range":
        help_ = f"it takes a text that is not empty, in quotes:  .{name}('…')"
    reading.refuse("E215", node, f"{name}({given}) fails for every value", help_)


def _filter(reading: Reading, node: nodes.Filter) -> Type:
    value = reading.of(node.node)
    kwargs = {str(pair.key): pair.value for pair in node.kwargs}
    types = {id(one): reading.of(one) for one in (*node.args, *kwargs.values())}
    applied = Applied(reading, node, node.name, value, tuple(node.args), kwargs, types)
    rule = reading.filters.get(node.name)
    return UNKNOWN if rule is None else rule(applied)


def _test(reading: Reading, node: nodes.Test) -> Type:
    value = side(reading, node.node)
    check_test(reading, node, node.name, value, [side(reading, one) for one in node.args])
    return YES_NO


def _conditional(reading: Reading, node: nodes.CondExpr) -> Type:
    reading.logic(node.test)
    return join([reading.of(node.expr1), reading.of(node.expr2)])


_RULES: Final[dict[type[nodes.Node], Callable[[Reading, Any], Type]]] = {
    nodes.Name: _name,
    nodes.Const: _const,
    nodes.TemplateData: lambda _reading, _node: TEXT,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Dict: _dict,
    nodes.Output: concat,
    **OPERATORS,
    **STATEMENTS,
    nodes.Getattr: _getattr,
    nodes.Getitem: _getitem,
    nodes.Call: _call,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.CondExpr: _conditional,
}
