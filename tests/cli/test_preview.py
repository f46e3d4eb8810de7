"""`etl preview` → every value of every shipped mapping is followed to where it came from, and can be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etl.cli.compiled import Compiled, compiled
from etl.cli.main import run_cli
from etl.cli.provenance_lines import source_lines, value_lines
from etl.plan.compile import FROZEN_DATE
from etl.run.build import Builder, fresh_recorder
from etl.run.evaluate import Path as Path_
from etl.run.evaluate import Traced
from etl.run.outcomes import Refused, SourceRow
from etl.run.rows import read_rows
from etl.run.value_origins import Provenance, ValueOrigin, dotted
from etl.spec.load import load

ROOT = Path(__file__).parents[2]
MAPPINGS = sorted(ROOT.glob("mappings/[!_]*/*.yaml"))
NAMES = [path.relative_to(ROOT / "mappings").as_posix() for path in MAPPINGS]
PYTHON = re.compile(r"\b(Row|Decimal|GroupTuple|OrderedDict)\(|datetime\.|[\[{]'|\b(None|True|False)\b|<[a-z_.]+ object")
"""What only a programmer reads."""
ENDS = {"column", "table row", "parameter", "constant", "run"}


def groups(ready: Compiled, builder: Builder) -> Iterator[list[SourceRow]]:
    """The rows of every document that the samples make."""
    found: dict[Any, list[SourceRow]] = {}
    for source in ready.sources:
        for row in read_rows(ready.plan, source, lambda _problem: None):
            if isinstance(row, SourceRow):
                key = builder.group(row) if ready.plan.group_by else (source.name, row.record, len(found))
                found.setdefault(key, []).append(row)
    yield from found.values()


def payload_leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Dotted path as a mapping writes it → value; Alma's wrappers of codes are left out."""
    if isinstance(value, dict):
        for name, one in value.items():
            wraps = name == "value" and not isinstance(one, dict | list)
            yield from payload_leaves(one, path if wraps else (*path, name))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from payload_leaves(one, (*path, at))
    else:
        yield "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:], value


