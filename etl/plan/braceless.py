"""Texts of a mapping and the names in sight → those that were meant as templates.

A forgotten pair of braces, or the marks of another program, send every order the name and not its value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.plan.plan import Constant, Items, ValuePlan
from etl.plan.templates import PlainText
from etl.plugin import Columns
from etl.problems import MappingPlace, Problem, Severity
from etl.slips.other_templates import OtherTemplate, other_templates
from etl.slips.quoted import repeatable, template_text, yaml_quoted

_EXPRESSION = re.compile(r"(?P<name>[^\W\d]\w*+)(?:\.[^\W\d]\w*+|\[[^\]]*+\])*+(?:\s*+\|\s*+[a-z]\w*+.*+)?")
"""A name, what is asked of it, and filters behind it."""


_Told = dict[MappingPlace, Problem]
"""By the place of the whole text."""
Lets = Mapping[str, ValuePlan]


@dataclass(frozen=True, slots=True)
class InSight:
    """What a text may have meant: columns, `let`, parameters, and the words of the engine."""

    columns: Columns
    lets: Lets
    parameters: Collection[str]
    words: Collection[str]

    def meant(self, written: str, local: Collection[str], guess: bool = False) -> str | None:
        """The expression that is written, if it reads a name in sight. Large and small letters may differ;
        with `guess` more may.
        """
        names = {*self.columns.names, *self.lets, *local, "run_date"}
        known = {*names, *self.parameters}
        found = _EXPRESSION.fullmatch(written)
        if found is not None and found["name"] != written and found["name"] in {*names, *self.words}:
            return written
        name = written if written in known else {one.casefold(): one for one in known}.get(written.casefold())
        if name is None and guess:
            name = next(iter(difflib.get_close_matches(written, known, 1)), None)
        if name is None or name in names:
            return name if name is None or name.isidentifier() else f"row[{template_text(name)}]"
        return f"parameters.{name}"


def judged(
    texts: Sequence[PlainText],
    sight: InSight,
    problems: list[Problem],
    problems_of: Callable[[Lets], list[Problem]],
) -> list[Problem]:
    """What is to be told of these texts, and what `problems_of` the lets there is besides.

    Of a text in the marks of another program nothing else is wrong: that is taken out of `problems`. One that
    is only a name is not told where something is told already.
    """
    other = of_another_tongue(texts, sight)
    problems[:] = [one for one in problems if one.mapping not in other]
    known = {one.mapping for one in problems}
    names = {place: one for place, one in without_braces(texts, sight).items() if place not in known}
    told = {**names, **other}
    return [*_without_their_readers(sight.lets, told, problems_of), *told.values()]


def without_braces(texts: Sequence[PlainText], sight: InSight) -> _Told:
    """E254: warnings of texts that are just a name in sight, or ask something of one: every order would be
    sent the name itself.
    """
    problems = {}
    for one in texts:
        found = _EXPRESSION.fullmatch(one.text)
        name = found["name"] if found else one.text
        known = {*sight.columns.names, *sight.lets, *one.local, "run_date"}
        if name not in (known if name == one.text else {*known, *sight.words}):
            continue
        meant = one.text if found else f"row[{template_text(one.text)}]"
        of_file, of_let = name in sight.columns.names, name in sight.lets
        kind = "a column" if of_file else "a let" if of_let else "a loop or a $let"
        what = f"is the name of {kind}" if name == one.text else f"looks like an expression that reads {name}"
        said = f'"{one.text}" without braces is a text, the same in every order, and {what}'
        value, text = (yaml_quoted(f"{{{{ {what} }}}}") for what in (meant, template_text(one.text)))
        help_ = f"for the value write  {value} ;  if the text is meant,  {text}"
        problems[one.place] = Problem("E254", said, Severity.WARNING, one.place, help=help_)
    return problems


def of_another_tongue(texts: Sequence[PlainText], sight: InSight) -> _Told:
    """E211: templates as other programs write them, in a text or beside a template of ours."""
    problems = {}
    for one in texts:
        found = [(hit, _meant(hit, one, sight)) for hit in other_templates(one.around)]
        read = [(hit, meant) for hit, meant in found if meant is not None]
        if not read:
            continue
        first = read[0][0]
        sign = one.text[first.start : first.end]
        said = f'"{sign.strip()}" would be text, the same in every order: a name stands between {{{{ and }}}}'
        value, literal = one.text, one.text
        for hit, meant in reversed(read):
            written = f"{{{{ {template_text(one.text[hit.start : hit.end])} }}}}"
            value = f"{value[: hit.start]}{{{{ {meant} }}}}{value[hit.end :]}"
            literal = f"{literal[: hit.start]}{written}{literal[hit.end :]}"
        if repeatable(value) and repeatable(literal):
            value, literal = yaml_quoted(value), yaml_quoted(literal)
        else:  # of a long text only what is to be put in
            value, literal = f"{{{{ {read[0][1]} }}}}", f"{{{{ {template_text(sign)} }}}}"
        help_ = f"write  {value} ;  if the text is meant,  {literal}"
        place = one.locate(first.start, first.end - first.start)
        problems[one.place] = Problem("E211", said, mapping=place, help=help_)
    return problems


def _without_their_readers(
    lets: Lets, told: _Told, problems_of: Callable[[Lets], list[Problem]]
) -> list[Problem]:
    """A let that is a text by mistake is blamed itself, as an error, for all that its readers could not do
    with a text.
    """
    doubtful = {name: one for name, one in lets.items() if isinstance(one, Constant) and one.place in told}
    found = problems_of(lets)
    for name, one in doubtful.items():
        unknown = {**lets, name: Items((), one.place)}
        fewer = problems_of(unknown)
        if len(fewer) < len(found):
            told[one.place] = replace(told[one.place], severity=Severity.ERROR)
            lets, found = unknown, fewer
    return found


def _meant(hit: OtherTemplate, text: PlainText, sight: InSight) -> str | None:
    return sight.meant(hit.name, text.local, hit.sure) or ("…" if hit.sure else None)
