"""Values are found in a stream, damaged ones too, and every byte is accounted for."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.formats.json_chunks import read_json_chunks

VALUES = {
    "one document": (b'{"a": [1, {"b": 2}]}', [b'{"a": [1, {"b": 2}]}']),
    "written over lines": (b'{\n "a": [\n  {"x": 1}\n ]\n}\n', [b'{\n "a": [\n  {"x": 1}\n ]\n}']),
    "a line each": (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
    "a list": (b'[{"a":1},\n {"b":[2]}\n]', [b'{"a":1}', b'{"b":[2]}']),
    "an empty list": (b" [ ]\n", []),
    "without indents": (b'{"a":[\n{"x":1},\n{"x":2}\n]}', [b'{"a":[\n{"x":1},\n{"x":2}\n]}']),
    "brackets in a text": (b'{"a":"}{][\\""}{"b":1}', [b'{"a":"}{][\\""}', b'{"b":1}']),
    "a line cut off": (b'{"a":1}\n{"b":1,\n{"c":2}\n', [b'{"a":1}', b'{"b":1,\n', b'{"c":2}']),
    "the first line cut off": (b'{"a":"x\n{"c":2}\n', [b'{"a":"x\n', b'{"c":2}']),
    "a bracket too few": (b'{"a":[1}\n{"c":2}\n', [b'{"a":[1}\n', b'{"c":2}']),
    "a member of a list cut off": (b'[\n{"a":"q\n},\n{"b":2}\n]', [b'{"a":"q\n},\n', b'{"b":2}']),
    "words between": (b'{"a":1} junk\n{"b":1}', [b'{"a":1}', b"junk\n", b'{"b":1}']),
    "numbers in a list": (b"[1, 2]", [b"1, 2]"]),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    data, expected = VALUES[name]
    chunks = list(read_json_chunks(io.BytesIO(data), 1000))
    assert [chunk.raw for chunk in chunks if not chunk.unclosed] == expected
    for chunk in chunks:
        assert data[chunk.offset : chunk.offset + chunk.size] == chunk.raw
        assert chunk.line == data.count(b"\n", 0, chunk.offset) + 1


def test_a_list_that_never_ends_is_told() -> None:
    *read, last = read_json_chunks(io.BytesIO(b'[{"a":1},\n'), 1000)
    assert [chunk.raw for chunk in read] == [b'{"a":1}']
    assert last.unclosed


def test_a_long_value_is_cut_and_the_next_one_read() -> None:
    long, short = b'{"a":"' + b"x" * 200_000 + b'"}', b'{"b":1}'
    first, second = read_json_chunks(io.BytesIO(long + b"\n" + short), 1000)
    assert (len(first.raw), first.size, second.raw) == (1000, len(long), short)


@pytest.mark.parametrize("length", range(65_530, 65_545))
def test_escapes_are_followed_over_the_seams_of_reading(length: int) -> None:
    value = b'{"a":"' + b"x" * (length - 6) + b'\\"}{\\\\"}'
    assert [chunk.raw for chunk in read_json_chunks(io.BytesIO(value + b"{}"), 1 << 20)] == [value, b"{}"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=5),
    st.sampled_from([None, 0, 1, 4]),
    st.booleans(),
    st.booleans(),
)
def test_whatever_json_writes_is_found(
    documents: list[dict[str, object]], indent: int | None, ascii_only: bool, as_list: bool
) -> None:
    if as_list:
        text = json.dumps(documents, indent=indent, ensure_ascii=ascii_only)
    else:
        text = "\n".join(json.dumps(one, indent=indent, ensure_ascii=ascii_only) for one in documents)
    chunks = read_json_chunks(io.BytesIO(text.encode("utf-8", "surrogatepass")), 1 << 20)
    assert [json.loads(chunk.raw.decode("utf-8", "surrogatepass")) for chunk in chunks] == documents


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_byte_is_lost(noise: bytes, limit: int) -> None:
    covered = bytearray(len(noise))
    for chunk in read_json_chunks(io.BytesIO(noise), limit):
        assert len(chunk.raw) <= limit
        for at in range(chunk.offset, chunk.offset + chunk.size):
            assert not covered[at]
            covered[at] = 1
    outside = bytes(byte for byte, inside in zip(noise, covered, strict=True) if not inside)
    assert outside.strip(b" \t\r\n,[]\0\x1a") == b""
