"""A filter → what a person reads of it, in the language of mappings."""

from __future__ import annotations

import ast
import doctest
import inspect
from collections.abc import Callable
from typing import Any


def described(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """(paragraphs, examples) of a filter's docstring; an example is `{{ value | filter }}  →  result`.

    One that a mapping could not write is shown as it stands.
    """
    prose, shown = [], []
    for part in doctest.DocTestParser().parse(inspect.getdoc(function) or ""):
        if isinstance(part, doctest.Example):
            shown.append(_example(part))
        elif part.strip():
            prose.append(part.strip())
    return prose, shown


def signature(name: str, function: Callable[..., Any]) -> str:
    """`value | name(argument, argument=default)`, as a mapping writes it."""
    arguments = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            arguments.append(f"{parameter.name}…")
        elif parameter.default is parameter.empty:
            arguments.append(parameter.name)
        elif isinstance(parameter.default, str | int | None):
            arguments.append(f"{parameter.name}={_literal(ast.Constant(parameter.default))}")
        else:  # a marker that only the function knows: the argument may be left out
            arguments.append(f"{parameter.name}=…")
    return f"value | {name}({', '.join(arguments)})" if arguments else f"value | {name}"


def _example(example: doctest.Example) -> str:
    try:
        return _in_a_mapping(example)
    except (TypeError, AttributeError, SyntaxError, IndexError):  # somebody else's: other Python than ours
        return f"{example.source.strip()}  →  {(example.exc_msg or example.want).strip()}"


def _in_a_mapping(example: doctest.Example) -> str:
    expression = ast.parse(example.source.strip(), mode="eval").body
    wanted = example.want.strip()
    if isinstance(expression, ast.Compare) and isinstance(expression.ops[0], ast.Is):
        expression, wanted = expression.left, "None"
    # .value is what a mapping sees of a value that comes with word for the report.
    if isinstance(expression, ast.Attribute):
        expression = expression.value
    result = f"error: {example.exc_msg.split(': ', 1)[1].strip()}" if example.exc_msg else _result(wanted)
    return f"{{{{ {_jinja(expression)} }}}}  →  {result}"


def _jinja(node: ast.expr) -> str:
    """A call of filters in Python as a chain of filters in Jinja."""
    if isinstance(node, ast.Subscript):
        return f"({_jinja(node.value)})[{_literal(node.slice)}]"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        named = [f"{one.arg}={_literal(one.value)}" for one in node.keywords]
        arguments = ", ".join([*map(_literal, node.args[1:]), *named])
        return f"{_jinja(node.args[0])} | {node.func.id}" + (f"({arguments})" if arguments else "")
    if isinstance(node, ast.Compare):
        return f"{_jinja(node.left)} == {_jinja(node.comparators[0])}"
    return _literal(node)


def _literal(node: ast.expr) -> str:
    """Text in double quotes; true, false and none in Jinja's spelling."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            escaped = node.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
        return repr(node.value).lower()  # True, False and None; numbers have no capitals
    if isinstance(node, ast.List):
        return "[" + ", ".join(map(_literal, node.elts)) + "]"
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in pairs if k is not None) + "}"
    raise TypeError(f"an example of a filter uses {ast.unparse(node)}, which a mapping cannot write")


def _result(wanted: str) -> str:
    """The result without the Python around it: Decimal('1.50') is 1.50, a date is its ISO form."""
    return _plain(ast.parse(wanted, mode="eval").body)


def _plain(node: ast.expr) -> str:
    if isinstance(node, ast.List):
        return "[" + ", ".join(map(_plain, node.elts)) + "]"
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return "{" + ", ".join(f"{_literal(k)}: {_plain(v)}" for k, v in pairs if k is not None) + "}"
    if isinstance(node, ast.Call):
        values = [ast.literal_eval(one) for one in node.args]
        return str(values[0]) if len(values) == 1 else "-".join(f"{value:02d}" for value in values)
    return "nothing" if ast.unparse(node) == "None" else _literal(node)
