"""However a mapping is broken: it is refused or it works, and every place a message names is there."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from shop import MAPPING, csv_bytes, finished, planned

from etl.problems import DataPlace, MappingPlace, Problem, Refusal

SAMPLE = csv_bytes(
    [["1", "9789199999302", "Sju nätter", "2", "19,90", "A", ""], ["2", "x", "", "y", "z", "C", "n"]]
)
LETTERS = "{}[]:,\"'|>#&*!%@-?\t \n.$_=()~abå0😀"


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def check(problem: Problem, text: str) -> None:
    place, data = problem.mapping, problem.data
    assert place is not None or data is not None, problem
    if place is not None:
        check_mapping(place, lines_of(text), problem)
    if data is not None:
        check_data(data)
    assert problem.message.strip(), problem


def check_mapping(place: MappingPlace, lines: list[str], problem: Problem) -> None:
    assert place.file == "shop.yaml", problem
    assert 1 <= place.line <= len(lines), problem
    line = lines[place.line - 1]
    assert 1 <= place.column <= len(line) + 1, (problem, line)
    assert place.length >= 0, problem


def check_data(data: DataPlace) -> None:
    assert data.file == "orders.csv"
    assert data.line is None or 1 <= data.line <= SAMPLE.count(b"\n") + 1
    assert data.record is None or 1 <= data.record <= 2
    assert data.offset is None or 0 <= data.offset < len(SAMPLE)


def problems_with(text: str) -> list[Problem]:
    try:
        plan = planned(text, SAMPLE)
        return [*plan.warnings, *finished(SAMPLE, plan=plan).problems]
    except Refusal as refusal:
        return list(refusal.problems)


def test_the_good_mapping_has_places_in_both_files() -> None:
    problems = problems_with(MAPPING)
    for problem in problems:
        check(problem, MAPPING)
    assert any(problem.mapping for problem in problems)
    assert any(problem.data for problem in problems)


@settings(max_examples=150)
@given(
    at=st.integers(0, len(MAPPING) - 1),
    letter=st.sampled_from(LETTERS),
    kind=st.sampled_from(["put", "replace", "delete", "double"]),
)
def test_one_letter_changed(at: int, letter: str, kind: str) -> None:
    text = {
        "put": MAPPING[:at] + letter + MAPPING[at:],
        "replace": MAPPING[:at] + letter + MAPPING[at + 1 :],
        "delete": MAPPING[:at] + MAPPING[at + 1 :],
        "double": MAPPING[:at] + MAPPING[at] * 2 + MAPPING[at + 1 :],
    }[kind]
    for problem in problems_with(text):
        check(problem, text)


@settings(max_examples=50)
@given(data=st.data())
def test_lines_moved_lost_and_doubled(data: st.DataObject) -> None:
    lines = MAPPING.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        at, to = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(["move", "lose", "double", "cut", "indent"])):
            case "move":
                lines.insert(to, lines.pop(at))
            case "lose":
                lines.pop(at)
            case "double":
                lines.insert(to, lines[at])
            case "indent":
                lines[at] = "  " + lines[at]
            case _:
                lines[at] = lines[at][: len(lines[at]) // 2] + "\n"
    text = "".join(lines)
    for problem in problems_with(text):
        check(problem, text)
