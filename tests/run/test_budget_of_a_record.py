"""A record that asks for too much is rejected; the next one is mapped as if nothing had been."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.documents.size import MAX_MEMBERS
from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.outcomes import Built, Outcome, Refused, SourceRow
from etl.spec.load import load
from etl.template.bounds import MAX_CHARACTERS, MAX_STEPS

FIELDS = {
    "owner": "MAIN",
    "type": "PRINTED_BOOK_OT",
    "vendor": "ADLIBRIS",
    "vendor_account": "ADLIBRIS-1",
    "price": '{sum: "249.00", currency: SEK}',
    "resource_metadata": '{title: "{{ title }}", isbn: "9789199999913"}',
    "fund_distribution": '[{fund_code: BOOKS, amount: {sum: "249.00", currency: SEK}}]',
    "location": "[{library: MAIN, shelving_location: STACK, quantity: 1}]",
    "material_type": "BOOK",
}
TURNS = "{% for a in range(9999 if title == 'Bomb' else 1) %}{% for b in range(9999 if title == 'Bomb' else 1) %}{% endfor %}{% endfor %}"
TENFOLD = "".join(
    f"\n  l{i + 1}: \"{{{{ [{', '.join([f'l{i}'] * 10)}] if title == 'Bomb' else [1] }}}}\"" for i in range(9)
)
USERS = "\"{{ [{'primary_id': 'x'}] * (10000 if title == 'Bomb' else 1) }}\""


def mapping(extra: str = "", key: str = "order", **fields: str) -> str:
    lines = "".join(f"  {name}: {value}\n" for name, value in {**FIELDS, **fields}.items())
    return f"version: 1\nname: m\ntarget: po_line\nsource: {{connector: csv}}\nkey: {key}\n{extra}\nfields:\n{lines}"


def many(body: str) -> str:
    """A list of `body` for each of ten thousand members, or one."""
    return f"\n    - $for: i in range(10000) | list if title == 'Bomb' else [1]\n      {body}"


BOMBS = {
    "text of a field": (mapping(resource_metadata=f'{{title: "{TURNS}{{{{ title }}}}"}}'), "E488"),
    "when": (mapping(f'when: "{TURNS}y"'), "E488"),
    "key": (mapping(key=f'["{TURNS}{{{{ order }}}}"]'), "E488"),
    "let": (mapping(f'let: {{x: "{TURNS}"}}', vendor_note='"{{ x }}"'), "E488"),
    "condition of a check": (mapping(f'checks: [{{if: "{TURNS}", warn: never}}]'), "E488"),
    "message of a check": (mapping(f'checks: [{{if: "{{{{ title == \'Bomb\' }}}}", reject: "{TURNS}no"}}]'), "E488"),
    "lists in lists": (mapping(f"let:\n  l0: x{TENFOLD}", note='[{note_text: "{{ l9 | length }}"}]'), "E488"),
    "turn after turn": (mapping(note=many(f"$value: {{note_text: \"{TURNS.replace('9999', '99')}a\"}}")), "E488"),
    "many small texts": (mapping(note=many('note_text: "{{ (([title] * 500) | join)[:1900] }}"')), "E488"),
    "places": (mapping(location=many("library: MAIN\n      quantity: 1")), "E523"),
    "list of a template": (mapping(interested_user=USERS), "E523"),
    "constant": (mapping(note=many(f"note_text: {'x' * 3_000}").replace("10000", "900")), "E522"),
    "payload": (mapping(note=many(f"note_text: \"{{{{ title ~ '{'x' * 2_800}' }}}}\"").replace("10000", "900")), "E522"),
}  # fmt: skip


def planned(text: str, folder: Path) -> Plan:
    file = folder / "m.yaml"
    file.write_text(text, encoding="utf-8")
    return compile_plan(load(str(file)), Registry.installed(), run_date=date(2024, 3, 11))


def mapped(plan: Plan, title: str, number: int) -> Outcome:
    """What `etl run` makes of one record."""
    row = SourceRow({"order": f"A-{number}", "title": title}, "input.csv", number, number + 1)
    builder = Builder(plan)
    skipped = builder.skipped(row)
    return skipped if isinstance(skipped, Refused) else builder.build([row])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_rejected_and_the_next_record_is_mapped(name: str, tmp_path: Path) -> None:
    text, code = BOMBS[name]
    plan = planned(text, tmp_path)
    before = mapped(plan, "Before", 1)
    bomb = mapped(plan, "Bomb", 2)
    after = mapped(plan, "Before", 1)
    assert isinstance(bomb, Refused)
    assert [problem.code[: len(code)] for problem in bomb.problems] == [code], bomb.problems
    [problem] = bomb.problems
    assert problem.mapping is not None
    assert problem.mapping.line > 1
    assert problem.data is not None
    assert (problem.data.record, problem.data.line) == (2, 3)
    assert isinstance(before, Built)
    assert isinstance(after, Built)
    assert after.payload == before.payload


def test_a_group_has_one_budget_for_all_its_rows(tmp_path: Path) -> None:
    """A thousand rows of fifty columns, gone through for every list of the document: well within it."""
    note = "\n    - $for: r in rows\n      note_text: \"{{ r.order }} {{ rows | map(attribute='c1') | unique | join('+') }}\""
    plan = planned(mapping("group_by: title", key="title", note=note), tmp_path)
    values = {"title": "A", **{f"c{n}": "x" for n in range(50)}}
    rows = [SourceRow({**values, "order": f"A-{n}"}, "input.csv", n, n) for n in range(1, 101)]
    assert isinstance(Builder(plan).build(rows), Built)
    spent = plan.env.budget.steps
    assert 100 * 100 < spent < MAX_STEPS // 4
    assert plan.env.budget.characters < MAX_CHARACTERS // 4


def test_as_many_members_as_are_allowed(tmp_path: Path) -> None:
    places = many("library: MAIN\n      shelving_location: S\n      quantity: 1").replace(
        "10000", str(MAX_MEMBERS)
    )
    assert isinstance(mapped(planned(mapping(location=places), tmp_path), "Bomb", 1), Built)


_RUN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_500 << 20, 1_500 << 20))
from etl.cli.main import main
sys.argv = ["etl", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process as Linux has them")
def test_a_file_with_bombs_goes_on_and_the_counts_add_up(tmp_path: Path) -> None:
    text = mapping(
        resource_metadata="{title: \"{% for a in range(9999) %}{{ ([title] * (20000 if title == 'Bomb' else 1)) | join if loop.first or title == 'Bomb' else '' }}{% endfor %}\"}"
    )
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    titles = ["A", "Bomb", "B", "Bomb", "C"]
    lines = ["order,title", *(f"A-{n},{title}" for n, title in enumerate(titles))]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = [
        "run",
        "m.yaml",
        "in.csv",
        "--sink",
        "files",
        "--sink-option",
        "directory=out",
        "--report",
        "report",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *asked], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert (report["read"], report["records"]["written"], report["records"]["rejected"]) == (5, 3, 2)
    written = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((tmp_path / "out").glob("*.json"))
    ]
    assert [one["resource_metadata"]["title"] for one in written] == ["A", "B", "C"]


def test_preview_shows_what_it_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lists that hold one another go into a filter that only counts them: nothing writes them out."""
    (tmp_path / "in.csv").write_text("order,title\nA-1,T\n", encoding="utf-8")
    nested = "[[[[[1] * 99] * 99] * 99] * 99]"
    turns = "{% for a in range(9999) %}{% for b in [1, 2, 3] %}{{ title[:0] | squeeze | default('') }}{% endfor %}{% endfor %}"
    text = mapping(vendor_note=f'"{{{{ {nested} | length }}}}{turns}"')
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    assert run_cli(["preview", str(tmp_path / "m.yaml"), str(tmp_path / "in.csv")]) == 0
    said = capsys.readouterr().out
    assert "| length: a value too large to be shown → 1" in said
    assert len(said) < 2_000_000
