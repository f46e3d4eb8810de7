"""Mapping file → Spec, or every problem of it and of the files it extends.

`extends` is resolved on the tree, so every value keeps the file, line and column it was written at.
"""

from __future__ import annotations

import difflib
import itertools
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from etl.documents.outline import names
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest
from etl.plugin import NotRepeated
from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import UnfitFile, read_file
from etl.spec.laying import merge
from etl.spec.model import TEMPLATED, MappingFile
from etl.yaml_tree import (
    MAX_BYTES,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlText,
    decode,
    find,
    parse,
)

ReadFile = Callable[[str], bytes]
MAX_FILES = 100
_SHOWN = 200
_KEYS = re.compile(
    rf"""^[ {{]*(?P<quote>["']?)(?:{"|".join(MappingFile.model_fields)})"""
    r"""(?P=quote)[ \t]*:(?:\s|$|(?<=["']:))""",
    re.MULTILINE,
)
"""A key of a mapping at the beginning of a line."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What the author wrote: the plain sections as a model, the templated ones as nodes of `tree`.

    `path` is the name the user gave; relative paths inside a mapping are relative to the file that says them.
    """

    path: str
    model: MappingFile
    tree: Mapping
    files: tuple[str, ...]
    """The mapping file and every one it extends."""

    def node(self, *address: str | int) -> Node:
        """The node at an address (or its nearest existing parent)."""
        return find(self.tree, address)

    def place(self, *address: str | int) -> MappingPlace:
        return self.node(*address).place()


def read_mapping(name: str) -> bytes:
    """The bytes of a mapping file. Raises OSError."""
    return read_file(name, MAX_BYTES)


def load(path: str, read: ReadFile = read_mapping) -> Spec:
    """Load, resolve `extends`, check. Raises Refusal with all problems found."""
    files: dict[str, None] = {}
    asked = itertools.count(1)

    def noted(name: str) -> bytes:
        if next(asked) > MAX_FILES:  # two files that extend two others each are a thousand after ten steps
            raise _TooManyFiles
        files[name] = None
        return read(name)

    tree = _resolve(path, None, (), noted)
    try:
        model = MappingFile.model_validate({name: _section(name, node) for name, node in tree.items.items()})
    except ValidationError as error:
        raise Refusal(problems_of(error, tree, MappingFile)) from None
    return Spec(path, model, tree, tuple(files))


def sibling(file: YamlText, relative: str) -> str:
    """A path written in `file`, as a path the reader of messages can follow."""
    if posixpath.isabs(relative):
        return relative
    return posixpath.normpath(posixpath.join(posixpath.dirname(file.name), relative))


def _resolve(path: str, asked: Scalar | None, trail: tuple[str, ...], read: ReadFile) -> Mapping:
    """The tree of one file with everything it extends below it."""
    if path in trail:
        chain = " → ".join((*trail[trail.index(path) :], path))
        raise Refusal(
            Problem("E106", f"extends goes in a circle: {chain}", mapping=asked.place() if asked else None)
        )
    where = asked.place(len(asked.text)) if asked else MappingPlace(path)
    try:
        raw = read(path)
    except OSError as error:
        code = "E110" if isinstance(error, UnfitFile) else "E105"
        said = f'cannot read mapping "{path}": {error.strerror or error}'
        raise Refusal(Problem(code, said, mapping=where)) from None
    except _TooManyFiles:
        raise Refusal(
            Problem("E112", f"extends leads to more than {MAX_FILES} files", mapping=where)
        ) from None
    text = decode(raw, path)
    none = Refusal(
        # Whatever it is, it may be nobody's to read: not a word of it is repeated.
        Problem(
            "E111",
            f'"{path}" is no mapping: its keys are not those of one',
            mapping=where,
            help="a mapping has version, name, target, source, key and fields",
        )
    )
    if text.text.strip() and not _KEYS.search(text.text):
        raise none
    tree = parse(text)
    if asked and _is_foreign(tree):
        raise none
    parents = _parents(tree)
    if not parents:
        return tree
    base: Mapping | None = None
    for parent in parents:
        below = _resolve(sibling(tree.file, parent.text), parent, (*trail, path), read)
        base = below if base is None else _lay(base, below)
    assert base is not None  # noqa: S101
    return _lay(base, tree)


def _is_foreign(tree: Mapping) -> bool:
    """Are most of its keys none of a mapping's, nor like them? `version` and `name` stand in many files."""
    known = sum(bool(difflib.get_close_matches(key, MappingFile.model_fields, 1)) for key in tree.items)
    return known <= len(tree.items) // 2


class _TooManyFiles(Exception):  # noqa: N818 - it becomes a problem where the file was named
    pass


def _parents(tree: Mapping) -> list[Scalar]:
    node = tree.items.get("extends")
    members = node.items if isinstance(node, Sequence) else [node]
    return [member for member in members if isinstance(member, Scalar) and not member.is_null]


def _lay(base: Mapping, over: Mapping) -> Mapping:
    """merge(), but checks add up: a safety rule of the base is not lost by writing another.

    The order of `levels` means something, so another one takes its place; so does a sink of another type.
    """
    below_sink, sink = (find(tree, ("sink", "type")) for tree in (base, over))
    other = isinstance(below_sink, Scalar) and isinstance(sink, Scalar) and below_sink.text != sink.text
    merged = merge(base, over, whole=frozenset(("levels", "sink") if other else ("levels",)))
    below, above = base.items.get("checks"), over.items.get("checks")
    if isinstance(below, Sequence) and isinstance(above, Sequence):
        merged.items["checks"] = replace(above, items=[*below.items, *above.items])
    return merged


