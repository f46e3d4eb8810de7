"""Options of verbs that speak with Alma → the options of the sink; each has an environment twin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from etl.cli.options import option
from etl.problems import Refusal

if TYPE_CHECKING:
    from etl.sinks.alma import AlmaOptions
    from etl.spec.load import Spec

_NAMES = ("region", "base_url", "key", "institution", "language")


def alma_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--region, --base-url, --key, --institution, --language."""
    named = option(
        "--institution", default="alma", show_default=True, metavar="NAME", help="Its name in the ledger."
    )
    return address_options(named(function))


def address_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--region, --base-url, --key, --language: for verbs without a ledger."""
    for decorate in (
        option("--language", type=click.Choice(["en", "sv"]), default="en", help="Language of explanations."),
        option(
            "--key", metavar="REF", help="Where the API key is: env:NAME, file:PATH or keyring:SERVICE/USER."
        ),
        option("--base-url", metavar="URL", help="Another gateway, or the simulator."),
        option("--region", type=click.Choice(["eu", "na", "ap", "aps", "ca", "cn"]), help="Alma's gateway."),
    ):
        function = decorate(function)
    return function


def sink_options(given: dict[str, Any], **more: Any) -> AlmaOptions:
    """The sink's options, checked. Raises click.UsageError; what was given as key is not repeated."""
    from etl.sinks.alma import AlmaOptions

    chosen = {name: given[name] for name in _NAMES if given.get(name) is not None}
    try:
        return AlmaOptions.model_validate({**chosen, **more})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        words = "; ".join(
            f"--{'-'.join(str(one['loc'][0]).split('_'))}: {_plain(one['msg'])}"
            if one["loc"]
            else _plain(one["msg"])
            for one in found
        )
        raise click.UsageError(words) from None


def mapping_sink(mapping: str) -> tuple[Spec, AlmaOptions, Path]:
    """The alma sink that a mapping names: the mapping, the options, the folder they are relative to.

    Raises Refusal for a mapping that cannot be read, click.UsageError for one that does not post to Alma.
    """
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
        return spec, AlmaOptions.model_validate(own), Path(mapping).parent
    except ValidationError as error:
        raise Refusal(problems_of(error, spec.tree, AlmaOptions, ("sink",))) from None


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
