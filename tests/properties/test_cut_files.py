"""Every shipped sample, cut off at line ends and near its end: never taken for a whole one, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from shop import Collected

from etl.plan.compile import compile_plan
from etl.plan.plan import Plan
from etl.plugin import Refusal, Rejected, SinkOptions
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.run.pipeline import Delivery, Ran, run
from etl.spec.load import load, sibling
from etl.testing.sources import bytes_source

ROOT = Path(__file__).parents[2]
MAPPINGS = sorted(
    [*ROOT.glob("mappings/[!_]*/po_line*.yaml"), ROOT / "mappings" / "suggestions" / "purchase_request.yaml"]
)
LINES, BYTES, NEAR = 6, 8, 300
Verdict = Literal["not whole", "told", "warned", "whole"]


def cuts(data: bytes, name: str) -> list[int]:
    """Some of the line ends, and some of the last bytes."""
    dice = random.Random(name)  # noqa: S311 - the same cuts every day
    ends = [match.end() for match in re.finditer(rb"\r\n|\n|\r|\x1d", data) if match.end() < len(data)]
    near = range(max(1, len(data) - NEAR), len(data))
    return sorted({*dice.sample(ends, min(LINES, len(ends))), *dice.sample(near, min(BYTES, len(near))), len(data) - 1})


def judged(whole: bytes, cut: int) -> Verdict:
    """What shows of the cut, found without any of our readers."""
    data, tail = whole[:cut], whole[cut:].strip(b" \t\r\n\x1a")
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<", whole):
        if b"LOST ON ITS WAY" in whole:
            return "told"  # broken before it is cut: nobody looks behind the break
        return "not whole" if tail else "whole"
    if whole.startswith((b"UNA", b"UNB")) and b"UNH" not in data:
        return "told"
    if whole.startswith((b"UNA", b"UNB")):
        return "not whole" if data.strip().rpartition(b"UNZ")[2][-1:] not in b"'" or b"UNZ+" not in data else "whole"
    if whole[:5].isdigit():
        return "whole" if data.endswith(b"\x1d") else "told"
    if whole.lstrip()[:1] in b"{[":
        return "whole" if not tail or data.endswith(b"}\n") else "told"
    if data.endswith((b"\n", b"\r")):
        return "whole"
    return judged_text(whole, data)


def judged_text(whole: bytes, data: bytes) -> Verdict:
    if b"isbn_1=" in whole:
        return "told" if data.count(b"\n") else "whole"  # how many lines an order has, it says itself
    try:
        whole.decode("utf-8")
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.object is data:
            return "not whole"  # half a character
        text = data.decode("cp1252")
    delimiter = max(";,\t", key=text.split("\n")[0].count)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))
    if len(rows) < 2:
        return "told"
    if rows[-1][0] == "Summa":  # what the mapping passes over shows that all rows before it are there
        return "warned"
    return "not whole" if len(rows[-1]) < len(rows[0]) or text.count('"') % 2 else "warned"


def planned(mapping: Path) -> tuple[Plan, list[str]]:
    spec = load(mapping.name)
    paths = [sibling(spec.node("source").file, path) for path in spec.model.source.path or []]
    sources, _ = resolve(paths, io.BytesIO())
    frozen = spec.model.snapshot
    day = date.fromisoformat(frozen.run_date or "2024-03-11")
    plan = compile_plan(spec, Registry.installed(), run_date=day, parameters=frozen.parameters, samples=sources[:1])
    return plan, [source.name for source in sources]


def delivered(plan: Plan, name: str, data: bytes, folder: Path) -> tuple[Ran, list[list[str]]]:
    """The run, and the codes of each rejected record."""
    report = folder / "report"
    ran = run(plan, [bytes_source(data, name)], Delivery(Collected(), SinkOptions(), folder), report)
    kept = report / "rejected.ndjson"
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    return ran, [json.loads(line)["codes"] for line in lines]


@pytest.mark.parametrize("mapping", MAPPINGS, ids=[f"{one.parent.name}-{one.stem}" for one in MAPPINGS])
def test_a_sample_that_is_cut_off(mapping: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mapping.parent)
    plan, names = planned(mapping)
    seen = 0
    for name in names:
        whole = Path(name).read_bytes()
        for cut in cuts(whole, name):
            where, verdict = f"{name} cut at {cut}", judged(whole, cut)
            try:
                ran, rejected = delivered(plan, name, whole[:cut], tmp_path)
            except Refusal:
                continue  # not even the beginning is there: nothing was delivered
            seen += 1
            report, codes = ran.report, {one.code for group in ran.log.groups() for one in group.examples}
            stopped = 4 if report.stop == "guard" else 1  # the shipped mappings limit how many may be rejected
            assert report.discrepancies() == [], where
            assert report.read == sum(report.records.values()), where
            assert len(rejected) == report.records["rejected"], where
            if verdict == "not whole":
                assert report.records == {"rejected": report.read}, where
                assert all(Rejected.NOT_WHOLE in one for one in rejected), where
                assert report.exit_code == stopped, where
            elif verdict in ("told", "warned"):  # E360: only its end mark was lost
                assert report.exit_code == stopped or codes & {"E326", "E360"}, where
            else:
                assert Rejected.NOT_WHOLE not in codes, where
    assert seen