def _section(name: str, node: Node) -> Any:
    if name not in TEMPLATED:
        return plain(node)
    # Templated sections stay nodes; only their outer shape is checked by the model.
    if isinstance(node, Mapping):
        return dict(node.items)
    if isinstance(node, Sequence):
        return list(node.items)
    return plain(node)


def plain(node: Node) -> Any:
    """A node as plain data: text stays text; YAML 1.2 true, false and null are read."""
    if isinstance(node, Mapping):
        return {name: plain(child) for name, child in node.items.items()}
    if isinstance(node, Sequence):
        return [plain(child) for child in node.items]
    assert isinstance(node, Scalar)  # noqa: S101 - there are three kinds of nodes
    if node.is_null:
        return None
    truth = node.as_bool
    return node.text if truth is None else truth


def problems_of(
    error: ValidationError, tree: Node, model: type[BaseModel], at: tuple[str | int, ...] = ()
) -> list[Problem]:
    """pydantic's errors → problems at the places in the file they are about."""
    problems = []
    meant: set[tuple[str, ...]] = set()
    for one in sorted(error.errors(), key=lambda one: one["type"] == "missing"):
        loc = tuple(part for part in one["loc"] if isinstance(part, int) or not part.startswith("function-"))
        address = (*at, *loc)
        node = find(tree, address)
        name = str(loc[-1]) if loc else ""
        if one["type"] == "extra_forbidden":
            parent = find(tree, address[:-1])
            place = (
                parent.key_place(name)
                if isinstance(parent, Mapping) and name in parent.keys
                else node.place()
            )
            known = _known_keys(model, loc[:-1])
            near = difflib.get_close_matches(name, known, 1)
            meant |= {(*map(str, loc[:-1]), *near)}
            help_ = (
                f'did you mean "{near[0]}"?'
                if near
                else _elsewhere(name, model, loc[:-1])
                or (f"known here: {', '.join(sorted(known))}" if known else None)
            )
            problems.append(Problem("E107", f'unknown key "{_first_line(name)}"', mapping=place, help=help_))
        elif one["type"] == "missing":
            if tuple(map(str, loc)) in meant:
                continue  # it is there, and misspelt
            problems.append(
                Problem(
                    "E108",
                    f'"{".".join(map(str, loc))}" is missing',
                    mapping=_of(node, address),
                    help=_ADD.get(".".join(map(str, loc)), f"add  {name}: …"),
                )
            )
        elif isinstance(one.get("ctx", {}).get("error"), NotRepeated):
            file = node.place().file  # and no line: it would be shown
            where = MappingPlace(file, path=".".join(map(str, address)))
            problems.append(Problem("E109", _words({**one, "input": None}, name), mapping=where))
        else:
            problems.append(Problem("E109", _words(one, name), mapping=_of(node, address)))
    return problems


_ADD = {
    "version": "add  version: 1",
    "name": "add  name: …  as reports are to call it",
    "target": "add  target: po_line  or  target: purchase_request",
    "source": "add  source: {connector: …, path: …};  etl list connectors  shows what there is",
    "key": "add  key: […]  with the columns that tell one order line from every other",
    "fields": "add  fields:  and below it what goes into the order",
}
"""What to write for a section that is missing."""


def _elsewhere(name: str, model: type[BaseModel], loc: tuple[str | int, ...]) -> str | None:
    """Where a key belongs that is one level too high: a field of an order, or an option."""
    if model is not MappingFile:
        return None
    if not loc and (name in names(PoLine) or name in names(PurchaseRequest)):
        return f'"{name}" is a field of the order: indent it below fields:'
    homes = [
        at
        for at in MappingFile.model_fields
        if name in _known_keys(MappingFile, (at,)) and at != "parameters"
    ]
    return (
        f"it belongs below {homes[0]}:"
        if homes and not loc
        else "it belongs at the margin"
        if loc and name in MappingFile.model_fields
        else None
    )


def _of(node: Node, address: tuple[str | int, ...]) -> MappingPlace:
    place = node.place(len(node.text) if isinstance(node, Scalar) else 0)
    return replace(place, path=place.path or ".".join(map(str, address)))


_WANTED = {  # pydantic speaks of Python's types, the author wrote YAML
    "dict_type": "a group of keys belongs here",
    "model_type": "a group of keys belongs here",
    "list_type": "a list belongs here",
    "string_type": "a text belongs here",
    "bool_type": "write true or false",
    "int_parsing": "write a whole number",
    "decimal_parsing": "write a number",
}


def _words(error: Any, name: str) -> str:
    message = _WANTED.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    value = error.get("input")
    shown = f' "{_first_line(str(value))}"' if type(value) in (str, int) else ""
    return f'"{name}"{" is" + shown if shown else ""}: {message}' if name else message


def _first_line(text: str) -> str:
    """A text for a message: of many lines only the first, and not the whole of a long one."""
    line = text.split("\n", 1)[0][:_SHOWN]
    return line if line == text else line + "…"


def _known_keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys the model knows at a place."""
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", None)
        if fields is None or part not in fields:
            # a value of a dict such as parameters.library: its model is the dict's value type
            continue
        annotation = fields[str(part)].annotation
        arguments = getattr(annotation, "__args__", ())
        models = [a for a in (annotation, *arguments) if isinstance(a, type) and issubclass(a, BaseModel)]
        if not models:
            return []
        current = models[0]
    return list(getattr(current, "model_fields", {}))
