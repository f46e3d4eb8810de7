"""Text, codes, patterns and MARC punctuation; and no filter gives more than 100,000 characters."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from etl.plugin import BadValue
from etl.template.filters import FILTERS, patterns


def code_of(name: str, *arguments: object, **named: Any) -> str:
    with pytest.raises(BadValue) as caught:
        FILTERS[name](*arguments, **named)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Sju nätter på Åland /", "Sju nätter på Åland"),
        ("Stockholm :", "Stockholm"),
        ("Förlaget Exempel,", "Förlaget Exempel"),
        ("c1999.", "c1999"),
        ("Title = ", "Title"),
        ("Boken om allt.", "Boken om allt"),
        ("Boken (om allt).", "Boken (om allt)"),
        ("Vem där?.", "Vem där?"),
        ("Boken /.", "Boken"),
        ("Tolkien, J. R. R.", "Tolkien, J. R. R."),
        ("Davis, Sammy, Jr.,", "Davis, Sammy, Jr."),
        ("hundar, katter etc.", "hundar, katter etc."),
        ("Öberg, Åsa m.fl.", "Öberg, Åsa m.fl."),
        ("U.S.A.", "U.S.A."),
        ("2. uppl.", "2. uppl."),
        ("Del 2.", "Del 2."),
        ("Och sedan ...", "Och sedan ..."),
        ("s. 1-200 ;", "s. 1-200"),
        ("/ :", None),
    ],
)
def test_strip_isbd(text: str, want: str | None) -> None:
    assert FILTERS["strip_isbd"](text) == want


@given(st.text(alphabet="aÅ .:;/,=()?Jr", max_size=20))
def test_strip_isbd_only_cuts_and_is_done_at_once(text: str) -> None:
    once = FILTERS["strip_isbd"](text)
    assert once is None or once in text
    assert once is None or not once.endswith((":", ";", "/", ",", "=", " "))


@given(st.text(max_size=60), st.integers(1, 40))
def test_truncate_bytes_fits_and_cuts_between_letters(text: str, limit: int) -> None:
    if len(regex.match(r"\s*\X", text + "x").group().encode()) > limit:  # type: ignore[union-attr]
        return  # E435 has its own example
    got = FILTERS["truncate_bytes"](text, limit) or ""
    assert text.startswith(got)
    assert len(got.encode()) <= limit


def test_truncate_bytes_keeps_letter_and_accent_together() -> None:
    decomposed = unicodedata.normalize("NFD", "Åå")
    assert FILTERS["truncate_bytes"](decomposed, 4) == unicodedata.normalize("NFD", "Å")
    assert FILTERS["truncate_bytes"]("a👩‍👩‍👧", 10) == "a"


def test_fold_meets_every_spelling_of_a_heading() -> None:
    spellings = ("Författare", "FÖRFATTARE", "forfattare", unicodedata.normalize("NFD", "författare"))
    assert {FILTERS["fold"](text) for text in spellings} == {"forfattare"}


@pytest.mark.parametrize(
    ("words", "want"),
    [
        (["J", "ja", "JA ", "1", 1, "x", "X", "true", "Y", "yes", True], True),
        (["N", "nej", "0", 0, "false", "no", False], False),
    ],
)
def test_yes_no(words: list[object], want: bool) -> None:
    assert [FILTERS["yes_no"](word) for word in words] == [want] * len(words)


def test_map_value_can_leave_out_or_suggest() -> None:
    table = {"BB": "BOOK", "CD": None}
    assert FILTERS["map_value"]("DG", table, missing=None) is None
    assert FILTERS["map_value"]("CD", table) is None
    with pytest.raises(BadValue) as caught:
        FILTERS["map_value"]("bb", table)
    assert caught.value.help == 'did you mean "BB"?'


@pytest.mark.parametrize(
    ("text", "year", "want"),
    [
        ("HUVBARN2024", True, ("HUV", "BARN", "2024")),
        ("HUVBARN", False, ("HUV", "BARN", None)),
        ("HUVBARNVUX", False, ("HUVBARN", "VUX", None)),
        ("HUVUNGBARN", False, ("HUV", "UNGBARN", None)),  # the longer location wins over HUVUNG + BARN
    ],
)
def test_split_codes(text: str, year: bool, want: tuple[str, str, str | None]) -> None:
    got = FILTERS["split_codes"](text, ["HUV", "HUVUNG", "HUVBARN"], ["BARN", "UNGBARN", "VUX"], year)
    assert (got["branch"], got["location"], got.get("year")) == want


@pytest.mark.parametrize(
    "text", ["HUVBARN", "HUVBARN20245", "HUVBARN0024", "huvbarn2024", "BARN2024", "HUV2024", "2024"]
)
def test_split_codes_is_exact(text: str) -> None:
    assert code_of("split_codes", text, ["HUV"], ["BARN"], True) == "E434"


def test_patterns_are_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "TIMEOUT", 0.02)
    assert code_of("match", "a" * 60 + "b", "^(a|aa)+$") == "E437"
    assert code_of("replace_re", "a" * 60 + "b", "^(a|aa)+$", "") == "E437"


@given(
    st.text(alphabet="ab-", max_size=12),
    st.sampled_from(["a", "a*", "(a)|b", "(?=(.*))", "^", "$", "(a+)(b?)"]),
    st.sampled_from(["", "x", r"[\g<0>]", r"\\"]),
)
def test_replace_re_is_what_sub_is(text: str, pattern: str, replacement: str) -> None:
    want = regex.sub(pattern, replacement, text) if text else ""
    assert FILTERS["replace_re"](text, pattern, replacement) == (want or None)


def test_a_group_that_did_not_match_is_empty() -> None:
    assert FILTERS["replace_re"]("b", "(a)|b", r"<\1>") == "<>"


def test_patterns_that_find_nothing() -> None:
    assert FILTERS["match"]("ab", "b(c)?") is None
    assert FILTERS["replace_re"]("aaa", "a", "") is None


@pytest.mark.parametrize(
    ("leader", "want"),
    [
        ("00000cam a", "BK"),
        ("00000nab a", "CR"),
        ("00000njm a", "MU"),
        ("00000ngm a", "VM"),
        ("00000nem a", "MP"),
    ],
)
def test_leader_type(leader: str, want: str) -> None:
    assert FILTERS["leader_type"](leader) == want


@pytest.mark.parametrize("leader", ["", "00000", "00000naz a"])
def test_leader_type_refused(leader: str) -> None:
    assert code_of("leader_type", leader) == "E439" if leader else FILTERS["leader_type"](leader) is None


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        ("replace_re", "a" * 1000, ("a", "b" * 101)),
        ("replace_re", "a" * 100_000, ("(?=(.*))", r"\1")),
        ("join_nonempty", ["a" * 60_000, "b" * 60_000], ()),
        ("nfc", "\u0958" * 60_000, ()),
        ("fold", "ﷺ" * 10_000, ()),
        ("squeeze", "a" * 100_001, ()),
    ],
)
def test_no_filter_makes_or_takes_too_much(name: str, value: object, arguments: tuple[object, ...]) -> None:
    assert code_of(name, value, *arguments) == "E401"
