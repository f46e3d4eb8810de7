"""Arguments → a verb, and whatever goes wrong → words and an exit code.

Verbs are imported when they are used: `etl --help` loads none of the heavy libraries.
"""

from __future__ import annotations

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from etl.cli.streams import code_said, gone, standard_streams
from etl.interruption import interruption
from etl.problems import LedgerRefusal, Problem, Refusal, Unavailable, of_the_system, output_gone

if TYPE_CHECKING:
    from etl.cli.output import Output

VERBS = {
    "run": "map a vendor's records and deliver the documents",
    "plan": "write what would be sent into a file to look at: totals, predictions, payloads",
    "apply": "send exactly what a plan holds, if nothing has changed since",
    "check": "find everything that is wrong with mappings or payloads, without delivering",
    "show": "print resolved mappings, every value with its origin",
    "preview": "one record: source values, every field's value and where it came from",
    "explain": "what a problem code means and what to do",
    "snapshot": "compare or update the reviewed payloads beside mappings",
    "new": "a working copy of a mapping that comes along, to begin with",
    "list": "what a mapping can name: connectors, targets, sinks, filters, codes of Alma",
    "schema": "JSON Schema of a target's payload or of the mapping language",
    "inspect": "which connectors read a file, and what is in it: columns, values, fields of MARC",
    "verify": "compare what Alma stored with what was sent, and follow status and alerts",
    "pull": "read an Alma's codes into the institution file that orders are checked against",
    "ledger": "what was sent to Alma, what came of it, and what waits for a person",
    "requests": "purchase requests in Alma: list, show, approve, reject, cancel",
    "simulator": "serve an Alma to rehearse with, and a page that shows what it holds",
}

SHOWING = {
    *("show", "preview", "explain", "list", "schema", "inspect"),
    *("ledger list", "ledger show", "ledger export", "requests list", "requests show"),
}
"""Verbs that do nothing but show something."""


class Verbs(click.Group):
    """One file per verb, loaded on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = difflib.get_close_matches(args[0], VERBS, 1) if args and args[0] not in VERBS else []
        if near:
            raise click.UsageError(f'no command "{args[0]}", did you mean "{near[0]}"?', ctx)
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"etl.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="alma-orderdesk", prog_name="etl")
def etl() -> None:
    """Order records of book vendors → order lines and purchase requests for Ex Libris Alma.

    The mapping file is the first argument of every verb that takes one. Exit codes: 0 all well, 1 some
    records rejected, held or unknown, 2 mapping, input or usage wrong, 3 snapshots differ, 4 refused by a
    guard or the ledger, 5 Alma unavailable, 6 stopped after a part was delivered, 70 a bug of ours, 130
    interrupted.
    """


def main(arguments: list[str] | None = None) -> None:
    """What the `etl` script runs. Always leaves through sys.exit."""
    sys.exit(run_cli(arguments))


def run_cli(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code. Never a traceback unless --debug."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        with standard_streams(leave=_only_shows(words)), interruption.listening():
            return code_said(_code(words))
    except KeyboardInterrupt:  # another one, while the first was being answered
        return 130


def _only_shows(words: list[str]) -> bool:
    """Is what comes out there to be looked at, so that who has seen enough of it may go?"""
    return (
        not words
        or bool(SHOWING & {words[0], " ".join(words[:2])})
        or not {"-h", "--help", "--version"}.isdisjoint(words)
    )


def _code(words: list[str]) -> int:
    try:
        return int(_invoked(words) or 0)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.ClickException as error:
        _output(words).refused(error)
        return 2
    except (KeyboardInterrupt, click.Abort):
        _output(words).say("interrupted")
        return 130
    except Refusal as refusal:
        return _refused(refusal, words)
    except (OSError, MemoryError) as error:
        _trace(error, words)
        return _refused(Refusal(output_gone(error) if error is gone() else of_the_system(error)), words)
    except Exception as error:  # noqa: BLE001 - whatever else it is, it is ours
        _trace(error, words)
        return _bug(error)


def _invoked(words: list[str]) -> Any:
    """What the verb returns. click's own way in ends with 1 and no word when the reader of our output is
    gone; it is used only where a shell asks how to complete a word.
    """
    if os.environ.get("_ETL_COMPLETE"):
        return etl.main(words, prog_name="etl", standalone_mode=False)
    with etl.make_context("etl", list(words)) as context:
        return etl.invoke(context)


def _output(words: list[str]) -> Output:
    from etl.cli.output import Output

    return Output.of(words)


def _trace(error: Exception, words: list[str]) -> None:
    if "--debug" in words or os.environ.get("ETL_DEBUG", "") not in ("", "0"):
        _output(words).traceback(error)


def _refused(refusal: Refusal, words: list[str]) -> int:
    _output(words).problems(refusal.problems)
    return 5 if isinstance(refusal, Unavailable) else 4 if isinstance(refusal, LedgerRefusal) else 2


def _bug(error: Exception) -> int:
    problem = Problem(
        "E900",
        f"a bug in etl: {type(error).__name__}: {error}",
        help="nothing more was delivered after this; run again with --debug and report what it prints",
    )
    _output([]).problems([problem])
    return 70
