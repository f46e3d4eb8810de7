"""etl show MAPPING... → the resolved mapping, every value with the file and line it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from etl.cli.each_mapping import UNUSABLE, MappingAnswer, answer_each, mappings_argument
from etl.cli.mapping_text import is_given_key
from etl.cli.options import common
from etl.cli.output import Format, Output
from etl.shown import MASK, shown, visible
from etl.spec.load import STAND_IN, load
from etl.spec.mapping_files import is_named_base
from etl.yaml_tree import Mapping, Node, Scalar, Sequence

_COMMENT_AT = 60


@click.command("show")
@mappings_argument()
@common
def command(mappings: tuple[str, ...], form: Format) -> int:
    """Print mappings with everything they extend merged in, and where each value was written.

    A folder is gone through to its end; patterns stand in quotes. Several are one stream of YAML, each after
    a line with its name.
    """
    output = Output(form)
    alone = len(mappings) == 1 and Path(mappings[0]).is_file()

    def show(mapping: str) -> MappingAnswer:
        lines = list(_lines(load(mapping, alone=is_named_base(mapping)).tree, 0))
        if form != "json":
            output.data(*([] if alone else ["---", f"# {mapping}"]), *lines)
        return MappingAnswer(0, facts={"resolved": lines})

    return answer_each(mappings, output, show, {0: "shown", UNUSABLE: "with errors"})


def _lines(node: Node, indent: int) -> Iterator[str]:
    pad = "  " * indent
    if isinstance(node, Mapping):
        for name, child in node.items.items():
            if name == "extends" or child.file is STAND_IN:
                continue
            yield from _entry(f"{pad}{_key(name)}:", child, indent)
    elif isinstance(node, Sequence):
        for child in node.items:
            yield from _entry(f"{pad}-", child, indent)


def _entry(head: str, node: Node, indent: int) -> Iterator[str]:
    if isinstance(node, Scalar):
        node = _shown(node)
        if "\n" in node.text and _legible(node.text):
            yield f"{head} |{'' if node.text.endswith(chr(10)) else '-'}  # {_origin(node)}"
            for line in node.text.rstrip("\n").split("\n"):
                yield "  " * (indent + 1) + line if line else ""
            return
        yield _with_origin(f"{head} {_scalar(node)}", node)
    elif isinstance(node, Mapping | Sequence) and not node.items:
        yield _with_origin(f"{head} {'{}' if isinstance(node, Mapping) else '[]'}", node)
    else:
        yield head
        yield from _lines(node, indent + 1)


def _shown(node: Scalar) -> Scalar:
    """Without an API key that somebody wrote into the mapping."""
    return replace(node, text=MASK) if is_given_key(node) else node


def _with_origin(text: str, node: Node) -> str:
    return f"{text.ljust(_COMMENT_AT)}  # {_origin(node)}"


def _origin(node: Node) -> str:
    return f"{node.file.name}:{node.line}"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").replace("$", "").isalnum() else _quoted(name)


def _scalar(node: Scalar) -> str:
    if node.style or "\n" in node.text or (node.text == "" and not node.is_null):
        return _quoted(node.text)
    return node.text or "~"


def _legible(text: str) -> bool:
    """May its lines stand as they are?"""
    return all(shown(line) == line for line in map(str.lstrip, text.split("\n")))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{visible(escaped)}"'
