"""Lines, values, problems and questions → the screen: the one door out of the command line.

Data goes to standard output, talk to standard error. In text form problems are talk; `--format json` and
`github` make them data, unless standard output is already taken by payloads. Nothing is raised when it takes
no more: work that is under way goes on, what it did not take is said as talk, and the exit code tells
(`etl.cli.streams`).

Nothing that comes through here leaves its line, drives a terminal or a CI server, or gives a password away:
callers hand over lines, and what is in them is shown as `etl.shown` has it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO, cast

import click

from etl.cli.render_github import annotation, annotation_line
from etl.cli.render_text import Coloured, Line, Snippets, group_lines
from etl.cli.streams import gone
from etl.ledger.commands_told import pasted
from etl.problems import Problem, output_gone
from etl.run.problem_log import EXAMPLES, Group, ProblemLog
from etl.shown import shown, shown_json, visible, without_secrets

Format = Literal["text", "json", "github"]
_BREAK = re.compile(r"\n(?=\s{0,40}+[<{}\[\]\"]|\Z)")


class Output:
    """Where a command speaks. `taken`: standard output carries payloads. `ledger`: what commands in talk and
    in problems are about.
    """

    def __init__(self, form: Format, taken: bool = False, ledger: str | None = None) -> None:
        self.form: Format = form
        self.taken, self.ledger = taken, ledger

    @classmethod
    def of(cls, words: Sequence[str]) -> Output:
        """From raw arguments, for errors that happen outside a verb."""
        form = os.environ.get("ETL_FORMAT", "text")
        for position, word in enumerate(words):
            if word == "--format" and position + 1 < len(words):
                form = words[position + 1]
            elif word.startswith("--format="):
                form = word.split("=", 1)[1]
        return cls(cast(Format, form) if form in ("json", "github") else "text")

    def say(self, *lines: Line) -> None:
        """Talk: standard error. If it is closed or full nobody is there to be told so."""
        for line in lines:
            about = pasted(line, self.ledger) if self.ledger and isinstance(line, str) else line
            click.echo(_line(about), file=sys.stderr)

    def data(self, *lines: Line) -> None:
        """Result: standard output, unless payloads are on it."""
        for line in lines:
            self._result(_line(line))

    def json(self, value: Any, *, indent: int | None = 2) -> None:
        """Result as JSON, as it is: with escapes where text would drive a screen, and nothing masked. What
        reads JSON expects UTF-8, whatever a terminal is set to: where it is not, all but ASCII is escaped.
        """
        plain = self._results.encoding not in ("utf-8", "UTF-8")
        text = json.dumps(value, ensure_ascii=plain, indent=indent, default=str)
        self._result(shown_json(text))

    def answer(self, value: Mapping[str, Any]) -> None:
        """Result as JSON, each text in it without secrets."""
        self.json(_without_secrets(value))

    def annotate(self, level: str, properties: Mapping[str, str], lines: Iterable[str]) -> None:
        """An annotation of a GitHub workflow, as data."""
        self._result(annotation_line(level, properties, lines))

    def agreed(self, question: str) -> bool:
        """Ask a person at a terminal. Raises click.Abort at the end of input."""
        return click.confirm(visible(without_secrets(question)), err=True)

    def over(self, text: str) -> None:
        """Write over the line that a terminal shows now: progress."""
        click.echo("\r" + visible(text), nl=False, file=sys.stderr)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Say a list of problems, equal ones grouped."""
        self.groups(_grouped(problems, self.ledger))

    def every(self, problems: Sequence[Problem]) -> None:
        """The same, and each is shown: a person is to mend them all."""
        self.groups(_grouped(problems, self.ledger, len(problems)))

    def listed(self, problems: Iterable[Problem]) -> list[dict[str, Any]]:
        """What JSON says of a list of problems, equal ones grouped."""
        return listed_groups(_grouped(problems, self.ledger))

    def groups(self, groups: Sequence[Group], extra: dict[str, Any] | None = None) -> None:
        """Say grouped problems; `extra` joins the JSON form.

        Words may repeat what stands in a mapping, and a key may stand where it does not belong.
        """
        if self.form == "json":
            self.answer({**(extra or {}), "problems": listed_groups(groups)})
        elif self.form == "github":
            for group in groups:
                self.annotate(*annotation(group))
        if self.form == "text" or (gone() and not self.taken):
            snippets = Snippets()
            for group in groups:
                self.say(*group_lines(group, snippets))

    def refused(self, error: click.ClickException) -> None:
        """What is wrong with the command line, as click says it."""
        if isinstance(error, click.UsageError) and error.ctx is not None:
            helped = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
            self.say(*error.ctx.get_usage().splitlines(), f"Try '{helped}' for help.", "")
        self.say(f"Error: {error.format_message()}")

    def traceback(self, error: BaseException) -> None:
        """Where a bug is, for `--debug`."""
        for part in traceback.format_exception(error):
            ours = part.startswith(("  File", "Traceback", "\n"))
            self.say(*part.strip("\n").split("\n") if ours else (part.rstrip("\n"),))

    def _result(self, text: str) -> None:
        try:
            click.echo(text, file=self._results)
        except OSError as error:
            self.say(*group_lines(Group(1, [output_gone(error)]), Snippets()))

    @property
    def _results(self) -> TextIO:
        return sys.stderr if self.taken else sys.stdout


def _grouped(problems: Iterable[Problem], ledger: str | None, examples: int = EXAMPLES) -> list[Group]:
    log = ProblemLog(ledger=ledger, examples=examples)
    for problem in problems:
        log.add(problem)
    return log.groups()


def listed_groups(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [
        {"count": group.count, "examples": [example.as_dict() for example in group.examples]}
        for group in groups
    ]


def payload_lines(text: str) -> list[str]:
    """A payload as it is written, line by line; a line break inside an element is no end of a line."""
    return _BREAK.split(text.rstrip())


def _line(line: Line) -> str:
    if isinstance(line, str):
        return shown(without_secrets(line))
    return "".join(map(_piece, line))


def _piece(piece: str | Coloured) -> str:
    if isinstance(piece, str):
        return visible(without_secrets(piece))
    text = visible(without_secrets(piece.text))
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=piece.colour)


def _without_secrets(value: Any) -> Any:
    """The same value, each text in it without secrets: what JSON has escaped would not be recognised."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {_without_secrets(name): _without_secrets(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(one) for one in value]
    return value
