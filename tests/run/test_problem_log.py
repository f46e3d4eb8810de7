"""Problems → groups in which nothing is said of one order that holds only for another."""

from __future__ import annotations

from etl.cli.render_github import annotation, annotation_line
from etl.cli.render_text import Snippets, group_lines
from etl.problems import DataPlace, MappingPlace, Problem
from etl.run.problem_log import EXAMPLES, MOST_REMEDIES, Group, ProblemLog

MAPPED = MappingPlace("m.yaml", 3, 5)


def groups(*problems: Problem) -> list[Group]:
    log = ProblemLog()
    for problem in problems:
        log.add(problem)
    return log.groups()


def refused(order: int, why: str, fix: str) -> Problem:
    place = DataPlace("in.csv", order, order + 1)
    return Problem("E820", f'Alma refused "A + {order}": {why}', data=place, help=fix)


def test_another_remedy_is_another_cause() -> None:
    found = groups(
        refused(1, "401872 X", "check the code"),
        refused(2, "60320 Y", "take out no_charge"),
        refused(3, "401872 Z", "check the code"),
    )
    assert [group.count for group in found] == [2, 1]
    first, second = ("\n".join(map(str, group_lines(group, Snippets()))) for group in found)
    assert "60320" not in first
    assert "check the code" not in second
    assert "in.csv:4  (record 3)" in first
    assert 'Alma refused "A + 3": 401872 Z' in first


def test_records_without_end_do_not_become_groups_without_end() -> None:
    found = groups(*(refused(number, "no", f"see line {number}") for number in range(1000)))
    assert len(found) == MOST_REMEDIES + 1
    assert sum(group.count for group in found) == 1000
    assert len(found[-1].examples) == EXAMPLES


def test_in_a_group_each_hint_stands_with_its_record() -> None:
    """One place in the mapping is one cause, whatever the records need."""
    found = groups(
        *(
            Problem("E846", f'no fund "{fund}"', mapping=MAPPED, data=DataPlace("in.csv", line), help=hint)
            for line, (fund, hint) in enumerate(
                [("a", "did you mean A?"), ("b", "did you mean B?"), ("c", None)]
            )
        )
    )
    assert len(found) == 1
    said = [str(line) for line in group_lines(found[0], Snippets())]
    assert said[-4].startswith("  help     did you mean A?")
    assert said[-3].startswith("  also     in.csv")
    assert said[-2].strip() == "help: did you mean B?"
    told = annotation_line(*annotation(found[0]))
    assert told.index("did you mean A?") < told.index('no fund "b"') < told.index("did you mean B?")
