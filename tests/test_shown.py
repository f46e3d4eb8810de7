"""Any text → what is shown of it: nothing acts, nothing readable is lost, and JSON says the same."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cli.render_github import annotation_line
from etl.shown import shown, shown_json, visible

VISIBLE_MARKS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that are drawn: signs before numbers in Arabic, Syriac and Kaithi."""
PIECES = st.sampled_from(
    [
        "::",
        "##[",
        "##vso[",
        "#",
        "error[",
        "hold[E1]",
        " ",
        "\t",
        "\n",
        "\r",
        "%",
        "a",
        "é",
        "\u202e",
        "[",
        ":",
        "\udc80",
    ]
)
TEXTS = st.lists(st.text(max_size=3) | PIECES, max_size=8).map("".join)


def test_every_sign_that_acts_or_hides_is_an_escape_and_no_other() -> None:
    for code in range(0x110000):
        sign = chr(code)
        kind = unicodedata.category(sign)
        hidden = kind in ("Cc", "Cs", "Co", "Zl", "Zp") or (
            kind == "Cf" and sign not in VISIBLE_MARKS | {"\u00ad"}
        )
        never = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
        if hidden or never:
            assert visible(sign).isascii(), hex(code)
            assert visible(sign).startswith("\\")
        elif kind[0] in "LNPS" and sign not in "\u115f\u1160\u3164\uffa0":
            assert visible(sign) == sign, hex(code)


@pytest.mark.parametrize(
    "title",
    [
        "Åsa Öberg",
        "cafe\u0301",
        "Bokstav\u00adering",
        "Sida\u00a03",
        "C:\\nytt",
        "Книга",
        "本",
        "# 1: [ett]",
        "a :: b",
    ],
)
def test_titles_stay_readable(title: str) -> None:
    assert shown(title) == title


@given(TEXTS)
def test_a_line_stays_one_and_begins_nothing(text: str) -> None:
    line = shown(text)
    assert len(line.splitlines()) <= 1
    assert not re.match(r"\s*::|(error|hold|warning)\[", line)
    assert not re.search(r"##\w*\[", line)
    assert visible(visible(text)) == visible(text)
    line.encode()  # no half of a pair


@given(
    st.recursive(
        TEXTS | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_says_the_same(value: object) -> None:
    for indent in (None, 2):
        text = shown_json(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(text) == value
        assert visible(text.replace("\n", "")) == text.replace("\n", "")


@given(TEXTS, TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
def test_an_annotation_is_one_and_says_what_was_said(file: str, title: str, lines: list[str]) -> None:
    line = annotation_line("error", {"file": file, "title": title}, lines)
    found = re.fullmatch(r"::error file=([^:,\n]*),title=([^:,\n]*)::(.*)", line)
    assert found is not None
    assert not re.search(r"%(?!25|0A|3A|2C)", line)
    read = [part.replace("%3A", ":").replace("%2C", ",").replace("%25", "%") for part in found.groups()[:2]]
    assert read == [visible(file), visible(title)]
    assert [part.replace("%25", "%") for part in found[3].split("%0A")] == [visible(part) for part in lines]
