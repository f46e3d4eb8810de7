"""Templates in sections where none is worked out: refused, and never a folder with braces in its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.problems import Refusal
from etl.spec.load import load

MAPPING = {
    "version": "1",
    "name": "n",
    "target": "po_line",
    "source": "{connector: csv, path: a.csv}",
    "key": "order",
    "fields": "{}",
}
TEMPLATES = ("out/{{ run_date }}", "{% if x %}a{% endif %}", "{{x}}")
SECTIONS = {
    "sink.directory": "sink: {type: files, directory: %s}",
    "sink.any": "sink: {type: files, any: [a, %s]}",
    "source.path": "source: {connector: csv, path: %s}",
    "source.path[1]": "source: {connector: csv, path: [a, %s]}",
    "source.options.sheet": "source: {connector: csv, options: {sheet: %s}}",
    "parameters.p.default": "parameters: {p: {default: %s}}",
    "lookups.t.file": "lookups: {t: {key: k, file: %s}}",
    "lookups.t.rows": "lookups: {t: {key: k, rows: {a: %s}}}",
    "institution": "institution: %s",
    "snapshot.parameters.p": "snapshot: {parameters: {p: %s}}",
}


def written(tmp_path: Path, line: str) -> str:
    own = line.split(":")[0]
    rest = "".join(f"{name}: {said}\n" for name, said in MAPPING.items() if name != own)
    (tmp_path / "m.yaml").write_text(f"{rest}{line}\n", encoding="utf-8")
    return str(tmp_path / "m.yaml")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("where", SECTIONS)
def test_a_template_where_none_is_worked_out_is_refused(tmp_path: Path, where: str, template: str) -> None:
    with pytest.raises(Refusal) as caught:
        load(written(tmp_path, SECTIONS[where] % f'"{template}"'))
    (one,) = caught.value.problems
    assert one.mapping is not None
    assert (one.code, one.mapping.path.startswith(where)) == ("E109", True)
    assert one.help
    load(written(tmp_path, SECTIONS[where] % '"a { b }"'))


@pytest.mark.parametrize(
    "line",
    [
        "description: 'what {{ x }} says'", "requires: {seller: 'as {{ seller.name }}'}",
        "parameters: {p: {help: 'as {{ p }}'}}", "source: {connector: csv, ignore: {a: '{{ a }} is b'}}",
        "when: '{{ x }}'", "user: '{{ x }}'", "identity: {order: '{{ x }}'}", "let: {x: '{{ y }}'}",
        "fragments: {f: {a: '{{ y }}'}}", "checks: [{if: '{{ x }}', hold: '{{ y }}'}]", "group_by: '{{ x }}'",
    ],
)  # fmt: skip
def test_words_for_people_and_sections_of_templates_may_hold_them(tmp_path: Path, line: str) -> None:
    load(written(tmp_path, line))


def test_an_option_that_is_typed_is_no_template_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = written(tmp_path, "sink: {type: files, directory: out}")
    assert run_cli(["check", file, "--sink-option", "directory=out/{{ run_date }}"]) == 2
    assert "error[E628]" in capsys.readouterr().err
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("reason", ['""', '" "', "null", "[a]"])
def test_what_is_ignored_has_its_reason(tmp_path: Path, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        load(written(tmp_path, f"source: {{connector: csv, ignore: {{rabatt: {reason}}}}}"))
    (one,) = caught.value.problems
    assert one.mapping is not None
    assert (one.code, one.mapping.path) == ("E109", "source.ignore.rabatt")
