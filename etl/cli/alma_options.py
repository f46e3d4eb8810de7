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

from etl.cli.options import FILE, OneOf, option
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
        option("--language", type=OneOf(["en", "sv"]), default="en", help="Language of explanations."),
        option("--user-id-type", metavar="TYPE", help="Type of users' identifiers. Default: any unique one."),
        option("--ca-file", type=FILE, metavar="FILE",
               help="Certificates to trust instead of the system's."),
        option("--proxy", metavar="URL", help="Proxy on the way to Alma; the environment's is not used."),
        option(
            "--key", metavar="REF", help="Where the API key is: env:NAME, file:PATH or keyring:SERVICE/USER."
        ),
        option("--base-url", metavar="URL", help="Another gateway, or the simulator."),
        option("--region", type=OneOf(["eu", "na", "ap", "aps", "ca", "cn"]), help="Alma's gateway."),
    ):  # fmt: skip
        function = decorate(function)
    return function


def mapping_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--mapping: instead of all the others."""
    return option(
        "--mapping",
        type=FILE,
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

    @property
    def shown(self) -> str:
        """The same in messages: without a password."""
        from etl.ledger.database import shown_location

        return shown_location(self.options.ledger, self.base)

    def places(self) -> list[RunPlace]:
        """What must not be written over by somebody who asks this Alma."""
        named = [*self.spec.files, *lookup_files(self.spec)] if self.spec is not None else []
        ledger = [] if "://" in self.ledger else [RunPlace("ledger", self.ledger)]
        return [*ledger, *(RunPlace("mapping", name) for name in named)]


def chosen_alma(mapping: str | None, given: dict[str, Any], ledger: str | None = None) -> Chosen:
    """The Alma (and ledger) that a mapping or the options name.

    Raises Refusal for a mapping or ledger that cannot be read, and for options that do not fit;
    click.UsageError for a mapping that does not post to Alma, and for a ledger of several Almas if none is
    named.
    """
    typed = {**given, "ledger": ledger}
    if mapping is None:
        name = typed.get("institution") or (only_institution(ledger) if ledger else None)
        return Chosen(_options({}, {**typed, "institution": name}))
    spec, own = _of_mapping(mapping)
    context = click.get_current_context()
    beside = {
        name: typed[name]
        for name in _NAMES
        if typed.get(name) is not None and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    if beside.keys() & set(_PLACE):
        own = {name: value for name, value in own.items() if name not in _PLACE}
    from etl.sinks.alma import AlmaOptions

    return Chosen(_options(own, AlmaOptions.given_in(Path.cwd(), beside), spec), Path(mapping).parent, spec)


def only_institution(ledger: str) -> str | None:
    """The institution of a ledger that has orders of one only; None for an empty one, or none at all.

    Raises click.UsageError for a ledger of several: orders in doubt at one would not be seen at another.
    """
    from etl.ledger.database import is_there, open_database
    from etl.ledger.find import institutions

    if not is_there(ledger, Path()):
        return None
    engine = open_database(ledger, Path(), to_read=True, make=False)
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


def _options(own: dict[str, Any], typed: dict[str, Any], spec: Spec | None = None) -> AlmaOptions:
    """The sink's options, of a mapping and of the command line. Raises Refusal."""
    from etl.sinks.alma import AlmaOptions
    from etl.spec.misfits import Typed, fitted

    given = {name: one for name, one in typed.items() if name in AlmaOptions.model_fields and one is not None}
    flags = Typed(given, whole="the command line", flag=lambda name: f"--{name.replace('_', '-')}")
    return fitted(AlmaOptions, own, spec.tree if spec else None, ("sink",), flags)


def _of_mapping(mapping: str) -> tuple[Spec, dict[str, Any]]:
    """A mapping, and what its sink says."""
    from etl.spec.load import load, plain
    from etl.yaml_tree import Mapping

    spec = load(mapping)
    section = spec.tree.items.get("sink")
    own: dict[str, Any] = plain(section) if isinstance(section, Mapping) else {}
    kind = own.pop("type", None)
    if kind == "alma":
        return spec, own
    if kind is None or "ledger" not in click.get_current_context().params:
        raise click.UsageError(
            f"{mapping} has no sink of type alma: say --ledger, --key and --region instead"
        )
    raise click.UsageError(
        f"{mapping} delivers by the sink {kind}, and posts nothing to Alma: what waits there is let go with "
        f"etl ledger release ID, and then delivered by etl ledger reprocess {mapping} or the next run of its "
        "file; name its ledger with --ledger instead of --mapping"
    )
