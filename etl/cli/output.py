"""Problems and reports → words on the terminal, JSON, or annotations on a pull request.

Data goes to standard output, talk to standard error. In text form problems are talk; `--format json` and
`github` make them data, unless standard output is already taken by payloads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Literal, cast

import click

from etl.alma.key import without_keys
from etl.cli.render_github import annotation
from etl.cli.render_text import Snippets, group_text
from etl.problems import Problem
from etl.run.problem_log import Group, ProblemLog

Format = Literal["text", "json", "github"]


class Output:
    """Where a command speaks. `taken`: standard output carries payloads."""

    def __init__(self, form: Format, taken: bool = False) -> None:
        self.form: Format = form
        self.taken = taken

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

    def problems(self, problems: Iterable[Problem]) -> None:
        """Say a list of problems, equal ones grouped."""
        log = ProblemLog()
        for problem in problems:
            log.add(problem)
        self.groups(log.groups())

    def groups(self, groups: Sequence[Group], extra: dict[str, Any] | None = None) -> None:
        """Say grouped problems; `extra` joins the JSON form.

        Words may repeat what stands in a mapping, and a key may stand where it does not belong.
        """
        if self.form == "json":
            listed = [
                {"count": group.count, "examples": [example.as_dict() for example in group.examples]}
                for group in groups
            ]
            whole = json.dumps({**(extra or {}), "problems": listed}, ensure_ascii=False, indent=2)
            self.data(without_keys(whole))
        elif self.form == "github":
            for group in groups:
                self.data(without_keys(annotation(group)))
        else:
            snippets = Snippets()
            for group in groups:
                self.say(without_keys(group_text(group, snippets)))

    def say(self, text: str) -> None:
        """Talk: standard error."""
        with suppress(OSError):  # it is closed or full: nobody is there to be told so
            click.echo(text, err=True)

    def data(self, text: str) -> None:
        """Result: standard output, unless payloads are on it."""
        if self.taken:
            self.say(text)
        else:
            click.echo(text)
