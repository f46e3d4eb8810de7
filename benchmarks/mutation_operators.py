"""A source file → the places where one small change would break it, each with the change.

Left alone, because nothing that runs depends on it: docstrings, annotations, decorators, imports,
`__all__`, assertions for the type checker, `strict=` and `encoding=`, the order within min() and max(). So
are f-strings, whose inner places Python 3.11 does not know. Sentences for people are broken by `message`,
if it is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

OPERATORS = {
    "negated": "a comparison asks the contrary: == becomes !=, < becomes >=, in becomes not in",
    "boundary": "a comparison takes in its bound, or leaves it out: < becomes <=",
    "not": "not x becomes x",
    "and-or": "and becomes or, or becomes and",
    "always": "a condition is True",
    "never": "a condition is False",
    "arithmetic": "+ and - change places, * and //, += and -=, << and >>",
    "number": "a number is one more",
    "text": "a text has an x more",
    "truth": "True and False change places",
    "default": "the default of a parameter, or a constant of a class, is another one (as the three above)",
    "statement": "a call, a raise or the setting of an attribute or member is left out",
    "return": "None is returned",
    "argument": "an argument with a name is left out",
    "order": "the first two arguments of a call change places",
    "loop": "break and continue change places",
    "except": "one kind of exception is no longer caught",
    "suppress": "suppress() lets every exception through",
    "message": "a sentence has an x more, a help is left out (not unless asked for)",
}
NEGATED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
SENTENCE_WORDS = 3
PASSED_OVER = (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Assert, ast.Global, ast.Nonlocal)
PARTS_PASSED_OVER = {"annotation", "returns", "decorator_list", "type_params", "bases"}
TYPES = {"Literal", "Annotated", "ClassVar", "TypeVar", "NewType", "cast"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
WITHOUT_EFFECT = {"strict", "encoding"}
EITHER_WAY = {"min", "max"}
FOR_PEOPLE = {"help", "description"}


@dataclass(frozen=True)
class Mutant:
    """One change at one place: bytes `start` to `end` of the file, in the statement that begins on that line.

    `loaded`: it takes effect when the module is imported, or once for all, so any test may see it.
    """

    file: str
    function: str
    operator: str
    line: int
    before: str
    after: str
    start: int
    end: int
    statement: int
    loaded: bool

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants(source: bytes, file: str) -> list[Mutant]:
    """Every mutant of the file, in the order of its lines."""
    finder = _Finder(source, file)
    finder.walk(ast.parse(source))
    return [finder.found[place] for place in sorted(finder.found)]


def watched(source: bytes, file: str) -> str:
    """The file with a word to benchmarks/mutation_probe.py before each statement."""
    return ast.unparse(ast.fix_missing_locations(_Watch(file).visit(ast.parse(source))))


class _Watch(ast.NodeTransformer):
    def __init__(self, file: str) -> None:
        self._file = file

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                setattr(node, name, [step for part in body for step in self._told(part)])
        return node

    def _told(self, statement: ast.stmt) -> list[ast.stmt]:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
                return [statement]  # stand first, or do nothing
        word = f"__import__('mutation_probe').reached({self._file!r}, {statement.lineno})"
        return [*ast.parse(word).body, statement]


class _Finder:
    """Walks a tree and knows where it stands: in which function, in which statement."""

    def __init__(self, source: bytes, file: str) -> None:
        self.found: dict[tuple[int, int, str], Mutant] = {}
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._source, self._file = source, file
        self._names: tuple[str, ...] = ()
        self._loaded, self._statement = True, 0

    def walk(self, node: ast.AST) -> None:
        if _passed_over(node):
            return
        before = self._names, self._loaded, self._statement
        if isinstance(node, ast.stmt):
            self._statement = node.lineno
        if isinstance(node, ast.ClassDef | FUNCTION):
            self._names = (*self._names, node.name)
        for operator, part, after in _changes(node):
            self._note(operator, part, after)
        for name, value in ast.iter_fields(node):
            if name == "body" and isinstance(node, FUNCTION):
                self._loaded = any("cache" in ast.unparse(decorator) for decorator in node.decorator_list)
            if name not in PARTS_PASSED_OVER and not (name == "keywords" and isinstance(node, ast.ClassDef)):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.walk(child)
        self._names, self._loaded, self._statement = before

    def _note(self, operator: str, part: ast.expr | ast.stmt, after: str) -> None:
        start = self._starts[part.lineno - 1] + part.col_offset
        end = self._starts[(part.end_lineno or 0) - 1] + (part.end_col_offset or 0)
        mutant = Mutant(
            file=self._file,
            function=".".join(self._names),
            operator=operator,
            line=part.lineno,
            before=ast.unparse(part),
            after=after,
            start=start,
            end=end,
            statement=self._statement,
            loaded=self._loaded,
        )
        self.found.setdefault((start, end, after), mutant)  # the first name stands: default, not number


def _passed_over(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring, or an ellipsis
        case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Subscript(value=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)) if name in TYPES:
            return True
    return isinstance(node, PASSED_OVER)


Change = tuple[str, ast.expr | ast.stmt, str]


def _changes(node: ast.AST) -> Iterator[Change]:
    """(operator, the part to be replaced, by what)."""
    yield from _of_conditions(node)
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in ARITHMETIC:
            yield "arithmetic", node, _text(node, op=ARITHMETIC[type(op)]())
        case ast.Constant() if (other := _other(node)) is not None:
            yield other[0], node, other[1]
        case ast.arguments():
            yield from _defaults([*node.defaults, *node.kw_defaults])
        case ast.ClassDef():
            settings = [part for part in node.body if isinstance(part, ast.Assign | ast.AnnAssign)]
            yield from _defaults([setting.value for setting in settings])
        case ast.Call():
            yield from _of_a_call(node)
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return", node, "return None"
        case ast.Expr(value=ast.Call()) | ast.Raise():
            yield "statement", node, "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "statement", node, "pass"
        case ast.Break():
            yield "loop", node, "continue"
        case ast.Continue():
            yield "loop", node, "break"
        case ast.ExceptHandler(type=ast.Tuple(elts=kinds) as caught):
            for kind in kinds:
                yield "except", caught, _text(caught, elts=[other for other in kinds if other is not kind])
        case ast.ExceptHandler(type=ast.expr() as caught):
            yield "except", caught, "()"


def _of_conditions(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            for name, table in (("negated", NEGATED), ("boundary", BOUNDARY)):
                for at, op in enumerate(ops):
                    if other := table.get(type(op)):
                        yield name, node, _text(node, ops=[*ops[:at], other(), *ops[at + 1 :]])
        case ast.BoolOp(op=op):
            yield "and-or", node, _text(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", node, f"({ast.unparse(operand)})"
        case ast.If(test=test) | ast.IfExp(test=test) | ast.match_case(guard=ast.expr() as test):
            yield "always", test, "True"
            yield "never", test, "False"
        case ast.While(test=test):
            yield "never", test, "False"  # always would only hang
        case ast.comprehension(ifs=tests):
            for test in tests:
                yield "always", test, "True"
                yield "never", test, "False"


def _of_a_call(call: ast.Call) -> Iterator[Change]:
    if isinstance(call.func, ast.Name) and call.func.id == "suppress":
        yield "suppress", call, "suppress()"
        return
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in WITHOUT_EFFECT:
            operator = "message" if keyword.arg in FOR_PEOPLE else "argument"
            yield operator, call, _text(call, keywords=[one for one in call.keywords if one is not keyword])
    match call.args:
        case [ast.Starred(), *_] | [_, ast.Starred(), *_]:
            return
        case [one, two, *more] if ast.dump(one) != ast.dump(two) and ast.unparse(call.func) not in EITHER_WAY:
            yield "order", call, _text(call, args=[two, one, *more])


def _defaults(values: list[ast.expr | None]) -> Iterator[Change]:
    for value in values:
        if isinstance(value, ast.Constant) and (other := _other(value)):
            yield "message" if other[0] == "message" else "default", value, other[1]


def _other(constant: ast.Constant) -> tuple[str, str] | None:
    """(operator, another constant of the same type); None is left alone."""
    match constant.value:
        case bool(value):
            return "truth", str(not value)
        case int(value) | float(value):
            return "number", str(value + 1)
        case str(value):
            sentence = len(value.split()) >= SENTENCE_WORDS
            return "message" if sentence else "text", repr(value + "x")
        case bytes(value):
            return "text", repr(value + b"x")
    return None


def _text(node: ast.expr | ast.stmt, **parts: object) -> str:
    """The node with other parts, as text that may stand wherever it stood."""
    changed = copy(node)
    for name, part in parts.items():
        setattr(changed, name, part)
    text = ast.unparse(changed)
    return text if isinstance(node, ast.stmt | ast.Call | ast.Tuple) else f"({text})"
