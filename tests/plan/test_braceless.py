"""A slip that makes a text of a template → refused, and each of the ways that the help names is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.problems import Problem, Severity
from etl.slips.quoted import yaml_quoted
from tests.helps import ways
from tests.plan.test_compile import FIELDS, compiled, problems

HALF = ("{{{{ {0} }}}}}}", "{{{{ {0} }}}} }}", "{{{{ {0} }}}}}}}}", "{{ {{{{ {0} }}}}", "{{ {{{{ {0} }}}} }}",
        "{{ {0} }}}}", "{{ {0} }}", "{{ {{ {0} }} }}", "{{ {{ {0} }}}}")  # fmt: skip
KEPT = ('"{{{{ {0} }}}}"', "'{{{{ {0} }}}}'", "`{{{{ {0} }}}}`", "'{{% if form %}}{{{{ {0} }}}}{{% endif %}}'", "'{{{{ {0} }}}}, {{{{ form }}}}'")
SIGNED = ("${{{{ {0} }}}}", "={{{{ {0} }}}}")
SURE = ("${{{0}}}", "${{ {0} }}", "<%= {0} %>")
ANYWHERE = ("#{{{0}}}", "$({0})", "[[ {0} ]]", "%({0})s", "<<{0}>>", "<{0}>", "%{0}%", "%%{0}%%", "${0}")
WHOLE = ("={0}", "= {0}", "@{0}", ":{0}", "#{0}", "&{0}", "[{0}]", "'{0}'", '"{0}"', "`{0}`")


def refused(tmp_path: Path, text: str, more: str = "") -> Problem:
    """What is said of a vendor_note, and only that; each way out of it is taken."""
    said = problems(tmp_path, more + FIELDS + f"  vendor_note: {yaml_quoted(text)}\n")
    assert [(one.code, one.severity) for one in said] == [("E211", Severity.ERROR)], said
    where = said[0].mapping
    assert where is not None
    assert (where.path, where.length > 0) == ("fields.vendor_note", True)
    written = ways(said[0].help)
    assert written, said[0].help
    for one in written:
        assert compiled(tmp_path, more + FIELDS + f"  vendor_note: {one}\n").warnings == (), one
    return said[0]


@pytest.mark.parametrize("slip", [*HALF, *KEPT, *SIGNED, *SURE, *ANYWHERE, *WHOLE])
@pytest.mark.parametrize("name", ["title", "form"])
def test_a_template_that_would_be_sent_as_text_is_refused(tmp_path: Path, slip: str, name: str) -> None:
    problem = refused(tmp_path, slip.format(name))
    assert f"{{{{ {name} }}}}" in (problem.help or "")


@pytest.mark.parametrize("slip", [*SURE, *ANYWHERE])
@pytest.mark.parametrize("around", ["by {0}", "{0}, {{{{ form }}}}", "{{{{ form }}}} {0}", "it's {0} and {0}", "{0}-{0}"])
def test_also_where_other_text_stands_beside_it(tmp_path: Path, slip: str, around: str) -> None:
    refused(tmp_path, around.format(slip.format("title")))


@pytest.mark.parametrize("slip", [*ANYWHERE, *WHOLE])
@pytest.mark.parametrize("name", ["author", "12", "no name", "titles"])
def test_a_text_that_names_nothing_is_a_text(tmp_path: Path, slip: str, name: str) -> None:
    plan = compiled(tmp_path, FIELDS + f"  vendor_note: {yaml_quoted(slip.format(name))}\n")
    assert plan.warnings == ()


@pytest.mark.parametrize(
    "text",
    ['say "{{ title }}"', "'{{ title }}' of '{{ form }}'", "{{ '${title}' }}", "$ {{ price }}", "costs ${{ price }}",
     "100 %", "5% to 10%", "a {b: 1}", "«{{ title }}»", "{{ '}}' }}", "{# {title} #}{{ title }}"],
)  # fmt: skip
def test_what_is_meant_so_passes(tmp_path: Path, text: str) -> None:
    assert compiled(tmp_path, FIELDS + f"  vendor_note: {yaml_quoted(text)}\n").warnings == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("TITLE", "title"), ("Title", "title"), ("row.title", "row.title"), ("title | upper", "title | upper"), ("place", "place"),
     ("lib", "parameters.lib"), ("parameters.lib", "parameters.lib")],
)  # fmt: skip
def test_every_name_in_sight_is_known(tmp_path: Path, written: str, meant: str) -> None:
    more = "parameters: {lib: {default: X}}\nlet: {place: '{{ form }}'}\n"
    said = refused(tmp_path, f"[[ {written} ]]", more + "checks: [{if: '{{ place }}', warn: x}]\n")
    assert ways(said.help)[0] == f'"{{{{ {meant} }}}}"'


def test_a_column_that_is_no_name_is_read_of_the_row(tmp_path: Path) -> None:
    fields = FIELDS + "  vendor_note: '%Pris exkl moms%'\n"
    [one] = problems(tmp_path, fields, csv=b"id,title,Pris exkl moms\n1,A,2\n")
    assert ways(one.help) == ["\"{{ row['Pris exkl moms'] }}\"", "\"{{ '%Pris exkl moms%' }}\""]


@pytest.mark.parametrize("name", ["LIB", "nothing_near"])
def test_what_is_surely_a_template_is_refused_whatever_it_names(tmp_path: Path, name: str) -> None:
    [one] = problems(tmp_path, FIELDS + f"  vendor: ${{{name}}}\n")
    assert (one.code, ways(one.help)[-1]) == ("E211", f"\"{{{{ '${{{name}}}' }}}}\"")


def test_a_code_in_such_marks_is_told_once(tmp_path: Path) -> None:
    fields = FIELDS.replace("PRINTED_BOOK_OT", "${form}")
    [one] = problems(tmp_path, fields)
    assert one.code == "E211"


@pytest.mark.parametrize("mark", ["${{{0}}}", "[[{0}]]", "%{0}%", "{0};", "${0}"])
def test_a_key_and_a_condition_are_told_the_name_alone(tmp_path: Path, mark: str) -> None:
    text = FIELDS + f"group_by: {yaml_quoted(mark.format('form'))}\n"
    [one] = problems(tmp_path, text)
    assert (one.code, ways(one.help)) == ("E203", ["form"])


@pytest.mark.parametrize("written", ["form, title", "[form; title]", "form & title", "[form + title]", "form;title;"])
def test_several_names_in_one_are_a_list(tmp_path: Path, written: str) -> None:
    [one] = problems(tmp_path, FIELDS + f"group_by: {written}\n")
    assert (one.code, ways(one.help)) == ("E203", ["[form, title]"])
    assert compiled(tmp_path, FIELDS + "group_by: [form, title]\n").group_by


@pytest.mark.parametrize("written", ["form | lookup('t')", "${form}", "form", "row.form"])
def test_a_let_without_braces_is_blamed_and_not_its_readers(tmp_path: Path, written: str) -> None:
    more = "lookups: {t: {key: form, rows: [{form: x, library: A}]}}\n"
    more += f'let: {{place: "{written}"}}\n'
    told = problems(tmp_path, more + FIELDS + "  vendor_note: '{{ place.library }} {{ place.form }}'\n")
    assert [(one.severity, one.mapping.path if one.mapping else "") for one in told] == [(Severity.ERROR, "let.place")]


@pytest.mark.parametrize("text", ["form", "row.form", "title | upper", "title | replace('a', \"it's\")"])
def test_both_ways_of_a_name_without_braces_are_taken(tmp_path: Path, text: str) -> None:
    [one] = compiled(tmp_path, FIELDS + f"  vendor_note: {yaml_quoted(text)}\n").warnings
    assert one.code == "E254"
    for way in ways(one.help):
        assert compiled(tmp_path, FIELDS + f"  vendor_note: {way}\n").warnings == ()