def ends(origins: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in origins:
        yield from ends(one["origins"]) if "origins" in one else iter([one])


def all_ends(origins: Iterable[ValueOrigin]) -> Iterator[ValueOrigin]:
    for one in origins:
        yield from one.ends()


@pytest.mark.parametrize("mapping", MAPPINGS, ids=NAMES)
def test_every_value_that_is_sent_is_followed_to_where_it_came_from(mapping: Path) -> None:
    """In words that a librarian reads, for every record of every sample."""
    ready = compiled(load(str(mapping)), (), (), FROZEN_DATE)
    builder = Builder(ready.plan)
    sent, levels = 0, "_shared" not in mapping.read_text(encoding="utf-8")
    for rows in groups(ready, builder):
        fresh_recorder(ready.plan, traced=True)
        trace: dict[Path_, Traced] = {}
        outcome = builder.build(rows, trace)
        provenance = Provenance(trace, builder.names(rows))
        lines = "\n".join((*source_lines(rows), *value_lines(trace, provenance)))
        written = re.sub(r'"(?:[^"\\]|\\.)*"|\{\{.*?\}\}|\$(?:if|for) .*', '""', lines)
        assert PYTHON.search(written) is None, PYTHON.search(written)
        levels = levels or "   level " in lines
        if isinstance(outcome, Refused) or outcome.payload is None:
            continue
        values = {dotted(path): path for path in trace}
        for path, value in payload_leaves(json.loads(outcome.payload)):
            kinds = {one.kind for one in all_ends(provenance.of(values[path]))}
            assert ENDS & kinds, f"{rows[0].place()}: {path} = {value!r}"
            sent += 1
    assert sent
    assert levels, "which level gave a value is told"


MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
lookups: {halls: {file: halls.csv, key: code, columns: [library, fund]}}
parameters: {shelf: {default: OPEN, help: Shelf}}
key: [no]
levels: {line: hall, global: parameters}
let:
  hall: "{{ code | lookup('halls') }}"
  same: "{{ spots[0] }}"
  first: {$first: [{main: "{{ author }}"}, {main: "{{ title }}"}, {main: MAIN}]}
  spots:
    - $for: part in libs.split('|')
      $let: {named: "{{ part | upper }}"}
      $if: "{{ named != 'X' }}"
      library: "{{ named }}"
      shelf: {$level: shelf}
      fund: {$level: fund}
      copies: "{{ loop.index }}"
  sum: "{{ spots | map(attribute='copies') | sum }}"
fields:
  owner: "{{ same.library }}"
  type: PRINTED_BOOK_OT
  vendor: "{{ hall['library'] }}"
  vendor_account: "{{ spots[-1].fund }}"
  price: {sum: "{{ sum }}", currency: SEK}
  resource_metadata: {title: "{{ first.main }}", author: {$if: "{{ author }}", $value: "{{ author }}"}}
  note:
    - {$for: spot in spots, $if: "{{ spot.copies > 1 }}", note_text: "{{ spot.library }} {{ row['no'] }}"}
  location:
    - $for: spot in spots
      library: "{{ spot.library }}"
      quantity: "{{ spot.copies }}"
      shelving_location: "{{ spot.shelf }}"
"""


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_text(MAPPING, encoding="utf-8")
    Path("in.csv").write_text("no;code;libs;title;author\n1;A;main|x|north;Ett;\n", encoding="utf-8")
    Path("halls.csv").write_text("code,library,fund\nA,HALL,F1\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("owner", ["spots[0].library", "named", "part", "column libs"]),
        ("vendor", ["table row hall.library"]),
        ("vendor_account", ["spots[1].fund", "table row hall.fund"]),
        ("price.sum", ["sum", "spots[0].copies", "loop.index", "column libs", "spots[1].copies", "loop.index", "column libs"]),
        ("resource_metadata.title", ["first.main", "column title"]),
        ("resource_metadata.author", []),
        ("note[0].note_text", ["spots[1].library", "named", "part", "column libs", "column no"]),
        ("location[1].library", ["spots[1].library", "named", "part", "column libs"]),
        ("location[0].shelving_location", ["spots[0].shelf", "parameter shelf"]),
        ("type", ["constant "]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("orders")
def test_a_part_is_followed_through_lists_loops_and_choices(
    path: str, way: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["preview", "m.yaml", "--format", "json"]) == 0
    said = json.loads(capfd.readouterr().out)
    [value] = [one for one in said["values"] if one["path"] == path]
    assert list(names(value["origins"])) == way


def names(origins: Iterable[dict[str, Any]]) -> Iterator[str]:
    for one in origins:
        yield one["name"] if one["kind"] in ("value", "run") else f"{one['kind']} {one['name']}"
        yield from names(one.get("origins", ()))


@pytest.mark.usefixtures("orders")
def test_levels_that_were_empty_and_what_was_left_out_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["preview", "m.yaml"]) == 0
    text = capfd.readouterr().out
    assert "spots[0].fund = \"F1\"\n      m.yaml:19  {{ hall.fund }}   level line\n" in text
    assert "resource_metadata.author = null\n      m.yaml:28  left out: $if {{ author }}\n" in text
    assert "empty: 1" in text, "the first choice of `first`"


@pytest.mark.usefixtures("orders")
def test_a_long_way_back_is_cut_and_ends(capfd: pytest.CaptureFixture[str]) -> None:
    """Each name is read twice by the next: told once each, not two to the power of their number."""
    chain = "".join(f"  n{at}: \"{{{{ n{at - 1} ~ n{at - 1}[0:0] }}}}\"\n" for at in range(1, 300))
    Path("m.yaml").write_text(
        MAPPING.replace("let:\n", 'let:\n  n0: "{{ title }}"\n' + chain).replace("row['no']", "n299"),
        encoding="utf-8",
    )
    assert run_cli(["preview", "m.yaml"]) == 0
    text = capfd.readouterr().out
    assert "n260 = " in text
    assert text.count("\n") < 3000
