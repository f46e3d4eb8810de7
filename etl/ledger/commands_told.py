"""Commands in messages → the same commands with the ledger they are about: pasted, they find it.

Where a message is made nobody knows how the ledger is called by those who read it; where it is told, they do.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from etl.problems import Problem, Refusal

DEFAULT = "etl-ledger.sqlite"
_CLAUSE = re.compile(r"[^;,)]++")
_COMMAND = re.compile(r"\betl ledger (?!reprocess\b)[a-z]++(?:-[a-z]++)*+")


def pasted(text: str, ledger: str) -> str:
    """The text, its commands with `--ledger`, but for the default ledger of the working directory; a URL is
    given without its password.

    >>> pasted("look: etl ledger show 16; then etl ledger reprocess M", "out/l.sqlite")
    'look: etl ledger show --ledger out/l.sqlite 16; then etl ledger reprocess M'
    """
    if "://" not in ledger and os.path.abspath(ledger) == os.path.abspath(DEFAULT):  # noqa: PTH100 - links too
        return text

    def named(clause: re.Match[str]) -> str:
        if "--ledger" in clause[0]:
            return clause[0]
        return _COMMAND.sub(lambda found: f"{found[0]} --ledger {shlex.quote(ledger)}", clause[0])

    return _CLAUSE.sub(named, text)


def told(problem: Problem, ledger: str) -> Problem:
    """The same problem, with such commands."""
    help_ = pasted(problem.help, ledger) if problem.help else problem.help
    return replace(problem, message=pasted(problem.message, ledger), help=help_)


@contextmanager
def telling(ledger: str) -> Iterator[None]:
    """What is refused within is told with such commands. Raises Refusal."""
    try:
        yield
    except Refusal as refusal:
        raise type(refusal)([told(one, ledger) for one in refusal.problems]) from refusal
