"""The source tree → every regular expression in it, and how it is used.

A pattern that is written out, or made of constants of its module, is taken from the source. One that is made of what
a function is given cannot be seen there: such a place has to be named by the test, with patterns that it makes.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import regex

ROOT = Path(__file__).parent.parent.parent
METHODS = {
    "match": "match", "fullmatch": "fullmatch", "search": "search", "sub": "sub", "subn": "sub", "split": "sub",
    "findall": "sub", "finditer": "sub",
}  # fmt: skip
"""Method of `re` → how the matcher goes over the text: from one place, or from every place."""
_FLAGS = re.I | re.M | re.S | re.X | re.A


@dataclass(frozen=True)
class Site:
    """One pattern at one place, used by one method. `pattern` is None where only the running program knows it."""

    place: str
    pattern: str | bytes | None
    flags: int = 0
    method: str = "sub"


def sites(*packages: str) -> Iterator[Site]:
    """Every site in the packages' modules, a pattern once for each method that is used on it."""
    modules = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    uses = {name: _uses(tree) for name, tree in modules.items()}
    everywhere: dict[str, set[str]] = {}
    for found in uses.values():
        for name, methods in found.items():
            everywhere.setdefault(name, set()).update(methods)
    for file, tree in modules.items():
        yield from _of_module(file, tree, uses[file], everywhere)


def _of_module(
    file: str, tree: ast.Module, own: dict[str, set[str]], everywhere: dict[str, set[str]]
) -> Iterator[Site]:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        called = _called(node)
        if called is None or not isinstance(node, ast.Call):
            continue
        place = f"{file}:{node.lineno}"
        methods = {METHODS[called]} if called in METHODS else {"sub"}
        if called == "compile":
            parent = parents[node]
            if isinstance(parent, ast.Attribute) and parent.attr in METHODS:
                methods = {METHODS[parent.attr]}
            else:
                while not isinstance(parent, ast.stmt):  # the pattern, or a table of patterns, and its name
                    parent = parents[parent]
                name = ast.unparse(parent.targets[0]) if isinstance(parent, ast.Assign) else ""
                methods = (own if name.startswith("_") else everywhere).get(name) or {"sub"}
        pattern, flags = _evaluated(file, node)
        for method in sorted(methods):
            yield Site(
                place if pattern is not None else f"{file} {ast.unparse(node.args[0])}",
                pattern,
                flags,
                method,
            )


def _called(node: ast.AST) -> str | None:
    """`compile` for re.compile(…) and regex.compile(…), and so on; None for anything else."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("re", "regex")
        and (node.func.attr == "compile" or node.func.attr in METHODS)
    ):
        return node.func.attr
    return None


def _evaluated(file: str, call: ast.Call) -> tuple[str | bytes | None, int]:
    names = vars(
        importlib.import_module(file.removesuffix("/__init__.py").removesuffix(".py").replace("/", "."))
    )
    flags = next((word.value for word in call.keywords if word.arg == "flags"), None)
    if flags is None and isinstance(call.func, ast.Attribute):
        place = 1 if call.func.attr == "compile" else 4 if call.func.attr == "sub" else 2
        flags = call.args[place] if len(call.args) > place else ast.Constant(0)
    try:
        pattern = _value(call.args[0], names)
        said = int(_value(flags or ast.Constant(0), names))
    except (NameError, KeyError):
        return None, 0
    if isinstance(pattern, re.Pattern | regex.Pattern):
        return pattern.pattern, pattern.flags & _FLAGS
    # the two libraries number their flags alike, but for ASCII
    return pattern, (said & (re.I | re.M | re.S | re.X)) | (re.A if said in (re.A, regex.A) else 0)


def _value(node: ast.expr, names: dict[str, object]) -> object:
    expression = ast.fix_missing_locations(ast.Expression(node))
    return eval(compile(expression, "<pattern>", "eval"), dict(names))  # noqa: S307 - the project's own source


def _uses(tree: ast.Module) -> dict[str, set[str]]:
    """Name of something → the methods called on it.

    What is handed on, in a table say, is used by what the module calls on names that are no constants.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: dict[str, set[str]] = {}
    handed_on, elsewhere = set(), set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        parent = parents.get(node)
        method = METHODS.get(parent.attr) if isinstance(parent, ast.Attribute) else None
        if method is None:
            handed_on.add(node.id)
        else:
            found.setdefault(node.id, set()).add(method)
            if (
                node.id.islower() and node.id not in ("re", "regex") and parent.attr != "split"
            ):  # every text has that
                elsewhere.add(method)
    for name in handed_on:
        found.setdefault(name, set()).update(elsewhere)
    return found
