"""Mappings as people name them → what came of each, and one summary at the end.

A file that is named alone is answered as itself. Of several, what is wrong with one does not stop the others,
what they have in common is said once, the exit code is the worst, and JSON is one document.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import click

from etl.cli.output import Output
from etl.cli.summary import counted
from etl.problems import Problem, Refusal
from etl.spec.load import load, read_mapping
from etl.spec.mapping_files import FoundMappings, find_mappings

UNUSABLE_INPUT, UNUSABLE, MISMATCH = 1, 2, 3
_FROM_BEST = (0, UNUSABLE_INPUT, MISMATCH, UNUSABLE)
"""What differs can be looked at; what cannot be used says nothing."""


@dataclass(frozen=True, slots=True)
class MappingAnswer:
    """What a verb makes of one mapping: exit code, talk, problems, and what JSON says besides."""

    code: int
    talk: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def mappings_argument(required: bool = True) -> Callable[..., Any]:
    """The mappings: files, folders, and patterns in quotes."""
    return click.argument("mappings", nargs=-1, required=required, metavar="MAPPING...")


def answer_each(
    names: Sequence[str], output: Output, verb: Callable[[str], MappingAnswer], words: Mapping[int, str]
) -> int:
    """Do what the verb does for each mapping and say what came of it. The exit code.

    `words` says what each exit code means: `2 good, 1 with errors`. Raises Refusal when no mapping is meant,
    and what the verb raises when a single file is.
    """
    found = find_mappings(names)
    if found.mappings == list(names) and len(names) == 1:
        answer = verb(names[0])
        if output.form == "json" and answer.facts:
            output.answer(answer.facts)
        else:
            output.problems(answer.problems)
        output.say(*answer.talk)
        return answer.code
    answers = {mapping: _answer(mapping, verb) for mapping in found.mappings}
    missed = _not_extended(found)
    if output.form == "json":
        listed = [_as_dict(mapping, answer, output) for mapping, answer in answers.items()]
        output.answer({"mappings": listed, "not_extended": missed, "no_mappings": found.others})
    else:
        output.problems(dict.fromkeys(one for answer in answers.values() for one in answer.problems))
    output.say(*(line for answer in answers.values() for line in answer.talk))
    output.say(_counts(answers.values(), words))
    if missed:
        output.say(f"  extended by none of these, so not looked at: {', '.join(missed)}")
    if found.others:
        output.say(f"  passed over, because it is no mapping: {', '.join(found.others)}")
    return max((answer.code for answer in answers.values()), key=_FROM_BEST.index)


def _answer(mapping: str, verb: Callable[[str], MappingAnswer]) -> MappingAnswer:
    try:
        return verb(mapping)
    except Refusal as refusal:
        errors = sum(one.severity.stops for one in refusal.problems)
        return MappingAnswer(UNUSABLE, (f"{mapping}: {counted(errors, 'error')}",), refusal.problems)


def _as_dict(mapping: str, answer: MappingAnswer, output: Output) -> dict[str, Any]:
    problems = output.listed(answer.problems)
    return {"mapping": mapping, "exit_code": answer.code, **answer.facts, "problems": problems}


def _counts(answers: Iterable[MappingAnswer], words: Mapping[int, str]) -> str:
    codes = Counter(answer.code for answer in answers)
    told = ", ".join(f"{codes[code]:,} {words[code]}" for code in _FROM_BEST if codes[code])
    return f"{counted(codes.total(), 'mapping')}: {told}"


def _not_extended(found: FoundMappings) -> list[str]:
    """Bases that none of the mappings extends, directly or by another base."""
    if not found.bases:
        return []
    read: set[str] = set()

    def noted(name: str) -> bytes:
        read.add(os.path.realpath(name))
        return read_mapping(name)

    for mapping in found.mappings:
        with suppress(Refusal):  # the verb has said it
            load(mapping, noted)
    return [base for base in found.bases if os.path.realpath(base) not in read]
