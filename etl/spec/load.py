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

from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import UnfitFile, read_file
from etl.spec.guard_limits import guard_problems
from etl.spec.laying import merge
from etl.spec.misfits import fitted
from etl.spec.model import TEMPLATED, MappingFile
from etl.spec.unevaluated import unevaluated
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

    @property
    def is_whole(self) -> bool:
        """Has it everything that a mapping must have, without a stand-in?"""
        return all(node.file is not STAND_IN for node in self.tree.items.values())

    def place(self, *address: str | int) -> MappingPlace:
        return self.node(*address).place()


def read_mapping(name: str) -> bytes:
    """The bytes of a mapping file. Raises OSError."""
    return read_file(name, MAX_BYTES)


STAND_IN = YamlText(
    "what a mapping adds",
    "version: 1\nname: base\ntarget: po_line\nsource: {connector: any}\nkey: key\nfields: {}\n",
)
"""What every mapping says, laid under a base that is looked at alone; of its columns nothing is known."""


def load(path: str, read: ReadFile = read_mapping, *, alone: bool = False) -> Spec:
    """Load, resolve `extends`, check. Raises Refusal with all problems found.

    `alone`: it is a base, and what it leaves to the mappings that extend it is not missed.
    """
    files: dict[str, None] = {}
    asked = itertools.count(1)

    def noted(name: str) -> bytes:
        if next(asked) > MAX_FILES:  # two files that extend two others each are a thousand after ten steps
            raise _TooManyFiles
        files[name] = None
        return read(name)

    tree = _resolve(path, None, (), noted)
    tree = _lay(parse(STAND_IN), tree) if alone else tree
    sections = {name: _section(name, node) for name, node in tree.items.items()}
    model = fitted(MappingFile, sections, tree)
    if problems := [*unevaluated(tree), *guard_problems(model.guards, tree)]:
        raise Refusal(problems)
    return Spec(path, model, tree, tuple(files))


def is_mapping(path: str) -> bool:
    """Is it to be taken for one, where nobody has said so? What cannot be read might be one."""
    try:
        text = decode(read_mapping(path), path)
    except UnfitFile:
        return False
    except (OSError, Refusal):
        return True
    if not _KEYS.search(text.text):
        return False
    try:
        return not _is_foreign(parse(text))
    except Refusal:
        return True


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
        help_ = f"extends is relative to {asked.file.name}" if asked else "name a file that may be read"
        raise Refusal(Problem(code, said, mapping=where, help=help_)) from None
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
