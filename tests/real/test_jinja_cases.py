"""Jinja's own test suite: the same output, or refused when the mapping loads, and never another output.

Recorded from jinja2 3.1.6. The names of a case's context are the known names, as columns are in a mapping; an
unknown one is refused before the first record, so it is here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from etl.problems import MappingPlace
from etl.template.compile import compile_template
from etl.template.environment import Failure, Sandbox

# Options that change the spelling of templates. The others change their meaning (what undefined is, extensions):
# a mapping cannot choose that, so the case runs without them.
SPELLING = frozenset(
    (
        *("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "newline_sequence"),
        *("line_statement_prefix", "line_comment_prefix"),
        *(f"{kind}_{end}_string" for kind in ("variable", "block", "comment") for end in ("start", "end")),
    )
)
GIVEN = {"range"}
# Refused by a record instead of by the mapping: what a value of the context is cannot be seen beforehand. A member
# that hides a method; a dot into a number; a number asked for yes or no; twice a list that would become its text.
AT_RUN_TIME = 5


def verdict(case: dict[str, Any]) -> tuple[str, str]:
    """refused · at run time · same · DIFFERENT, and why."""
    if case["env"].get("autoescape"):
        return "refused", "autoescape cannot be asked for"
    env = Sandbox({}, **{name: value for name, value in case["env"].items() if name in SPELLING})
    compiled = compile_template(
        case["template"], env, lambda offset, length: MappingPlace("case", 1, offset + 1, "", length)
    )
    if isinstance(compiled, list):
        return "refused", compiled[0].code
    names = dict(case.get("context", {}))
    unknown = compiled.names.needed.keys() - names.keys() - GIVEN
    if unknown:
        return "refused", f"unknown name {sorted(unknown)[0]}"
    try:
        value = compiled.evaluate(env.context(names))
    except Failure as failure:
        if failure.problem.code == "E476":  # a mapping's types tell it before the first record: E214
            return "refused", failure.problem.code
        return "at run time", failure.problem.code + " " + failure.problem.message
    if "error" in case:
        return "DIFFERENT", f"{value!r} instead of {case['error']}"
    # Undefined, and nothing; of a missing list every filter gives nothing, where Jinja's give an empty one.
    same = str(value) == case["output"] or (value is None and case["output"] in ("", "[]"))
    if isinstance(value, Decimal):  # Jinja's is a float: the same number in another spelling
        same = same or value == Decimal(case["output"])
    return ("same", "") if same else ("DIFFERENT", f"{value!r} instead of {case['output']!r}")


def test_same_output_or_refused(data: Callable[[str], Path]) -> None:
    lines = data("jinja/cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) == 212
    verdicts = [(verdict(case), case) for case in cases]
    wrong = [(why, case["template"]) for (found, why), case in verdicts if found == "DIFFERENT"]
    assert wrong == []
    counts = Counter(found for (found, _), _ in verdicts)
    late = [
        (why, case["template"])
        for (found, why), case in verdicts
        if found == "at run time" and "error" not in case
    ]
    assert len(late) <= AT_RUN_TIME, late
    # Half of a brace pair is refused, which is text to Jinja; so are a dot into a number, numbers asked for yes or no,
    # and a yes or no inside text (8 of them), which would read "True" in an order.
    assert counts["same"] >= 103, counts
