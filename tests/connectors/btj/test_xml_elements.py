"""XML files, whole, broken and hostile → their elements, with the places and bytes they have in the file."""

from __future__ import annotations

import pytest

from connectors.formats.xml_elements import (
    Element,
    XmlBroken,
    bytes_of,
    read_children,
    read_from,
    read_root,
)
from etl.plugin import Refusal
from etl.testing.sources import bytes_source


def children(data: bytes, limit: int = 1 << 20) -> list[Element]:
    return list(read_children(bytes_source(data), limit))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be", "iso-8859-1", "windows-1252"])
def test_children_have_their_bytes_in_every_encoding(codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{codec.removesuffix("-be")}"?>\n<r>\n<a x="1">å</a><b/>\n<c>\n<d>ö</d></c></r>'
    data = (b"\xfe\xff" if codec == "utf-16-be" else b"") + text.encode(codec)
    found = children(data)
    assert [(one.name, one.line, one.text) for one in found] == [("a", 3, "å"), ("b", 3, ""), ("c", 4, "")]
    raw = [
        bytes_of(bytes_source(data), one).decode("utf-16-le" if codec == "utf-16" else codec) for one in found
    ]
    assert raw == ['<a x="1">å</a>', "<b/>", "<c>\n<d>ö</d></c>"]
    assert found[2].children[0].as_xml() == "<d>ö</d>"


def test_prefixes_fall_away_and_cdata_is_text() -> None:
    (one,) = children(b'<e:r xmlns:e="urn:x"><e:a e:k="1"><![CDATA[<b>]]>&amp;&#229;</e:a></e:r>')
    assert (one.name, one.attributes, one.text) == ("a", {"k": "1"}, "<b>&å")


def test_what_stands_before_a_break_is_read() -> None:
    data = b"<r><a>1</a><b><c></b></r>"
    found: list[str] = []
    with pytest.raises(XmlBroken) as broken:
        found.extend(one.name for one in read_children(bytes_source(data)))
    assert found == ["a"]
    assert (broken.value.line, broken.value.offset) == (1, data.index(b"<b>"))
    assert read_from(bytes_source(data), broken.value.offset) == b"<b><c></b></r>"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><r><x>&b;</x></r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/r.dtd"><r/>',
        b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r><x>&f;</x></r>',
        b"<!DOCTYPE r><r/>",
    ],
)
def test_a_document_type_is_refused_unread(data: bytes) -> None:
    for read in (lambda: children(data), lambda: read_root(bytes_source(data))):
        with pytest.raises(Refusal) as refused:
            read()
        assert [problem.code for problem in refused.value.problems] == ["E367"]


@pytest.mark.parametrize("name", ["klingon", "shift_jis", "hex"])
def test_an_encoding_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        children(f'<?xml version="1.0" encoding="{name}"?><r><a>x</a></r>'.encode())
    assert [problem.code for problem in refused.value.problems] == ["E303"]


def test_a_child_beyond_the_limit_comes_without_content_and_the_next_is_whole() -> None:
    data = b"<r><a>" + b"<b>x</b>" * 200 + b"</a><c>y</c></r>"
    first, second = children(data, limit=1000)
    assert (first.oversize, first.children, second.text) == (True, [], "y")
    assert bytes_of(bytes_source(data), first) == data[3 : data.index(b"<c>")]


def test_a_text_beyond_the_limit_is_not_kept() -> None:
    first, second = children(b"<r><a>" + b"x" * 300_000 + b"</a><c>y</c></r>", limit=1000)
    assert (first.oversize, len(first.text) < 200_000, second.text) == (True, True, "y")


def test_too_many_elements_are_too_much() -> None:
    (one,) = children(b"<r><a>" + b"<b/>" * 60_000 + b"</a></r>")
    assert (one.oversize, one.children) == (True, [])


@pytest.mark.parametrize(
    "data", [b"<r>" + b"<a>" * 10_000, b"<r><a " + b"x" * 3_000_000, b"<r><!--" + b"x" * 3_000_000]
)
def test_depth_and_tags_are_bounded(data: bytes) -> None:
    with pytest.raises(XmlBroken, match="not read beyond"):
        children(data)


def test_lines_are_counted_beyond_the_65535_of_libxml2() -> None:
    (one,) = children(b"<r>" + b"\n" * 100_000 + b"<a/></r>")
    assert one.line == 100_001
