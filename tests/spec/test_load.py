"""Mapping file → Spec."""

from __future__ import annotations

import pytest

from etl.problems import Refusal
from etl.spec.load import Spec, load, sibling
from etl.yaml_tree import YamlText

GOOD = "version: 1\nname: a\ntarget: po_line\nsource: {connector: csv}\nkey: [id]\nfields: {owner: MAIN}\n"


def spec(**files: str) -> Spec:
    def read(name: str) -> bytes:
        try:
            return files[name.replace("/", "_").removesuffix(".yaml")].encode()
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory") from None

    return load("m.yaml", read)


def refused(**files: str) -> list[tuple[str, str, int, str | None]]:
    with pytest.raises(Refusal) as refusal:
        spec(**files)
    return [
        (problem.code, problem.mapping.file, problem.mapping.line, problem.help)  # type: ignore[union-attr]
        for problem in refusal.value.problems
    ]


def test_a_good_mapping_loads() -> None:
    assert spec(m=GOOD).model.name == "a"


@pytest.mark.parametrize(
    ("change", "code", "line", "help_"),
    [
        ("sorce: {connector: csv}\n", "E107", 7, 'did you mean "source"?'),
        ("guards: {max_documnts: 5}\n", "E107", 7, 'did you mean "max_documents"?'),
        ("guards: {max_documents: many}\n", "E109", 7, None),
        ("guards: {max_rejected: 2 %%}\n", "E109", 7, None),
        ("lookups: {a: {key: x, case_insensitive: no}}\n", "E109", 7, None),
        ("lookups: {a: {file: x.csv}}\n", "E108", 7, None),
        ("lookups: {a-b: {key: x}}\n", "E109", 7, None),
        ("parameters: {p: {defalt: 1}}\n", "E107", 7, 'did you mean "default"?'),
        ("let: [a]\n", "E109", 7, None),
        ("snapshot: {run_date: yesterday}\n", "E109", 7, None),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_line(
    change: str, code: str, line: int, help_: str | None
) -> None:
    found = refused(m=GOOD + change)
    assert (found[0][0], found[0][2]) == (code, line)
    if help_:
        assert found[0][3] == help_


def test_all_problems_come_at_once() -> None:
    found = refused(m="version: 2\nname: 'a b'\nsource: {conector: csv}\nfields: {}\n")
    assert {code for code, *_ in found} == {"E107", "E108", "E109"}
    assert len(found) >= 5


def test_extends_merges_and_checks_add_up() -> None:
    base = GOOD.replace("name: a", "name: base") + "checks: [{if: x, warn: one}]\nwhen: '{{ base }}'\n"
    merged = spec(
        m="extends: base.yaml\nname: child\nchecks: [{if: y, warn: two}]\nfields: {vendor: V}\n", base=base
    )
    assert merged.model.name == "child"
    assert set(merged.model.fields) == {"owner", "vendor"}
    assert len(merged.model.checks) == 2
    assert merged.node("when").file.name == "base.yaml"
    assert merged.node("fields", "vendor").file.name == "m.yaml"


def test_several_parents_are_laid_in_order() -> None:
    merged = spec(m="extends: [a.yaml, b.yaml]\nname: c\n", a=GOOD + "user: A\n", b="user: B\n")
    assert merged.node("user").file.name == "b.yaml"


def test_extends_in_a_circle_shows_the_circle() -> None:
    with pytest.raises(Refusal, match=r"m\.yaml → b\.yaml → m\.yaml"):
        spec(m="extends: b.yaml\n", b="extends: m.yaml\n")


def test_a_missing_parent_is_blamed_on_the_line_that_names_it() -> None:
    assert refused(m=GOOD + "extends: gone.yaml\n")[0][:3] == ("E105", "m.yaml", 7)


def test_text_settings_keep_their_text() -> None:
    loaded = spec(m=GOOD + "parameters: {p: {default: 0123}, q: {default: true}, r: {default: no}}\n")
    assert [loaded.model.parameters[name].default for name in "pqr"] == ["0123", "true", "no"]


def test_paths_are_relative_to_the_file_that_says_them() -> None:
    assert sibling(YamlText("mappings/btj/po_line.yaml", ""), "../_shared/x.csv") == "mappings/_shared/x.csv"
    assert sibling(YamlText("m.yaml", ""), "x.csv") == "x.csv"
