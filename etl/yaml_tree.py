"""YAML text → a tree of text with positions, or every reason why not.

Nothing is typed here: `0123`, `no` and `9789144091234` stay the text they are. Only two things are read
off a plain scalar when asked (YAML 1.2 core schema): whether it is null, and whether it is a boolean.
Duplicate keys, tags and merge keys are refused. Positions are 1-based.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import yaml

from etl.problems import MappingPlace, Problem, Refusal
from etl.slips.typography import in_typographic_quotes
from etl.slips.yaml_slip import yaml_slip

MAX_BYTES = 1 << 20
MAX_NODES = 100_000  # aliases are expanded: a small file may not become a large tree
MAX_DEPTH = 60
_MAX_PATH = 1_000  # every node keeps its address
_EVENTS: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_ANCHOR = re.compile(r"[*&][^\s,\[\]{}]*")
_ESCAPED = {"x": 4, "u": 6, "U": 10}


@dataclass(frozen=True, slots=True)
class YamlText:
    """One YAML file: the name messages show, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a file and its address in the document (`fields.price.sum`)."""

    file: YamlText
    line: int
    column: int
    path: str

    def place(self, length: int = 0) -> MappingPlace:
        return MappingPlace(self.file.name, self.line, self.column, self.path, length)


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    text: str = ""
    style: str = ""
    start: int = 0
    end: int = 0

    @property
    def is_null(self) -> bool:
        return not self.style and self.text in ("", "~", "null", "Null", "NULL")

    @property
    def as_bool(self) -> bool | None:
        if self.style or self.text.lower() not in ("true", "false"):
            return None
        return {"true": True, "false": False}.get(self.text.lower())

    def locate(self, offset: int, length: int = 0) -> MappingPlace:
        """The place in the file of a position inside the text (also of multi-line and escaped text)."""
        raw = self.file.text
        index = _positions(raw[self.start : self.end], self.text, self.style)[offset] + self.start
        line = raw.count("\n", 0, index) + 1
        column = index - (raw.rfind("\n", 0, index) + 1) + 1
        return MappingPlace(self.file.name, line, column, self.path, length)


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)

    def key_place(self, name: str) -> MappingPlace:
        key = self.keys[name]
        return replace(key.place(len(key.text)), path=_join(self.path, name))


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    items: list[Node] = field(default_factory=list)


def decode(raw: bytes, name: str) -> YamlText:
    """UTF-8 bytes (a byte-order mark is fine) → text. Raises Refusal."""
    try:
        return YamlText(name, raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise Refusal(
            Problem(
                "E100",
                f"not UTF-8: byte 0x{raw[error.start]:02X}",
                mapping=MappingPlace(name, line, column),
                help="save the file as UTF-8",
            )
        ) from None


_HALF = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")


def parse(file: YamlText) -> Mapping:
    """YAML → its top-level mapping. Raises Refusal with every problem of the file."""
    odd = _LINE_BREAKS.search(file.text)
    if odd:  # YAML 1.1 counts them as line breaks, 1.2 and every editor do not: places would be wrong
        line = file.text.count("\n", 0, odd.start()) + 1
        character = f"U+{ord(odd[0]):04X}"
        raise Refusal(
            Problem(
                "E101",
                f"character {character} is not allowed",
                mapping=MappingPlace(file.name, line),
                help="it breaks lines for some and not for others: take it away",
            )
        )
    outgrown = where_too_much(file.text, MAX_NODES)
    if outgrown is not None:
        raise Refusal(_too_much(MappingPlace(file.name, *outgrown)))
    try:
        root = yaml.compose(file.text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        raise Refusal(syntax_problem(error, file)) from None
    except yaml.reader.ReaderError as error:
        line = file.text.count("\n", 0, error.position) + 1
        raise Refusal(
            Problem(
                "E101",
                f"character U+{ord(str(error.character)[0]):04X} is not allowed",
                mapping=MappingPlace(file.name, line),
                help="take it away: no keyboard writes it",
            )
        ) from None
    except RecursionError:
        raise Refusal(
            Problem("E104", "nested too deeply to be read", mapping=MappingPlace(file.name, 1))
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise Refusal(
            Problem(
                "E101",
                "not a mapping: the file must hold `name: value` pairs",
                mapping=MappingPlace(file.name),
                help="begin with  version: 1  at the margin",
            )
        )
    builder = _Builder(file)
    tree = builder.node(root, "", 0)
    if builder.problems:
        raise Refusal(builder.problems)
    assert isinstance(tree, Mapping)  # noqa: S101 - root was a MappingNode
    return tree


def where_too_much(text: str, most: int) -> tuple[int, int] | None:
    """Line and column where YAML goes beyond `most` nodes or 60 levels. Nothing is built to find out.

    What is no YAML is nobody's concern here: it is said when the tree is built.
    """
    count = depth = 0
    event: Any
    try:
        for event in yaml.parse(text, Loader=_EVENTS):
            count += isinstance(event, yaml.NodeEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if count > most or depth > MAX_DEPTH:
                return event.start_mark.line + 1, event.start_mark.column + 1
    except yaml.YAMLError:
        return None
    return None


def _too_much(place: MappingPlace) -> Problem:
    limits = f"{MAX_NODES:,} values, aliases expanded, and {MAX_DEPTH} levels"
    said = f"the file holds too much: {limits} are the most"
    return Problem("E104", said, mapping=place)


def syntax_problem(error: yaml.YAMLError, file: YamlText) -> Problem:
    """What a parser could not read, in words of ours, where the slip is. No word of the parser's is used."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", ""))
    if isinstance(error, yaml.composer.ComposerError) and mark and "document" not in problem:
        raw = file.text.split("\n")[mark.line]
        name = _ANCHOR.match(raw, mark.column)
        said = f'"{name[0] if name else raw[mark.column :]}" stands for nothing, or for two things'
        help_ = "a text that begins with * or & needs quotes; a name is given with & before it is used with *"
        place = MappingPlace(file.name, mark.line + 1, mark.column + 1, length=len(name[0]) if name else 0)
        return Problem("E101", said, mapping=place, help=help_)
    slip = yaml_slip(file.text, _noticed(error), _unread)
    line = file.text.count("\n", 0, slip.offset)
    column = slip.offset - (file.text.rfind("\n", 0, slip.offset) + 1)
    place = MappingPlace(file.name, line + 1, column + 1, length=slip.length)
    return Problem(slip.code, slip.said, mapping=place, help=slip.help)


