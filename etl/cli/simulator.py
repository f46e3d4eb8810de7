"""etl simulator → a server that behaves like Alma's order API, for rehearsals and demonstrations."""

from __future__ import annotations

import ipaddress
from functools import partial
from pathlib import Path

import click

from etl.cli.options import PATH, option
from etl.cli.output import Output

_option = partial(option, of="simulator")
_FAULTS = (
    "Faults by seed: seed=7,rate=0.2,kinds=429+cut-after,methods=POST. Kinds: etl simulator --list-faults."
)


@click.command(
    "simulator", epilog="The key is simulator-key. Nothing is ordered anywhere; see docs/simulator.md."
)
@_option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8808,
    show_default=True,
    help="Port to listen on; 0: a free one.",
)
@_option("--host", default="127.0.0.1", show_default=True, help="Interface to listen on.")
@_option(
    "--allow-host",
    "others",
    multiple=True,
    metavar="NAME",
    help="Also answer requests that call it so. Default: localhost and the address it listens on.",
)
@_option(
    "--institution",
    type=PATH,
    metavar="FILE",
    help="Libraries, vendors, funds, users. Default: an invented one.",
)
@_option(
    "--state",
    type=PATH,
    metavar="FILE",
    help="Keep orders in this SQLite file. Default: memory.",
)
@_option("--faults", metavar="PLAN", help=_FAULTS)
@_option(
    "--limit-per-second",
    default="50",
    metavar="N|none",
    show_default=True,
    help="Calls a second before HTTP 429.",
)
@_option(
    "--limit-per-minute",
    default="1500",
    metavar="N|none",
    show_default=True,
    help="Calls a minute before HTTP 429.",
)
@_option(
    "--limit-per-day",
    default="500000",
    metavar="N|none",
    show_default=True,
    help="Budget behind X-Exl-Api-Remaining.",
)
@_option(
    "--speed",
    type=click.FloatRange(0.001, 1e9),
    default=1.0,
    show_default=True,
    help="How many times as fast reviews and lists come.",
)
@_option(
    "--all-refusals",
    is_flag=True,
    help="Answer all that is wrong with an order at once. Default: the first of it, as Alma does.",
)
@_option("--print-institution", is_flag=True, help="Print the default institution file, to copy and change.")
@_option("--list-faults", is_flag=True, help="Print the kinds of faults.")
@option("--debug", is_flag=True, expose_value=False, help="Show tracebacks of bugs.")
def command(
    port: int,
    host: str,
    others: tuple[str, ...],
    institution: Path | None,
    state: Path | None,
    faults: str | None,
    limit_per_second: str,
    limit_per_minute: str,
    limit_per_day: str,
    speed: float,
    all_refusals: bool,
    print_institution: bool,
    list_faults: bool,
) -> int:
    """Serve an Alma to rehearse with. Prints its address; the same address shows a page in a browser."""
    _need_server()
    from etl.simulator import BadInstitution, Limits, Settings, Simulator, Timing, load_institution
    from etl.simulator.faults import KINDS, parse_faults
    from etl.simulator.hosts import names_of
    from etl.simulator.institution import shipped_text

    if print_institution:
        Output("text").data(*shipped_text().splitlines())
        return 0
    if list_faults:
        Output("text").data(*(f"{kind:20} {meaning}" for kind, meaning in KINDS.items()))
        return 0
    try:
        hosts = names_of(host, others)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow-host") from None
    try:
        settings = Settings(
            institution=load_institution(institution),
            state=state,
            limits=Limits(_limit(limit_per_second), _limit(limit_per_minute), _limit(limit_per_day)),
            timing=Timing().faster(speed),
            faults=parse_faults(faults) if faults else None,
            all_refusals=all_refusals,
            hosts=hosts,
        )
    except BadInstitution as error:
        raise click.ClickException(str(error)) from None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None
    return _serve(Simulator, settings, host, port)


def _serve(simulator: type, settings: object, host: str, port: int) -> int:
    import sqlite3

    from etl.simulator.serve import bound, serve

    try:
        app = simulator(settings)
    except sqlite3.Error as error:
        raise click.ClickException(f"--state: not a state file of the simulator: {error}") from None
    try:
        listener, url = bound(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host} port {port}: {error.strerror or error}"
        ) from None
    output = Output("text")
    if not _loopback(host):
        output.say(
            f"warning: {host} is open to others on the network; the simulator has no secrets and keeps none"
        )
    output.data(url)
    output.say("an Alma simulator; key: simulator-key; Ctrl-C ends it")
    serve(app, listener)
    return 0


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _limit(word: str) -> int | None:
    if word.lower() == "none":
        return None
    if word.isascii() and word.isdigit() and int(word) > 0:
        return int(word)
    raise click.BadParameter(f'a limit is a whole number above 0 or "none", not "{word}"')


def _need_server() -> None:
    try:
        import uvicorn  # noqa: F401
    except ImportError:
        raise click.ClickException(
            "the simulator needs uvicorn: pip install 'alma-orderdesk[simulator]'"
        ) from None
