"""Options of verbs that speak with Alma → the options of the sink; each has an environment twin.

A mapping's sink says all of them at once; what is typed beside it wins, what stands in the environment does
not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from pydantic import ValidationError

from etl.cli.options import option
from etl.problems import Refusal
from etl.run.places import RunPlace, lookup_files

if TYPE_CHECKING:
    from etl.sinks.alma import AlmaOptions
    from etl.spec.load import Spec

_PLACE = ("region", "base_url")
_NAMES = (*_PLACE, "key", "institution", "language", "proxy", "ca_file", "user_id_type", "ledger")


def institution_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """--institution: which of a ledger's Almas."""
    return option(
        "--institution",
        metavar="NAME",
        help="Its name in the ledger. Default: the only one there, or alma.",
    )(function)


def alma_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--institution, and those of `address_options`."""
    return address_options(institution_name(function))


def address_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--region, --base-url, --key, --proxy, --ca-file, --user-id-type, --language: for verbs without a
    ledger.
    """
    for decorate in (
        option("--language", type=click.Choice(["en", "sv"]), default="en", help="Language of explanations."),
        option("--user-id-type", metavar="TYPE", help="Type of users' identifiers. Default: any unique one."),
        option("--ca-file", type=click.Path(dir_okay=False), metavar="FILE",
               help="Certificates to trust instead of the system's."),
        option("--proxy", metavar="URL", help="Proxy on the way to Alma; the environment's is not used."),
        option(
            "--key", metavar="REF", help="Where the API key is: env:NAME, file:PATH or keyring:SERVICE/USER."
        ),
        option("--base-url", metavar="URL", help="Another gateway, or the simulator."),
        option("--region", type=click.Choice(["eu", "na", "ap", "aps", "ca", "cn"]), help="Alma's gateway."),
    ):  # fmt: skip
        function = decorate(function)
    return function


def mapping_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--mapping: instead of all the others."""
    return click.option(
        "--mapping",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Its sink says which Alma, which key and which ledger.",
    )(function)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which Alma is meant. Paths in `options` are relative to `base`; `spec` is the mapping, if one was
    given.
    """

    options: AlmaOptions
    base: Path = Path()
    spec: Spec | None = None

    @property
    def ledger(self) -> str:
        """As a path from here, or a URL."""
        named = self.options.ledger
        return named if "://" in named else str(self.base / named)

    def places(self) -> list[RunPlace]:
        """What must not be written over by somebody who asks this Alma."""
        named = [*self.spec.files, *lookup_files(self.spec)] if self.spec is not None else []
        ledger = [] if "://" in self.ledger else [RunPlace("ledger", self.ledger)]
        return [*ledger, *(RunPlace("mapping", name) for name in named)]


def chosen_alma(mapping: str | None, given: dict[str, Any], ledger: str | None = None) -> Chosen:
    """The Alma (and ledger) that a mapping or the options name.

    Raises Refusal for a mapping or ledger that cannot be read; click.UsageError for a mapping that does not
    post to Alma, for options that do not fit, and for a ledger of several Almas if none is named.
    """
    typed = {**given, "ledger": ledger}
    if mapping is None:
        name = typed.get("institution") or (only_institution(ledger) if ledger else None)
        return Chosen(_options({**typed, "institution": name}))
    found = _of_mapping(mapping)
    context = click.get_current_context()
    beside = {
        name: typed[name]
        for name in _NAMES
        if typed.get(name) is not None and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if not beside:
        return found
    own = found.options.model_dump(exclude_unset=True)
    if beside.keys() & set(_PLACE):
        own = {name: value for name, value in own.items() if name not in _PLACE}
    return Chosen(
        _options({**own, **type(found.options).given_in(Path.cwd(), beside)}), found.base, found.spec
    )


def only_institution(ledger: str) -> str | None:
    """The institution of a ledger that has orders of one only; None for an empty one, or none at all.

    Raises click.UsageError for a ledger of several: orders in doubt at one would not be seen at another.
    """
    from etl.ledger.database import open_database
    from etl.ledger.find import institutions

    if "://" not in ledger and not Path(ledger).is_file():
        return None
    engine = open_database(ledger, Path(), to_read=True)
    try:
        names = institutions(engine)
    finally:
        engine.dispose()
    if len(names) > 1:
        raise click.UsageError(
            f'the ledger "{ledger}" has orders of {", ".join(names)}: say --institution or --mapping'
        )
    return names[0] if names else None


# --------------------------------------------------------------------------------------------- inside


def _options(given: dict[str, Any]) -> AlmaOptions:
    """The sink's options, checked. Raises click.UsageError; what was given as key is not repeated."""
    from etl.sinks.alma import AlmaOptions

    if not given.get("key"):
        raise click.UsageError(
            "--key says where the API key is: env:NAME, file:PATH or keyring:SERVICE/USER; or give --mapping"
        )
    known = {name: value for name, value in given.items() if name in AlmaOptions.model_fields}
    try:
        return AlmaOptions.model_validate({name: one for name, one in known.items() if one is not None})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        words = "; ".join(
            f"--{'-'.join(str(one['loc'][0]).split('_'))}: {_plain(one['msg'])}"
            if one["loc"]
            else _plain(one["msg"])
            for one in found
        )
        raise click.UsageError(words) from None


def _of_mapping(mapping: str) -> Chosen:
    from etl.sinks.alma import AlmaOptions
    from etl.spec.load import load, plain, problems_of
    from etl.yaml_tree import Mapping

    spec = load(mapping)
    section = spec.tree.items.get("sink")
    own: dict[str, Any] = plain(section) if isinstance(section, Mapping) else {}
    if own.pop("type", None) != "alma":
        raise click.UsageError(
            f"{mapping} has no sink of type alma: say --ledger, --key and --region instead"
        )
    try:
        return Chosen(AlmaOptions.model_validate(own), Path(mapping).parent, spec)
    except ValidationError as error:
        raise Refusal(problems_of(error, spec.tree, AlmaOptions, ("sink",))) from None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
