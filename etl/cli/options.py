"""Options that several verbs share; each has an environment twin ETL_NAME."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

FILE = click.Path(readable=False)
PATH = click.Path(readable=False, path_type=Path)
"""Names of files and folders, as text or as a Path. click does not look at them: who opens one says what is
wrong with it, with a code.
"""

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class OneOf(click.Choice):  # type: ignore[type-arg]
    """One of several words; for a misspelt one the nearest is suggested."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Raises click.BadParameter."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = get_close_matches(str(value), map(str, self.choices), 1)
            self.fail(error.message + (f' Did you mean "{near[0]}"?' if near else ""), param, ctx)


def option(*names: str, of: str = "", **settings: Any) -> _Decorator:
    """click.option with its environment twin, shown in --help; every option is made here.

    One twin means one thing to all verbs. A program with words of its own (`of`: the simulator) has twins of
    its own.
    """
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    return click.option(*names, envvar=_twin(long, of), show_envvar=True, **settings)


def named_option(long: str, variable: str, help: str) -> _Decorator:
    """A `long` NAME=VALUE that may be given many times; each NAME has a twin of its own (`named_values`)."""
    twin = f"{_twin(long)}_NAME"
    return click.option(
        long, variable, multiple=True, metavar="NAME=VALUE", help=f"{help}  [env var: {twin}]"
    )


def _twin(long: str, of: str = "") -> str:
    return "_".join(filter(None, ("ETL", of, long[2:].replace("-", "_")))).upper()


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """--format and --debug, which every verb has."""
    command = option(
        "--format",
        "form",
        type=OneOf(["text", "json", "github"]),
        default="text",
        show_default=True,
        help="How problems are said.",
    )(command)
    return option("--debug", is_flag=True, expose_value=False, help="Show tracebacks of bugs.")(command)


def legible(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """What is looked for or written down is text; a file's name need not be. Raises click.BadParameter."""
    del ctx, parameter
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise click.BadParameter("it is not text in the encoding of this terminal")
    return value


def mapping_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The mapping file, always first."""
    return click.argument("mapping", type=FILE)(command)


def parameter_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--param NAME=VALUE; the environment twin of each is ETL_PARAM_NAME."""
    return named_option("--param", "params", "Value of a parameter of the mapping.")(command)


def run_date_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The run's date: today unless given."""
    return option(
        "--run-date",
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_date,
        metavar="YYYY-MM-DD",
        help="The run's date, for lookups with validity and run_date. Default: today.",
    )(command)


def institution_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--institution-file FILE: codes to check against, instead of the mapping's own file."""
    return option(
        "--institution-file",
        "institution_file",
        type=FILE,
        metavar="FILE",
        help="Institution file (etl pull) that codes are checked against.",
    )(command)


def report_option(verb: str = "") -> _Decorator:
    """--report DIR. Each verb has a folder of its own: none takes away what another has left for a person."""
    return option(
        "--report",
        "report_folder",
        type=PATH,
        metavar="DIR",
        help=f"Folder for the report. Default: {report_place('NAME', verb)}, NAME being the mapping's.",
    )


def report_place(name: str, verb: str = "") -> Path:
    """Where the report of a verb goes that was given no folder; without `verb` that of etl run."""
    return Path("etl-report") / (f"{name}-{verb}" if verb else name)


def mapping_run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--sink, --sink-option, and what a mapping is compiled with: for verbs that map a whole input, or say
    whether it could be.
    """
    for decorate in (
        run_date_option,
        parameter_option,
        institution_option,
        named_option("--sink-option", "sink_options", "An option of the sink."),
        option(
            "--sink",
            metavar="TYPE",
            help="Where documents go, instead of the mapping's sink: etl list sinks.",
        ),
    ):
        command = decorate(command)
    return command


def _pairs(values: tuple[str, ...], what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        name, sign, rest = value.partition("=")
        if not sign or not name:
            raise click.UsageError(f"{what} is written NAME=VALUE, got {value!r}")
        if name in found:
            raise click.UsageError(f"{what} {name} is given twice")
        found[name] = rest
    return found


def named_values(given: tuple[str, ...], what: str, declared: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE arguments of the option `what`, and from the environment those of `declared` that were not
    given. Raises click.UsageError.
    """
    values = _pairs(given, what)
    for name in declared:
        twin = os.environ.get(f"{_twin(what)}_{name.upper()}")
        if twin is not None:
            values.setdefault(name, twin)
    return values


def _date(ctx: click.Context, parameter: click.Parameter, value: datetime | None) -> date:
    del ctx, parameter
    return value.date() if value else datetime.now(UTC).astimezone().date()
