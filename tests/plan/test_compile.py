"""Spec → Plan: everything that can be known without data is found before the first record."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Source
from etl.problems import Problem, Refusal
from etl.registry import Registry
from etl.spec.load import load

HEAD = "version: 1\nname: t\ntarget: {target}\nsource: {{connector: {connector}}}\nkey: [id]\n"
FIELDS = "fields:\n  owner: MAIN\n  type: PRINTED_BOOK_OT\n  resource_metadata:\n    title: '{{ title }}'\n"  # lines 6 to 10
CSV = b"id,title,price,form\n1,A,10,x\n"


def compiled(
    tmp_path: Path,
    text: str,
    csv: bytes | None = CSV,
    target: str = "po_line",
    connector: str = "csv",
    **given: str,
) -> Plan:
    path = tmp_path / "m.yaml"
    path.write_text(HEAD.format(target=target, connector=connector) + text, encoding="utf-8")
    samples = []
    if csv is not None:
        (tmp_path / "in.csv").write_bytes(csv)
        samples.append(Source("in.csv", lambda: (tmp_path / "in.csv").open("rb"), len(csv)))
    return compile_plan(
        load(str(path)), Registry.installed(), run_date=date(2024, 3, 11), parameters=given, samples=samples
    )


def problems(tmp_path: Path, text: str, **kwargs: object) -> list[Problem]:
    with pytest.raises(Refusal) as refusal:
        compiled(tmp_path, text, **kwargs)  # type: ignore[arg-type]
    return list(refusal.value.problems)


def found(tmp_path: Path, text: str, **kwargs: object) -> list[tuple[str, int]]:
    return [(p.code, p.mapping.line if p.mapping else 0) for p in problems(tmp_path, text, **kwargs)]


def test_a_good_mapping_compiles(tmp_path: Path) -> None:
    plan = compiled(tmp_path, FIELDS)
    assert plan.wanted == {"id", "title"}
    assert set(plan.needs) == {"id", "title"}
    assert plan.warnings == ()


@pytest.mark.parametrize(
    ("more", "code", "line", "help_part"),
    [
        ("  vendr: X\n", "E208", 11, 'did you mean "vendor"?'),
        ("  status: X\n", "E209", 11, "leave it out"),
        ("  vendor: '{{ titel }}'\n", "E221", 11, 'did you mean "title"?'),
        ("  vendor: '{{ Title }}'\n", "E221", 11, 'did you mean "title"?'),
        ("  vendor: '{{ title | upperr }}'\n", "E213", 11, 'did you mean "upper"?'),
        ("  vendor: '{{ title | lookup(\"t\") }}'\n", "E215", 11, "none are declared"),
        ("  vendor: {value: X}\n", "E206", 11, "vendor: CODE"),
        ("  location: {quantity: 1}\n", "E206", 11, "begin its members with -"),
        ("  rush: maybe\n", "E510", 11, None),
        ("  expected_receipt_date: 2024-02-30\n", "E509", 11, None),
        ("  price: {sum: 1.x, currency: SEK}\n", "E506", 11, None),
        ("  price: 10\n", "E206", 11, None),
        ("  price: {sum: 10}\n", "E220", 11, None),
        ("  location: [{library: MAIN}]\n", "E220", 11, None),
        ("  location: [{quantity: 0}]\n", None, 11, None),
        ("  note: [{$for: title, note_text: x}]\n", "E204", 11, "place in placements"),
        ("  note: [{$fro: a in b, note_text: x}]\n", "E208", 11, "$for"),
        ("  note: [{$include: n}]\n", "E210", 11, "fragments"),
        ("  note: [{$value: x, note_text: y}]\n", "E207", 11, None),
        ("  $if: '{{ title }}'\n", "E204", 11, None),
        ("  rush: {$if: title, $value: true}\n", "E202", 11, '"{{ title }}"'),
        ("when: title\n", "E202", 11, '"{{ title }}"'),
        ("let: {a: '{{ title }}'}\nwhen: '{{ a }}'\n", "E222", 12, "they read columns"),
        ("let: {a: '{{ title }}'}\n", "E223", 11, "leave it out"),
        ("identity: {order: nonsense}\n", "E221", 11, None),
        ("identity: {ordr: id}\n", "E107", 11, 'did you mean "order"?'),
        ("identity: {another: 'yes'}\n", "E202", 11, None),
        ("source: {connector: csv, path: x.csv, ignore: [id]}\n", "E102", 11, None),
        ("let: {row: x}\n", "E225", 11, None),
        ("checks: [{if: '{{ title }}', warm: x}]\n", "E107", 11, 'did you mean "warn"?'),
        ("checks: [{if: '{{ title }}'}]\n", "E234", 11, None),
        ("checks: [{if: yes, warn: x}]\n", "E202", 11, None),
        ("lookups: {t: {key: a}}\n", "E232", 11, None),
        ("lookups: {t: {key: a, rows: {x: y}, on_missing: hodl}}\n", "E233", 11, 'did you mean "hold"?'),
        ("lookups: {t: {key: a, rows: {x: y}, on_missing: {b: z}}}\n", "E459", 11, None),
        ("lookups: {t: {key: a, file: gone.csv}}\n", "E450", 11, None),
        ("user: '{{ title }}'\n", "E226", 11, "purchase_request"),
        ("parameters: {p: {}}\n", "E230", 11, "--param p="),
    ],
)
def test_found_before_the_first_record(
    tmp_path: Path, more: str, code: str | None, line: int, help_part: str | None
) -> None:
    listed = problems(tmp_path, FIELDS + more)
    assert listed[0].mapping is not None
    assert listed[0].mapping.line == line
    if code is not None and code[:2] not in ("E5", "E4"):
        assert listed[0].code == code
    else:
        assert listed[0].code[:2] in ("E5", "E4")
    if help_part:
        assert help_part in (listed[0].help or "")


def test_a_type_code_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    listed = problems(tmp_path, FIELDS.replace("PRINTED_BOOK_OT", "PRINTED_BOOK_TO"))
    assert (listed[0].severity.value, (listed[0].help or "")[:12]) == ("error", "did you mean")


def test_a_code_of_an_open_table_only_warns(tmp_path: Path) -> None:
    plan = compiled(tmp_path, FIELDS + "  material_type: BOKO\n")
    assert [warning.severity.value for warning in plan.warnings] == ["warning"]


def test_required_fields_never_set(tmp_path: Path) -> None:
    assert [code for code, _ in found(tmp_path, "fields: {vendor: X}\n")].count("E220") >= 3


def test_title_or_record_number(tmp_path: Path) -> None:
    listed = problems(
        tmp_path, "fields: {owner: MAIN, type: PRINTED_BOOK_OT, resource_metadata: {isbn: '{{ id }}'}}\n"
    )
    assert '"resource_metadata.title" or "resource_metadata.mms_id"' in listed[0].message
    compiled(
        tmp_path, "fields: {owner: MAIN, type: PRINTED_BOOK_OT, resource_metadata: {mms_id: '{{ id }}'}}\n"
    )


def test_unknown_connector_target_and_options(tmp_path: Path) -> None:
    assert ("E216", 4) in found(tmp_path, FIELDS, connector="csvv")
    assert ("E216", 3) in found(tmp_path, FIELDS, target="poline")
    assert found(tmp_path, FIELDS.replace("fields:", "guards: {}\nfields:"), connector="{name: csv}")


def test_connector_options_are_checked_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "version: 1\nname: t\ntarget: po_line\nsource:\n  connector: csv\n  options:\n    delimitr: ';'\nkey: [id]\n"
        + FIELDS
    )
    with pytest.raises(Refusal) as refusal:
        compile_plan(load(str(path)), Registry.installed(), run_date=date(2024, 3, 11))
    problem = refusal.value.problems[0]
    assert problem.mapping is not None
    assert (problem.code, problem.mapping.line, problem.help) == ("E107", 7, 'did you mean "delimiter"?')


def test_columns_are_unknown_without_an_input(tmp_path: Path) -> None:
    plan = compiled(tmp_path, FIELDS + "  vendor: '{{ anything }}'\n", csv=None)
    assert "anything" in plan.needs


def test_a_column_that_may_be_absent(tmp_path: Path) -> None:
    plan = compiled(tmp_path, FIELDS + "  vendor_note: \"{{ remark | default('') }}\"\n")
    assert "remark" not in plan.needs
    assert plan.wanted is not None
    assert "remark" in plan.wanted


def test_an_unused_let_is_refused_in_the_mapping_and_left_alone_in_a_base(tmp_path: Path) -> None:
    listed = problems(tmp_path, FIELDS + "let: {a: x, b: '{{ title }}'}\nuser: ~\nwhen: \"{{ id != '' }}\"\n")
    assert [(one.code, one.message) for one in listed] == [
        ("E223", '"a" in let is never used'),
        ("E223", '"b" in let is never used'),
    ]
    head = HEAD.format(target="po_line", connector="csv")
    (tmp_path / "base.yaml").write_text(head + FIELDS + "let: {a: x}\n")
    (tmp_path / "child.yaml").write_text("extends: base.yaml\n")
    plan = compile_plan(load(str(tmp_path / "child.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    assert plan.let == ()
    assert plan.warnings == ()


def test_lookup_columns_are_followed_through_let(tmp_path: Path) -> None:
    text = (
        FIELDS
        + "  vendor: '{{ r.vendr }}'\nlet: {r: \"{{ form | lookup('t') }}\"}\nlookups: {t: {key: form, rows: [{form: x, vendor: V}]}}\n"
    )
    listed = problems(tmp_path, text)
    assert [(p.code, p.help) for p in listed] == [("E224", 'did you mean "vendor"?  columns: form, vendor')]
    assert "E215" in [
        p.code
        for p in problems(tmp_path, text.replace("'{{ r.vendr }}'", "\"{{ form | lookup('t', 'vendr') }}\""))
    ]


def test_parameters(tmp_path: Path) -> None:
    text = FIELDS + "  vendor: '{{ parameters.lib }}'\nparameters: {lib: {help: Library}}\n"
    assert compiled(tmp_path, text, lib="HBG").parameters == {"lib": "HBG"}
    assert "Library" in (problems(tmp_path, text)[0].help or "")
    listed = problems(tmp_path, text.replace("parameters.lib ", "parameters.lbi "), lib="HBG", lbi="x")
    assert {p.code for p in listed} == {"E231"}


def test_an_inherited_field_can_be_taken_back(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        HEAD.format(target="po_line", connector="csv") + FIELDS + "  vendor: X\n"
    )
    (tmp_path / "child.yaml").write_text("extends: base.yaml\nfields: {vendor: ~}\n")
    plan = compile_plan(load(str(tmp_path / "child.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    assert "vendor" not in plan.fields.members


def test_fragments_are_laid_below_and_circles_refused(tmp_path: Path) -> None:
    text = (
        FIELDS
        + "  note: [{$include: a, note_text: mine}]\nfragments: {a: {$include: b, note_text: theirs}, b: {created_by: me}}\n"
    )
    note = compiled(tmp_path, text).fields.members["note"].items[0]  # type: ignore[union-attr]
    assert {name: child.value for name, child in note.members.items()} == {
        "note_text": "mine",
        "created_by": "me",
    }  # type: ignore[union-attr]
    assert "E210" in [
        p.code for p in problems(tmp_path, text.replace("b: {created_by: me}", "b: {$include: a}"))
    ]


def test_all_problems_at_once(tmp_path: Path) -> None:
    listed = problems(
        tmp_path, "fields: {owner: MAIN, typ: X, vendor: '{{ titel | isbn31 }}', rush: x}\nwhen: a\nuser: x\n"
    )
    assert {"E202", "E208", "E213", "E220", "E226"} <= {p.code for p in listed}
    assert len(listed) >= 6
