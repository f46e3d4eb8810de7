"""A mapping file → its lines as they may be shown: without an API key that somebody wrote into it.

A key belongs behind a reference (`env:ALMA_KEY`). One that stands in the mapping all the same is refused, but
the place of another mistake on the same line would still show it.
"""

from __future__ import annotations

from collections.abc import Iterator

from etl.alma.key import check_reference
from etl.lookups import MAX_TABLE
from etl.problems import Refusal
from etl.regular_files import read_file
from etl.shown import without_secrets
from etl.yaml_tree import MAX_BYTES, Mapping, Scalar, YamlText, decode, find, parse, walk


def shown_lines(file: str) -> list[str]:
    """Every line, each as long as it is in the file, so that places stay where they are; [] if unreadable."""
    try:
        raw = read_file(file, MAX_TABLE)
        text = decode(raw, file)
    except (OSError, Refusal):
        return []
    if "\0" in text.text:  # no text at all
        return []
    shown = list(text.text)
    for node in _given_keys(text):
        shown[node.start : node.end] = [
            "\n" if sign == "\n" else "*" for sign in shown[node.start : node.end]
        ]
    return without_secrets("".join(shown), wary=True, same_length=True).splitlines()


def is_given_key(node: Scalar) -> bool:
    """Is it an option named after a key that holds something else than where the key is?"""
    steps = node.path.split(".")
    if steps[0] != "sink" or len(steps) < 2 or "key" not in steps[1].lower() or node.is_null:
        return False
    try:
        check_reference(node.text)
    except ValueError:
        return True
    return False


def _given_keys(text: YamlText) -> Iterator[Scalar]:
    if len(text.text) > MAX_BYTES:
        return  # a table, not a mapping
    try:
        tree = parse(text)
    except Refusal:
        return  # without its structure only the shape of a key tells
    sink = find(tree, ("sink",))
    if isinstance(sink, Mapping) and sink is not tree:
        yield from (node for node in walk(sink) if isinstance(node, Scalar) and is_given_key(node))
