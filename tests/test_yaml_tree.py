"""YAML text → tree with positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.problems import Refusal
from etl.spec.laying import merge
from etl.yaml_tree import Mapping, Scalar, YamlText, decode, find, parse, walk


def tree(text: str) -> Mapping:
    return parse(YamlText("m.yaml", text))


def scalar(text: str, *address: str | int) -> Scalar:
    node = find(tree(text), address)
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize(
    "text",
    [
        "0123",
        "no",
        "1:30",
        "9789144091234",
        "1_000",
        "0o17",
        "1e3",
        "2024-03-11",
        "off",
    ],
)
def test_plain_text_stays_the_text_it_is(text: str) -> None:
    node = scalar(f"a: {text}", "a")
    assert (node.text, node.as_bool, node.is_null) == (text, None, False)


@pytest.mark.parametrize(
    ("text", "truth"),
    [("true", True), ("False", False), ("yes", None), ("'true'", None)],
)
def test_only_yaml_1_2_booleans_are_booleans(text: str, truth: bool | None) -> None:
    assert scalar(f"a: {text}", "a").as_bool is truth


@pytest.mark.parametrize(
    ("text", "null"),
    [("", True), ("~", True), ("null", True), ('""', False), ("'~'", False)],
)
def test_null_is_only_plain(text: str, null: bool) -> None:
    assert scalar(f"a: {text}", "a").is_null is null


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "E102", 3, 1),
        ("a:\n  b: 1\n  b: 2\n", "E102", 3, 3),
        ("a: !!int 5\n", "E103", 1, 4),
        ("a: !python/object:os.system x\n", "E103", 1, 4),
        ("base: &b {x: 1}\na: {<<: *b}\n", "E103", 2, 5),
        ("a: {{ x }}\n", "E101", 1, 5),
        ("a: [1, 2\nb: 3\n", "E101", 1, 9),
        ("- a\n- b\n", "E101", 0, 1),
        ("", "E101", 0, 1),
        ("a: \x07\n", "E101", 1, 1),
    ],
)
def test_refused_with_its_place(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(Refusal) as refusal:
        tree(text)
    problem = refusal.value.problems[0]
    assert problem.mapping is not None
    assert (problem.code, problem.mapping.line, problem.mapping.column) == (
        code,
        line,
        column,
    )


def test_all_duplicate_keys_are_named_at_once() -> None:
    with pytest.raises(Refusal) as refusal:
        tree("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [problem.code for problem in refusal.value.problems] == ["E102", "E102"]
    assert "first on line 1" in refusal.value.problems[0].message


def test_aliases_may_not_explode() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9))
    with pytest.raises(Refusal) as refusal:
        tree(bomb)
    assert refusal.value.problems[0].code == "E104"


def test_not_utf8_names_the_byte() -> None:
    with pytest.raises(Refusal) as refusal:
        decode("a: 1\nb: å".encode("latin-1"), "m.yaml")
    place = refusal.value.problems[0].mapping
    assert place is not None
    assert (place.line, place.column) == (2, 4)


@pytest.mark.parametrize(
    "text",
    [
        'a: "{{ x }}"',
        "a: '{{ x }} it''s'",
        'a: "q \\" \\u00e5 {{ x }}"',
        "a: |\n  one\n    two {{ x }}\n  three\n",
        "a: >\n  one\n  two {{ x }}\n",
        'a: "one\n   two {{ x }}"',
        'a: "one \\\n   two {{ x }}"',
        "b: 1\na: plain {{ x\n",
    ],
)
def test_every_character_is_located_where_it_stands(text: str) -> None:
    node = scalar(text, "a")
    lines = text.split("\n")
    for offset, character in enumerate(node.text):
        if character.isalpha() or character in "{}":
            place = node.locate(offset)
            assert lines[place.line - 1][place.column - 1] in (character, "\\"), (
                offset,
                place,
            )


@given(
    st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")),
        max_size=40,
    )
)
def test_single_quoted_text_is_located_inside_its_line(text: str) -> None:
    quoted = text.replace("'", "''").strip()
    node = scalar(f"a: '{quoted}'", "a")
    for offset in range(len(node.text)):
        place = node.locate(offset)
        assert place.line >= 1
        assert place.column >= 4


def test_merge_keeps_origins_and_replaces_lists() -> None:
    base = parse(YamlText("base.yaml", "a: {x: 1, y: 2}\nlist: [1, 2]\n"))
    over = parse(YamlText("over.yaml", "a: {y: 3}\nlist: [9]\n"))
    merged = merge(base, over)
    origins = {node.path: (node.file.name, node.text) for node in walk(merged) if isinstance(node, Scalar)}
    assert origins["a.x"] == ("base.yaml", "1")
    assert origins["a.y"] == ("over.yaml", "3")
    assert origins["list[0]"] == ("over.yaml", "9")
    assert "list[1]" not in origins
