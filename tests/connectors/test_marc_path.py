"""The path language: what parses, what it cuts, and what the errors say."""

from __future__ import annotations

import json
import re

import pytest
from marc_samples import shared
from pydantic import ValidationError

from connectors.formats.marc_path import parse_path, tags_of
from connectors.formats.marc_record import Field
from connectors.marc_file import MarcOptions


def data(tag: str, indicators: str, text: str) -> Field:
    parts = tuple((part[0], part[1:]) for part in text.split("$")[1:])
    return Field(tag, "", indicators, parts)


FIELDS = {
    "LDR": [Field("LDR", "00000nam a2200000 a 4500")],
    "001": [Field("001", "bok1")],
    "008": [Field("008", "240311s2024    sw |||||||||||||||||swe||")],
    "020": [data("020", "  ", "$qinb."), data("020", "  ", "$a $a111$a222"), data("020", "  ", "$a333$z444")],
    "024": [data("024", "8 ", "$aBTJ"), data("024", "3 ", "$a7391")],
    "084": [data("084", "  ", "$aHc$2kssb/8"), data("084", "  ", "$a839.7$2ddc")],
    "245": [data("245", "10", "$aSju$cEk$bnätter$aåter")],
    "260": [data("260", "  ", "$bGammal")],
    "264": [data("264", " 1", "$b "), data("264", " 4", "$c2024")],
    "650": [data("650", " 7", "$aHav$xhistoria"), data("650", " 7", "$aÖar")],
    "651": [data("651", " 7", "$aÅland")],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("001", "bok1"),
        ("LDR/09", "a"),
        ("LDR/6-7", "am"),
        ("008/35-37", "swe"),
        ("008/90", None),
        ("020$a", "111"),
        ("020$a[]", ["111", "222", "333"]),
        ("020[3]$a", "333"),
        ("020[9]$a", None),
        ("020[9]$a[]", []),
        ("020$a/0-1", "11"),
        ("245$a$b", "Sju nätter åter"),
        ("245$b$a", "Sju nätter åter"),
        ("650$a$x[]", ["Hav historia", "Öar"]),
        ("024{ind1=3}$a", "7391"),
        ("024{ind1=3,ind2=#}$a", "7391"),
        ("024{ind2=1}$a", None),
        ("084{$2=ddc}$a", "839.7"),
        ("084{$2^=kssb}$a", "Hc"),
        ("084{$2=kssb}$a", None),
        ("084{$2=a|b}$a|001", "bok1"),
        ("264$b|260$b", "Gammal"),
        ("264$b | 260$b", "Gammal"),
        ("700$a|100$a", None),
        ("65.$a[]", ["Hav", "Öar", "Åland"]),
    ],
)
def test_cut(path: str, value: object) -> None:
    assert parse_path(path).cut(FIELDS) == value


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "no MARC path"),
        ("20$a", "no MARC path"),
        ("020 $a", "no MARC path"),
        ("020$a[1]", "no MARC path"),
        ("020$", "no MARC path"),
        ("245", "name a subfield, for example 245$a"),
        ("001$a", "control field"),
        ("LDR{ind1=1}", "control field"),
        ("020[0]$a", "count from 1"),
        ("008/37-35", "backwards"),
        ("024{}$a", "braces are empty"),
        ("024{3}$a", '"3" is no condition'),
        ("020$a[]|024$a", "every alternative is a list"),
        ("264$b|26$b", '"26$b" in "264$b|26$b"'),
    ],
)
def test_wrong_paths(path: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_path(path)


def test_tags_are_known_unless_any_tag_may_be_read() -> None:
    assert tags_of([parse_path("264$b|260$b"), parse_path("LDR/09")]) == {"264", "260", "LDR"}
    assert tags_of([parse_path("6..$a"), parse_path("001")]) is None
    assert tags_of([parse_path("record")]) is None


def test_options_name_every_wrong_column() -> None:
    with pytest.raises(ValidationError) as refused:
        MarcOptions(columns={"isbn": "20$a", "title": "245", "fine": "001"})
    assert 'column "isbn"' in str(refused.value)
    assert 'column "title"' in str(refused.value)
    assert "fine" not in str(refused.value).split("input_value")[0]


def test_a_row_has_one_field_of_its_tag() -> None:
    with pytest.raises(ValidationError, match="cannot ask for number 2"):
        MarcOptions(columns={"fund": "960[2]$u"}, rows="960")


def marcspec(name: str) -> list[str]:
    tests = json.loads(shared("marcspec", "valid", f"{name}.json").read_text("utf-8"))
    cases = (
        tests["tests"] if isinstance(tests, dict) else [case for group in tests for case in group["tests"]]
    )
    return [case["data"] for case in cases if case["valid"]]


def test_marcspec_tags_that_we_share() -> None:
    tags = marcspec("validFieldTag")
    assert len(tags) > 15
    for tag in tags:
        path = tag if tag == "LDR" or tag.startswith("00") else f"{tag}$a"
        assert parse_path(path).touches(tag.replace(".", "1"))


def test_marcspec_positions_that_we_share() -> None:
    shown = [text for text in marcspec("validPositionOrRange") if "#" not in text]
    assert len(shown) >= 6
    for text in shown:
        first, _, last = text.partition("-")
        assert parse_path(f"008/{text}").cuts[0].positions == slice(int(first), int(last or first) + 1)
