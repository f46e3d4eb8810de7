"""A column that a file's header lacks: told with the place of the header, without a circle, once if all lack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from etl.plan.compile import check_columns
from etl.plugin import Source
from etl.problems import Problem
from tests.plan.test_compile import FIELDS, compiled, problems


@pytest.mark.parametrize(
    ("csv", "line"),
    [
        (b"id,titl,price\n1,A,10\n", 1),
        (b"sep=,\nid,titl,price\n1,A,10\n", 2),
        (b"id,titl,price,form,more\n1,A,10,x,y\n", 1),
    ],
)
def test_both_places_are_told(tmp_path: Path, csv: bytes, line: int) -> None:
    [one] = problems(tmp_path, FIELDS, csv=csv)
    assert one.code == "E221"
    assert one.data is not None
    assert (one.data.file, one.data.line) == ("in.csv", line)
    assert one.mapping is not None
    assert one.mapping.path == "fields.resource_metadata.title"


def test_a_later_file_of_a_run_is_named(tmp_path: Path) -> None:
    plan = compiled(tmp_path, FIELDS)
    (tmp_path / "b.csv").write_bytes(b"id,titl,price\n1,A,10\n")
    later = Source("b.csv", lambda: (tmp_path / "b.csv").open("rb"), 20)
    [one] = check_columns(plan, plan.connector.columns(plan.options, later))
    assert (one.code, one.help) == ("E221", 'did you mean "titl"?')
    assert one.data is not None
    assert (one.data.file, one.data.line) == ("b.csv", 1)


@pytest.mark.parametrize(
    ("lets", "wanted"),
    [
        ("let:\n  formm: '{{ Formm | upper }}'\n", 'did you mean "form"?'),
        ("let:\n  formm: '{{ Formm | upper }}'\n  Forms: '{{ formm }}'\n", 'did you mean "form"?'),
        ("let:\n  formm: {$first: ['{{ Formm }}', '{{ form }}']}\n", 'did you mean "form"?'),
    ],
)
def test_no_let_is_suggested_that_has_its_value_from_the_name(
    tmp_path: Path, lets: str, wanted: str
) -> None:
    text = lets + FIELDS + "    publisher: '{{ Forms }}'\n".replace("Forms", "Forms" if "Forms" in lets else "formm")
    told = [one for one in problems(tmp_path, text) if one.code == "E221"]
    assert [one.help for one in told] == [wanted]


def test_another_let_is_suggested_still(tmp_path: Path) -> None:
    text = "let:\n  formal: '{{ form }}'\n" + FIELDS + "    publisher: '{{ formall }}'\n"
    told = [one.help for one in problems(tmp_path, text)]
    assert told == ['did you mean "formal"?']




def _no_header(found: list[Problem]) -> None:
    [one] = found
    assert one.code == "E221"
    assert "the header has none of the" in one.message
    assert '7; En bok' in one.message
    assert one.data is not None
    assert one.data.line == 1
    assert one.help is not None
    assert "header: false" in one.help


def test_a_file_without_its_header_is_told_once(tmp_path: Path) -> None:
    text = FIELDS + "    publisher: '{{ form }}'\n  note: [{note_text: '{{ price }}'}]\n"
    data = b"7,En bok,249\n8,Tva,99\n"
    _no_header([one for one in problems(tmp_path, text, csv=data) if one.code == "E221"])
    plan = compiled(tmp_path, text)
    (tmp_path / "b.csv").write_bytes(data)
    later = Source("b.csv", lambda: (tmp_path / "b.csv").open("rb"), len(data))
    columns = plan.connector.columns(plan.options, later)
    _no_header(check_columns(plan, columns))
    some = check_columns(plan, replace(columns, names={**columns.names, "id": "header cell 4"}))
    assert len(some) == len(plan.needs) - 1