def _noticed(error: yaml.YAMLError) -> int:
    """The line, from 0, at which a parser gave up: of a quote that is never closed, where it stands."""
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    endless = "end of stream" in str(getattr(error, "problem", "")) and context is not None
    found = context if endless or mark is None else mark
    return found.line if found is not None else 0


def _unread(text: str) -> int | None:
    """How many lines a parser leaves when it gives up; None: it reads all."""
    try:
        for _ in yaml.parse(text, Loader=_EVENTS):
            continue
    except yaml.YAMLError as error:
        return text.count("\n") - _noticed(error)
    return None


def _no_key(key: yaml.Node, text: str) -> tuple[str, str, str]:
    """Code, message and help where a group or a list stands in the place of a key."""
    if text.startswith("{", key.start_mark.index) and text.endswith("{", 0, key.start_mark.index):
        return "E101", "a template without quotes", 'put templates in quotes: "{{ … }}"'
    return "E101", "a group or a list stands where a key belongs", "a key is one plain text"


class _Builder:
    """Composed YAML nodes → our tree, collecting what is refused."""

    def __init__(self, file: YamlText) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.count = 0

    def node(self, node: yaml.Node, path: str, depth: int) -> Node:
        self.count += 1
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if self.count > MAX_NODES or depth > MAX_DEPTH or len(path) > _MAX_PATH:
            raise Refusal(_too_much(MappingPlace(self.file.name, line, column, path[:_MAX_PATH])))
        if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.rsplit(":", 1)[1] not in (
            "str",
            "seq",
            "map",
        ):
            self._refuse(
                "E103",
                f'YAML tag "{node.tag}" is not allowed',
                "a text that begins with ! needs quotes",
                node,
                path,
            )
        if isinstance(node, yaml.ScalarNode):
            if _HALF.search(node.value):
                self._refuse(
                    "E101", "half of a surrogate pair is no character", "write the character", node, path
                )
            if not node.style and in_typographic_quotes(node.value):
                quotes = f"{node.value[0]} {node.value[-1]}"
                said = f"the quotes {quotes} would be part of the text: a text editor has put them there"
                self._refuse("E113", said, f'write plain quotes: "{node.value[1:-1]}"', node, path)
            return Scalar(
                self.file,
                line,
                column,
                path,
                node.value,
                node.style or "",
                node.start_mark.index,
                node.end_mark.index,
            )
        if isinstance(node, yaml.SequenceNode):
            members = [self.node(child, f"{path}[{i}]", depth + 1) for i, child in enumerate(node.value)]
            return Sequence(self.file, line, column, path, members)
        return self._mapping(node, path, depth, line, column)

    def _mapping(self, node: yaml.Node, path: str, depth: int, line: int, column: int) -> Mapping:
        items: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(*_no_key(key, self.file.text), key, path)
                continue
            name = key.value
            scalar = self.node(key, _join(path, name), depth)
            assert isinstance(scalar, Scalar)  # noqa: S101
            if name == "<<" and not key.style:
                self._refuse(
                    "E103", "merge keys (<<) are not YAML 1.2", "use extends: or $include", key, path
                )
            elif name in items:
                said = f'"{name}" stands twice, first on line {keys[name].line}'
                self._refuse("E102", said, None, key, _join(path, name))
            else:
                keys[name], items[name] = scalar, self.node(value, _join(path, name), depth + 1)
        return Mapping(self.file, line, column, path, items, keys)

    def _refuse(self, code: str, message: str, help: str | None, node: yaml.Node, path: str) -> None:
        mark = node.start_mark
        place = MappingPlace(
            self.file.name, mark.line + 1, mark.column + 1, path, len(getattr(node, "value", ""))
        )
        self.problems.append(Problem(code, message, mapping=place, help=help))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in document order."""
    yield node
    if isinstance(node, Mapping):
        for child in node.items.values():
            yield from walk(child)
    elif isinstance(node, Sequence):
        for child in node.items:
            yield from walk(child)


def find(root: Node, address: tuple[str | int, ...]) -> Node:
    """The node at an address, or its nearest existing parent."""
    node = root
    for part in address:
        if isinstance(node, Mapping) and part in node.items:
            node = node.items[str(part)]
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        else:
            break
    return node


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@lru_cache(maxsize=16)
def _positions(raw: str, text: str, style: str) -> list[int]:
    """Where in the raw scalar each character of its text stands, and where the text ends.

    Walks both in step: raw has quotes, escapes, indentation and fold breaks that the text has not. Kept for a
    while, because a long template is asked for many of its places.
    """
    at = raw.find("\n") + 1 if style in ("|", ">") else 1 if style else 0
    found = []
    for wanted in text:
        at = _skip(raw, at, wanted, style)
        found.append(at)
        if style == '"' and raw[at] == "\\":
            at += _ESCAPED.get(raw[at + 1], 2)
        elif style == "'" and raw.startswith("''", at):
            at += 2
        else:
            at += 1
    return [*found, at]


def _skip(raw: str, at: int, wanted: str, style: str) -> int:
    """Step over raw white space that the text does not have (indentation, folds, continuations)."""
    while at < len(raw) - 1 and raw[at] != wanted:
        if style == '"' and raw.startswith("\\\n", at):
            at += 2
        elif (raw[at] == "\n" and wanted in " \n") or not raw[at].isspace():
            break
        else:
            at += 1
    return at
